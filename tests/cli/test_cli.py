"""The commands as a person types them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rlcf.evaluation.evaluate import write_evaluation
from rlcf.records import Task
from rlcf.storage.atomic import write_json
from rlcf.tasks.builtin import load_builtin
from tests.evaluation.sample_rows import result as row_of

GOOD = "class A { int f() { return 1; } }\n"
GENERATE = ["generate", "--tasks", "builtin:java", "--out", "s.jsonl"]


def rlcf(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rlcf.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=cwd, check=False)


@pytest.mark.parametrize(
    "command",
    ["check", "doctor", "generate", "evaluate", "compare", "train", "report", "demo", "export", "tasks mathqa"],
)
def test_every_commands_help_shows_an_example(command: str) -> None:
    result = rlcf(*command.split(), "--help")
    assert result.returncode == 0
    assert f"Example: rlcf {command}" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["doctor"], ["check", "A.java"], ["report", "a"], ["compare", "a", "a"], ["train", "no.toml"]],
)
def test_light_commands_do_not_import_torch(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "A.java").write_text(GOOD, encoding="utf-8")
    write_evaluation(tmp_path / "a", [row_of("t", "passed")])
    code = f"""
import sys
sys.argv = ["rlcf", *{arguments!r}]
from rlcf.cli.main import main
try:
    main()
except SystemExit:
    pass
