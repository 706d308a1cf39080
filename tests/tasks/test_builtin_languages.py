"""The built-in tasks in Python and TypeScript: how they are written, and that references pass and stubs do not."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from rlcf.errors import DataError, SandboxUnavailable
from rlcf.languages.base import CHECKING, RUNNING
from rlcf.languages.registry import load_language
from rlcf.records import Program, Task
from rlcf.tasks.builtin import load_builtin, parse_tasks
from tests.languages.installed import require

PYTHON, TYPESCRIPT = load_builtin("builtin:python"), load_builtin("builtin:typescript")


def test_a_task_in_python_is_a_function_and_a_test_that_calls_its_checks() -> None:
    (task,) = parse_tasks(
        '#### task: half; family: x; split: train\ndef half(n: int) -> int:\n    """Returns a half."""\n'
        "    #### solution\n    return n // 2\n#### test\nhalf(4) == 2\n\n",
        "x.tasks",
        "python",
    )
    assert task == Task(
        "Python/half",
        'def half(n: int) -> int:\n    """Returns a half."""\n',
        language="python",
        canonical_solution="    return n // 2\n",
        test="\n\ndef check() -> None:\n    assert half(4) == 2\n\n\ncheck()\n",
        entry_point="half",
        description="Returns a half.",
        split="train",
        source="rlcf x.tasks x",
        licence="Apache-2.0",
    )


def test_a_line_in_braces_is_a_condition_in_python_and_statements_in_typescript() -> None:
    texts = {
        "python": '#### task: a; family: x; split: train\ndef a() -> set[int]:\n    """One."""\n#### solution\n'
        "    return {1}\n#### test\n{1} == a()\n",
        "typescript": "//// task: a; family: x; split: train\n/** One. */\nfunction a(): number {\n//// solution\n"
        "    return 1;\n}\n//// test\n{ const b = a(); check(b === 1); }\n",
    }
    tests = {language: parse_tasks(text, "x.tasks", language)[0].test or "" for language, text in texts.items()}
    assert "    assert {1} == a()\n" in tests["python"]
    assert tests["typescript"].endswith("\n}\n\n{ const b = a(); check(b === 1); }\n")


@pytest.mark.parametrize(
    ("language", "text", "message"),
    [
        ("python", "def f() -> int:\n", "needs a docstring, and must end with it"),
        ("python", 'def f() -> int:\n    """One."""\n    x = 1\n', "needs a docstring, and must end with it"),
        ("typescript", "function f(): number {\n", "needs JSDoc"),
        ("typescript", "/** One. */\nfunction f(): number\n", "must end in a function's `{`"),
    ],
)
def test_a_prompt_that_does_not_lead_to_a_body_is_named(language: str, text: str, message: str) -> None:
    marker = "####" if language == "python" else "////"
    task = f"{marker} task: half; family: x; split: train\n{text}{marker} solution\n1\n{marker} test\n1\n"
    with pytest.raises(DataError, match=rf"x\.tasks: the prompt of task 'half' .*{message}"):
        parse_tasks(task, "x.tasks", language)


def test_the_entry_point_is_the_function_or_method_whose_body_is_missing() -> None:
    names = {task.task_id: task.entry_point for task in PYTHON + TYPESCRIPT}
    chosen = ["Python/fine_for_loan", "Python/account_withdraw", "Python/battery_text", "TypeScript/tankFill"]
    assert [names[i] for i in chosen] == ["fine", "withdraw", "__str__", "fill"]


def test_every_reference_in_python_passes_its_test_and_an_empty_body_does_not() -> None:
    passed = [t.task_id for t in PYTHON if _passes(t, t.canonical_solution or "")]
    assert passed == [t.task_id for t in PYTHON]
    assert [t.task_id for t in PYTHON if _passes(t, _indent(t) + "pass\n")] == []


def test_every_reference_in_typescript_passes_the_strict_compiler_and_its_test(tmp_path: Path) -> None:
    tsc, node = shutil.which("tsc"), shutil.which("node")
    if tsc is None or node is None:
        pytest.skip("TypeScript's compiler is not on the path: npm install -g typescript")
    for place, task in enumerate(TYPESCRIPT):
        program = task.prompt + (task.canonical_solution or "") + (task.test or "") + "export {};\n"
        (tmp_path / f"t{place}.ts").write_text(program, encoding="utf-8")
        stub = task.prompt + "return undefined as never;\n" + "}" * (1 + task.prompt.count("class "))
        (tmp_path / f"stub{place}.ts").write_text(stub + (task.test or "") + "export {};\n", encoding="utf-8")
    options = {"strict": True, "target": "es2022", "module": "commonjs", "types": [], "outDir": "js"}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options}), encoding="utf-8")
    compiled = subprocess.run([tsc, "--project", "tsconfig.json"], cwd=tmp_path, capture_output=True, text=True)
    assert (compiled.stdout, compiled.returncode) == ("", 0)
    runs = 'for (const f of process.argv.slice(1)) { try { require("./js/" + f); console.log(f); } catch (e) {} }'
    files = sorted(f.name for f in (tmp_path / "js").glob("*.js"))
    run = subprocess.run([node, "-e", runs, *files], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [f for f in files if f.startswith("t")]


@pytest.mark.parametrize("tasks", [PYTHON, TYPESCRIPT], ids=["python", "typescript"])
def test_the_language_accepts_every_reference_finds_none_trivial_and_passes_no_stub(tasks: list[Task]) -> None:
    name = tasks[0].language
    language = load_language(name)
    require(language, CHECKING, RUNNING)
    with language.checker(workers=1) as checker:
        verdicts = checker.check_programs([Program.of(t, t.canonical_solution or "") for t in tasks])
    assert [t.task_id for t, v in zip(tasks, verdicts, strict=True) if not v.accepted] == []
    assert [t.task_id for t, v in zip(tasks, verdicts, strict=True) if v.trivial(t)] == []
    stubs = [(t, stub) for t in tasks if (stub := language.stub(t)) is not None]
    sources = [t.prompt + (t.canonical_solution or "") + (t.test or "") for t in tasks]
    try:
        with language.runner(workers=1) as runner:
            executions = runner.run(sources + [t.prompt + stub + (t.test or "") for t, stub in stubs])
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox: {error}")
    assert [(t.task_id, e) for t, e in zip(tasks, executions, strict=False) if not e.passed] == []
    assert [t.task_id for (t, _), e in zip(stubs, executions[len(tasks) :], strict=True) if e.passed] == []


def _passes(task: Task, body: str) -> bool:
    try:
        source = task.prompt + body + (task.test or "")
        exec(compile(source, task.task_id, "exec", dont_inherit=True), {"__name__": "program"})
    except (AssertionError, AttributeError, TypeError):
        return False
    return True


def _indent(task: Task) -> str:
    solution = task.canonical_solution or ""
    return solution[: len(solution) - len(solution.lstrip(" "))]
