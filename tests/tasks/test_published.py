"""Files of benchmarks as they are published: what a program is, what its test is, and in which language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcf.errors import DataError, UserError
from rlcf.evaluation.evaluate import evaluate
from rlcf.records import Completion, Program, Task
from rlcf.tasks.loading import load_completions, load_tasks, write_tasks
from tests.conftest import SHARED_DATA

MBPP = {
    "task_id": "MBPP/1",
    "language": "python",
    "prompt": 'def twice(n):\n  """\n  Write a function that doubles.\n  """\n',
    "canonical_solution": "  return 2 * n",
    "entry_point": "twice",
    "test": "\n\nMETADATA = {}\n\n\ndef check(candidate):\n\n    assert candidate(2)==4\n",
    "description": "Write a function that doubles.",
}
GO = {
    "task_id": "Go/1",
    "prompt": 'import (\n    "math"\n)\n\n// Root returns a root.\nfunc Root(x float64) float64 {\n',
    "import": 'import (\n    "math"\n)\n',
    "docstring": "// Root returns a root.\n",
    "declaration": "\nfunc Root(x  float64) float64 {\n    ",
    "canonical_solution": "    return math.Sqrt(x)\n}\n\n",
    "test_setup": 'package main\n\nimport (\n    "testing"\n)\n',
    "test": "func TestRoot(t *testing.T) {\n    if Root(4) != 2 {\n        t.Fail()\n    }\n}\n",
    "example_test": "func TestRoot(t *testing.T) {}\n",
}
RUST = {
    "task_id": "Rust/1",
    "prompt": "\n/*\n Returns the first of two.\n*/\n",
    "declaration": "\nuse std::{cmp::max, mem};\nuse rand::Rng;\nuse md5;\n\n"
    "fn first<'a>(a: &'a str, b: &'a str) -> &'a str {\n\n",
    "canonical_solution": "\n    a\n}\n",
    "test": '#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() { assert_eq!(super::first("a", "b"), "a"); }\n}\n',
    "example_test": "None",
}
VERILOG = {
    "task_id": "Prob001_inverter",
    "language": "verilog",
    "prompt": "\nBuild an inverter.\n\nmodule TopModule (\n  input a,\n  output y\n);\n\n\n",
    "ifc": "\nmodule TopModule (\n  input a,\n  output y\n);\n\n",
    "reference_module": "\nmodule RefModule (\n  input a,\n  output y\n);\n\n  assign y = ~a;\n\nendmodule\n\n",
    "test": "`timescale 1 ps/1 ps\nmodule tb();\nendmodule\n",
}


def _load(tmp_path: Path, *rows: dict[str, Any]) -> list[Task]:
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tasks = load_tasks(path)
    write_tasks(tmp_path / "again.jsonl", tasks)
    assert load_tasks(tmp_path / "again.jsonl") == tasks
    return tasks


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("verilog", "systemverilog"),
        ("Verilog", "systemverilog"),
        ("ts", "typescript"),
        ("js", "javascript"),
        ("JavaScript", "javascript"),
        ("C++", "cpp"),
        ("CPP", "cpp"),
        ("c", "c"),
        ("golang", "go"),
        ("rs", "rust"),
        ("kt", "kotlin"),
        ("Python", "python"),
        ("sql", "sql"),
        ("java", "java"),
        ("Brainfuck", "Brainfuck"),
    ],
)
def test_a_language_has_one_name_however_a_file_writes_it(tmp_path: Path, written: str, name: str) -> None:
    (task,) = _load(tmp_path, {"task_id": "a", "prompt": "x", "language": written})
    assert task.language == name
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"task_id": "a", "completion": "", "language": written}), encoding="utf-8")
    assert load_completions(samples, [task])[0].task_id == "a"


def test_a_language_that_rlcf_does_not_know_is_refused_where_programs_are_checked(tmp_path: Path) -> None:
    (task,) = _load(tmp_path, {"task_id": "a", "prompt": "x", "language": "brainfuck"})
    with pytest.raises(UserError, match="unknown language 'brainfuck'"):
        evaluate([task], [Completion("a", "+")])


def test_a_language_that_is_no_string_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":1: 'language' must be a string, found int"):
        _load(tmp_path, {"task_id": "a", "prompt": "x", "language": 3})


def test_a_check_that_a_test_in_python_only_defines_is_called(tmp_path: Path) -> None:
    (task,) = _load(tmp_path, MBPP)
    assert (task.test or "").endswith("assert candidate(2)==4\n\n\ncheck(twice)\n")
    assert _passes(task, "  return 2 * n")
    assert not _passes(task, "  return n")


def test_a_function_in_python_that_is_called_check_as_well_is_tested(tmp_path: Path) -> None:
    (task,) = _load(tmp_path, MBPP | {"entry_point": "check", "prompt": MBPP["prompt"].replace("twice", "check")})
    assert _passes(task, "  return 2 * n")
    assert not _passes(task, "  return n")


@pytest.mark.parametrize(
    "test", [MBPP["test"] + "\ncheck(twice)", "\nassert twice(2) == 4\n", "\nclass T:\n    def check(self): pass\n"]
)
def test_a_test_in_python_that_runs_by_itself_stays_as_it_is(tmp_path: Path, test: str) -> None:
    (task,) = _load(tmp_path, MBPP | {"test": test})
    assert task.test == test


def test_a_test_in_go_is_a_file_of_its_own_behind_a_program_with_its_imports(tmp_path: Path) -> None:
    (task,) = _load(tmp_path, GO)
    assert (task.language, task.entry_point, task.prompt) == ("go", "Root", GO["prompt"])
    program = Program.of(task, task.canonical_solution or "")
    assert program.source == f"package main\n\n{GO['prompt']}    return math.Sqrt(x)\n}}\n\n"
    assert task.test == f"\n{GO['test_setup']}\n{GO['test']}"


def test_a_test_in_go_gets_the_import_that_only_its_program_has(tmp_path: Path) -> None:
    (task,) = _load(tmp_path, GO | {"test": "func TestRoot(t *testing.T) { math.Abs(Root(4)) }\n"})
    assert task.test == f'\n{GO["test_setup"]}\nimport "math"\nfunc TestRoot(t *testing.T) {{ math.Abs(Root(4)) }}\n'


def test_what_only_the_test_of_a_program_in_go_imports_is_used_where_the_compiler_sees_it(tmp_path: Path) -> None:
    head, rest = 'package main\n\nimport (\n\t"sort"\n\t"encoding/json"\n)', "\n// Sorts.\nfunc made(a []int) {\n"
    row = {"task_id": "MBGP/1", "language": "go", "prompt": head + rest, "test": "func main() { json.Marshal(1) }\n"}
    (task,) = _load(tmp_path, row)
    assert (task.prompt, task.context) == (head + rest, f"{head}\nvar _ = json.Marshal\n{rest}")
    assert task.test == row["test"]


def test_a_declaration_in_rust_follows_its_comment_and_the_compiler_sees_no_crate_that_is_not_used(
    tmp_path: Path,
) -> None:
    (task,) = _load(tmp_path, RUST)
    assert (task.language, task.entry_point) == ("rust", "first")
    assert task.prompt == RUST["prompt"] + RUST["declaration"]
    assert task.context == task.prompt.replace("use rand::Rng;\nuse md5;\n", "")
    assert task.test == "\n" + RUST["test"]
    (task,) = _load(tmp_path, RUST | {"canonical_solution": "\n    md5::compute(a)\n}\n"})
    assert task.context == task.prompt.replace("use rand::Rng;\n", "")
    (task,) = _load(tmp_path, RUST | {"test": "#[test]\nfn t() { rand::random() }\n"})
    assert task.context == task.prompt.replace("use rand::Rng;\nuse md5;\n", "")
    assert task.test == "\nuse rand::Rng;\n#[test]\nfn t() { rand::random() }\n"


def test_a_prompt_that_has_its_declaration_does_not_get_it_twice(tmp_path: Path) -> None:
    header = "    public static int half(int n) {\n"
    prompt = f"class Solution {{\n    /** Returns a half. */\n{header}"
    row = {
        "task_id": "Java/1",
        "prompt": prompt,
        "declaration": f"class Solution {{\n{header}",
        "test": "class Main { }",
    }
    (task,) = _load(tmp_path, row)
    assert (task.language, task.prompt, task.prefix) == ("java", prompt, None)
    assert (task.entry_point, task.test) == ("half", "\nclass Main { }")


def test_a_module_in_systemverilog_starts_with_its_header_and_its_reference_is_that_of_the_test(tmp_path: Path) -> None:
    (task,) = _load(tmp_path, VERILOG)
    assert (task.language, task.entry_point, task.prompt) == ("systemverilog", "TopModule", VERILOG["prompt"])
    assert task.context == VERILOG["ifc"]
    assert task.canonical_solution == "\n\n  assign y = ~a;\n\nendmodule\n\n"
    assert task.test == f"\n{VERILOG['test']}\n{VERILOG['reference_module']}"


@pytest.mark.parametrize("name", ["declaration", "ifc", "reference_module", "test_setup"])
def test_a_field_of_another_type_is_an_unknown_field(tmp_path: Path, name: str) -> None:
    (task,) = _load(tmp_path, {"task_id": "a", "prompt": "x", "test": "y", name: 3})
    assert task == Task("a", "x", test="y")


@pytest.mark.parametrize(
    ("name", "language", "tasks", "references"),
    [
        ("mbjp", "java", 966, 874),
        ("mathqa-java", "java", 1883, 0),
        ("mbxp-python", "python", 974, 974),
        ("mbxp-typescript", "typescript", 968, 967),
        ("mbxp-javascript", "javascript", 966, 938),
        ("mbxp-cpp", "cpp", 848, 773),
        ("mbxp-go", "go", 939, 0),
        ("mbxp-kotlin", "kotlin", 966, 796),
        ("humaneval-x-go", "go", 164, 164),
        ("humaneval-x-rust", "rust", 164, 164),
        ("verilog-eval", "systemverilog", 156, 156),
    ],
)
def test_published_files_are_read_as_they_are(name: str, language: str, tasks: int, references: int) -> None:
    path = SHARED_DATA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"{name} is not at {path}")
    loaded = load_tasks(path)
    assert {task.language for task in loaded} == {language}
    assert (len(loaded), sum(t.canonical_solution is not None for t in loaded)) == (tasks, references)
    assert all(task.test and task.entry_point for task in loaded)


def test_references_of_mbpp_pass_the_tests_that_are_made_of_them() -> None:
    path = SHARED_DATA / "mbxp-python.jsonl"
    if not path.exists():
        pytest.skip(f"mbxp-python is not at {path}")
    passed = [_passes(task, task.canonical_solution or "") for task in load_tasks(path)[:60]]
    assert sum(passed) >= 57
    assert not any(_passes(task, "  return 'no such thing'\n") for task in load_tasks(path)[:60])


def _passes(task: Task, completion: str) -> bool:
    source = Program.of(task, completion).with_test(task.test or "").source
    try:
        exec(compile(source, task.task_id, "exec", dont_inherit=True), {"__name__": "program"})
    except Exception:
        return False
    return True