heavy = {{"torch", "transformers", "peft"}} & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy else 0)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.usefixtures("jdk")
def test_evaluate_leaves_results_and_a_summary(tmp_path: Path) -> None:
    tasks = load_builtin("builtin:java")[:3]
    rows = [{"task_id": t.task_id, "completion": t.canonical_solution} for t in tasks]
    rows.append({"task_id": tasks[0].task_id, "completion": "        return null;"})
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    result = rlcf("evaluate", "--tasks", "builtin:java", "--completions", str(samples), "--out", str(tmp_path / "out"))
    if "sandbox" in result.stderr:
        pytest.skip(result.stderr)
    assert result.returncode == 0, result.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["samples"], summary["compile_rate"]["value"]) == (4, 0.75)
    assert summary["pass@1"]["value"] == pytest.approx((0.5 + 1 + 1) / 3)  # a mean over tasks
    results = [json.loads(x) for x in (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [r["status"] for r in results] == ["passed"] * 3 + ["rejected"]
    assert "1 to 2 samples a task" in result.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert all(t.task_id in page for t in tasks)
    again = rlcf("report", str(tmp_path / "out"))
    assert (again.returncode, again.stdout) == (0, f"{tmp_path / 'out' / 'report.html'}\n")
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8") == page


@pytest.mark.usefixtures("jdk")
def test_ctrl_c_says_what_an_evaluation_keeps_and_the_same_command_goes_on(tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl").write_text('{"task_id": "t", "prompt": "class A { int f() {"}\n', encoding="utf-8")
    rows = [{"task_id": "t", "completion": f"return {n}; }} }}"} for n in range(6000)]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    arguments = ["evaluate", "--tasks", "tasks.jsonl", "--completions", "s.jsonl", "--out", "out"]
    command = [sys.executable, "-m", "rlcf.cli.main", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    results = tmp_path / "out" / "results.jsonl"
    while process.poll() is None and not (results.exists() and results.stat().st_size):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(
        r"rlcf: interrupted; (\d+) of 6000 results are kept in out; the same command goes on.*\n", errors
    )
    kept = results.read_text(encoding="utf-8")
    assert 0 < kept.count("\n") < 6000
    assert rlcf(*arguments, cwd=tmp_path).returncode == 0
    assert results.read_text(encoding="utf-8").startswith(kept)
    assert results.read_text(encoding="utf-8").count("\n") == 6000


@pytest.mark.usefixtures("jdk")
def test_evaluate_adds_the_reward_of_a_run_and_what_its_components_gave(tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl").write_text('{"task_id": "t", "prompt": "class A { int f() {"}\n', encoding="utf-8")
    rows = [{"task_id": "t", "completion": text} for text in ("return 1; } }", "return x; } }")]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    write_json(tmp_path / "run" / "judge" / "grounding.json", {"mode": "compiler"})
    arguments = ["evaluate", "--tasks", "tasks.jsonl", "--completions", "s.jsonl", "--out", "out"]
    result = rlcf(*arguments, "--grounding", "run", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "reward            0.0000" in result.stdout
    results = [json.loads(x) for x in (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(r["reward"], r["components"]) for r in results] == [(1.0, {"compiler": 1.0}), (-1.0, {"compiler": -1.0})]
    missing = rlcf(*arguments, "--grounding", "nowhere", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)


def _results(folder: Path, passed: int) -> Path:
    """Four tasks of which the first `passed` pass, and the others compile."""
    statuses = ["passed" if n < passed else "failed" for n in range(4)]
    write_evaluation(folder, [row_of(f"t{n}", status) for n, status in enumerate(statuses)])
    return folder


def test_compare_prints_both_and_the_difference_and_leaves_json_and_a_page(tmp_path: Path) -> None:
    a, b = _results(tmp_path / "a", 1), _results(tmp_path / "b", 3)
    result = rlcf("compare", str(a), str(b), "--out", str(tmp_path / "c"))
    assert result.returncode == 0, result.stderr
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert "25.0" in lines["pass@1"]
    assert "75.0" in lines["pass@1"]
    assert "+50.0 (0.0…+100.0)" in lines["pass@1"]
    assert {"Trivial", "Mean"} <= set(lines)
    comparison = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))
    assert comparison["measures"]["pass@1"]["difference"]["value"] == 0.5
    page = (tmp_path / "c" / "report.html").read_text(encoding="utf-8")
    assert rlcf("report", str(a), str(b), "--out", str(tmp_path / "again.html")).returncode == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_names_and_ids_from_outside_are_printed_as_escapes(tmp_path: Path) -> None:
    rows = [row_of("t\x1b[2J", "passed")]
    for name in ("a\x1b[31m", "b\x1b[31m"):
        write_evaluation(tmp_path / name, rows, [Task("t\x1b[2J", ""), Task("u\x1b[2J", "")])
    printed = rlcf("compare", "a\x1b[31m", "b\x1b[31m", "--out", "c\x1b[31m", cwd=tmp_path)
    printed_page = rlcf("report", "a\x1b[31m", cwd=tmp_path)
    assert (printed.returncode, printed_page.returncode) == (0, 0)
    assert "A: a\\x1b[31m" in printed.stdout
    assert "c\\x1b[31m/report.html" in printed.stdout
    assert printed_page.stdout == "a\\x1b[31m/report.html\n"
    assert "\x1b" not in printed.stdout + printed.stderr


def test_tasks_mathqa_writes_a_task_file_and_says_what_was_dropped(tmp_path: Path) -> None:
    row = {"options": "a ) 3 , b ) 5", "correct": "b", "linear_formula": "add(n0,n1)"}
    rows = [row | {"Problem": "sum of 2 and 3"}, row | {"Problem": "2 and 3 ?"}]
    (tmp_path / "dev.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "held.jsonl").write_text('{"task_id": "h", "prompt": "/** 7 and 9 ? */"}\n', encoding="utf-8")
    made = rlcf("tasks", "mathqa", "dev.json", "--without", "held.jsonl", "--out", "train.jsonl", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines() == [
        "train.jsonl: 1 tasks, 1 of them with a test, from 2 rows of dev.json",
        "dropped 1: a problem of the files to leave out, numbers aside",
    ]
    task = json.loads((tmp_path / "train.jsonl").read_text(encoding="utf-8"))
    assert (task["task_id"], task["entry_point"]) == ("dev/1", "problem")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--tasks", "builtin:java", "--out", "o"], "name either --completions FILE or --model M"),
        (["evaluate", "--tasks", "builtin:java", "--completions", "s.jsonl"], "name a folder with --out"),
        (["evaluate", "--out", "o"], "name the tasks with --tasks"),
        (["compare", "nowhere", "here"], "cannot read nowhere"),
        (["evaluate", "--compare", "a", "b"], "--compare is a command now: rlcf compare a b"),
        (["train", "nowhere.toml"], "cannot read the recipe nowhere.toml"),
        (["demo", "--set", "train.sede=1"], "did you mean 'seed'?"),
        (["report", "nowhere"], "nowhere"),
        (["tasks", "mathqa", "dev.json", "--out", "o.jsonl"], "cannot read dev.json"),
        (
            ["tasks", "mathqa", "d", "--out", "o", "--language", "go"],
            "unknown language of MathQA tasks 'go': known are",
        ),
        (["generate", "--model", "/no/model", "--tasks", "builtin:java", "--out", "s.jsonl"], "cannot load the model"),
        ([*GENERATE], "name a model with --model"),
        ([*GENERATE, "--model", "m", "--few-shot", "no.java"], "cannot read no.java: No such file"),
        ([*GENERATE, "--model", "m", "--few-shot", "/dev/null"], "the few-shot file /dev/null is empty"),
        ([*GENERATE, "--model", "m", "--few-shot", "/dev/null", "--chat"], "leave out --chat"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_code_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    result = rlcf(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["train recipes/demo.toml", "demo", "generate --model m --tasks builtin:java"])
def test_without_torch_what_needs_it_says_how_to_get_it(command: str, tmp_path: Path) -> None:
    arguments = [*command.split(), "--out", str(tmp_path / "out")]
    code = f"import sys; sys.modules['torch'] = None; sys.argv[1:] = {arguments!r}; import rlcf.cli.main as m; m.main()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=False)
    assert result.returncode == 3
    assert result.stderr == "rlcf: this command needs torch, which is not installed: pip install 'rlcf[train]'\n"
