"""The commands as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rlcf.evaluation.evaluate import write_evaluation
from rlcf.tasks.builtin import load_builtin
from tests.evaluation.sample_rows import result as row_of

GOOD = "class A { int f() { return 1; } }\n"
GENERATE = ["generate", "--tasks", "builtin:java", "--out", "s.jsonl"]
BAD = "class A {\n\tint f() { return x; }\n}\n"


def rlcf(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rlcf.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=cwd, check=False)


@pytest.mark.parametrize(
    "command", ["check", "doctor", "generate", "evaluate", "train", "report", "demo", "tasks mathqa"]
)
def test_every_commands_help_shows_an_example(command: str) -> None:
    result = rlcf(*command.split(), "--help")
    assert result.returncode == 0
    assert f"Example: rlcf {command}" in " ".join(result.stdout.split())


@pytest.mark.parametrize("arguments", [["--help"], ["doctor"], ["check", "A.java"]])
def test_light_commands_do_not_import_torch(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "A.java").write_text(GOOD, encoding="utf-8")
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
def test_check_prints_a_line_per_program_in_order_with_a_caret_under_the_place(tmp_path: Path) -> None:
    (tmp_path / "Good.java").write_text(GOOD, encoding="utf-8")
    (tmp_path / "Bad.java").write_text(BAD, encoding="utf-8")
    result = rlcf("check", "Bad.java", "Good.java", cwd=tmp_path)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "Bad.java: rejected"
    assert lines[1].startswith("  2:19 error: cannot find symbol")
    assert lines[2].index("x;") == lines[3].index("^")
    assert lines[-1] == "Good.java: accepted"


@pytest.mark.usefixtures("jdk")
def test_check_reads_completions_with_their_tasks_and_prints_json_lines(tmp_path: Path) -> None:
    task = load_builtin("builtin:java")[0]
    rows = [{"task_id": task.task_id, "completion": text} for text in (task.canonical_solution, "oops")]
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    result = rlcf("check", "--tasks", "builtin:java", "--json", str(samples))
    printed = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 1
    assert [(p["id"], p["status"]) for p in printed] == [(task.task_id, "accepted"), (task.task_id, "rejected")]
    assert printed[0]["diagnostics"] == []
    assert printed[1]["diagnostics"][0]["code"].startswith("compiler.err.")
    assert printed[1]["diagnostics"][0]["in_completion"]["line"] == 1


@pytest.mark.usefixtures("jdk")
def test_check_takes_a_program_for_a_part_of_the_project_named(tmp_path: Path) -> None:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "Item.java").write_text("package shop; public class Item { }", encoding="utf-8")
    (tmp_path / "Use.java").write_text("class Use { shop.Item item; }", encoding="utf-8")
    assert rlcf("check", "Use.java", cwd=tmp_path).returncode == 1
    assert rlcf("check", "--source-path", "src", "--release", "17", "Use.java", cwd=tmp_path).returncode == 0
    missing = rlcf("check", "--class-path", "no.jar", "Use.java", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "rlcf: no such file or folder on the class path: no.jar\n")


@pytest.mark.usefixtures("jdk")
def test_a_long_line_is_shown_around_the_place_of_its_error(tmp_path: Path) -> None:
    source = 'class A { String s = "\x1b"; int a = ' + "1 + " * 500 + "x; }"
    (tmp_path / "Long.java").write_text(source, encoding="utf-8")
    printed = rlcf("check", "Long.java", cwd=tmp_path).stdout
    _, _, shown, under = printed.splitlines()
    assert max(len(shown), len(under)) < 200
    assert shown[under.index("^")] == "x"
    assert "\x1b" not in printed


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


def _results(folder: Path, passed: int) -> Path:
    """Four tasks of which the first `passed` pass, and the others compile."""
    statuses = ["passed" if n < passed else "failed" for n in range(4)]
    write_evaluation(folder, [row_of(f"t{n}", status) for n, status in enumerate(statuses)])
    return folder


def test_compare_prints_both_and_the_difference_and_leaves_json_and_a_page(tmp_path: Path) -> None:
    a, b = _results(tmp_path / "a", 1), _results(tmp_path / "b", 3)
    result = rlcf("evaluate", "--compare", str(a), str(b), "--out", str(tmp_path / "c"))
    assert result.returncode == 0, result.stderr
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert "25.0" in lines["pass@1"]
    assert "75.0" in lines["pass@1"]
    assert "+50.0 (0.0…+100.0)" in lines["pass@1"]
    assert {"Trivial", "Length,"} <= set(lines)
    comparison = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))
    assert comparison["measures"]["pass@1"]["difference"]["value"] == 0.5
    page = (tmp_path / "c" / "report.html").read_text(encoding="utf-8")
    assert rlcf("report", str(a), str(b), "--out", str(tmp_path / "again.html")).returncode == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


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
        (["check", "nowhere.java"], "cannot read nowhere.java"),
        (["check", "a.cobol"], "cannot tell the language of a.cobol"),
        (["check", "--language", "jawa", "a.x"], "unknown language 'jawa' (did you mean 'java'?)"),
        (["check", "samples.jsonl"], "name their tasks with --tasks"),
        (["evaluate", "--tasks", "builtin:java", "--out", "o"], "name either --completions FILE or --model M"),
        (["evaluate", "--tasks", "builtin:java", "--completions", "s.jsonl"], "name a folder with --out"),
        (["evaluate", "--out", "o"], "name the tasks with --tasks"),
        (["evaluate", "--compare", "nowhere", "here"], "cannot read nowhere"),
        (["evaluate", "--compare", "a", "b", "--tasks", "builtin:java"], "leave --tasks out"),
        (["train", "nowhere.toml"], "cannot read the recipe nowhere.toml"),
        (["demo", "--set", "train.sede=1"], "did you mean 'seed'?"),
        (["report", "nowhere"], "nowhere"),
        (["tasks", "mathqa", "dev.json", "--out", "o.jsonl"], "cannot read dev.json"),
        (["generate", "--model", "/no/model", "--tasks", "builtin:java", "--out", "s.jsonl"], "cannot load the model"),
        ([*GENERATE], "name a model with --model"),
        ([*GENERATE, "--model", "m", "--few-shot", "no.java"], "cannot read the few-shot file no.java: No such file"),
        ([*GENERATE, "--model", "m", "--few-shot", "/dev/null"], "the few-shot file /dev/null is empty"),
        ([*GENERATE, "--model", "m", "--few-shot", "/dev/null", "--chat"], "leave out --chat"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_code_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    result = rlcf(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_missing_jdk_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "A.java").write_text(GOOD, encoding="utf-8")
    code = (
        "from rlcf.languages.java import jdk\n"
        "from rlcf.errors import CheckerUnavailable\n"
        "import sys\n"
        "def none(*a, **k): raise CheckerUnavailable('no JDK here: apt-get install openjdk-17-jdk-headless')\n"
        "jdk.find_jdk = none\n"
        "import rlcf.languages.java.server as server\n"
        "server.find_jdk = none\n"
        "sys.argv = ['rlcf', 'check', 'A.java']\n"
        "from rlcf.cli.main import main\n"
        "main()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False
    )
    assert result.returncode == 3, result.stderr
    assert "apt-get install openjdk-17-jdk-headless" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_doctor_says_in_json_what_is_there() -> None:
    result = rlcf("doctor", "--json")
    report = json.loads(result.stdout)
    assert {f["name"] for f in report["findings"]} >= {"python", "jdk", "sandbox", "torch", "model", "encoder"}
    assert (result.returncode == 0) == report["ready"]


def test_a_run_directory_of_another_recipe_is_not_overwritten(tmp_path: Path) -> None:
    from rlcf.cli.pipeline import open_run
    from rlcf.config import make_recipe
    from rlcf.errors import ConfigError

    open_run(tmp_path / "run", make_recipe({}), resume=False)
    with pytest.raises(ConfigError, match="holds a run already: add --resume"):
        open_run(tmp_path / "run", make_recipe({}), resume=False)
    with pytest.raises(ConfigError, match=r"another recipe \(train\.seed\)"):
        open_run(tmp_path / "run", make_recipe({}, ["train.seed=5"]), resume=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not empty and holds no run"):
        open_run(tmp_path / "other", make_recipe({}), resume=True)
