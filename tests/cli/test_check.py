"""`rlcf check` and `rlcf doctor` as a person types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from rlcf.tasks.builtin import load_builtin

GOOD = "class A { int f() { return 1; } }\n"
BAD = "class A {\n\tint f() { return x; }\n}\n"


def rlcf(
    *arguments: str, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rlcf.cli.main", *arguments]
    env = {**os.environ, **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=cwd, env=env, check=False)


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.java").write_text(text, encoding="utf-8", newline="")


@pytest.mark.usefixtures("jdk")
def test_check_prints_a_line_per_program_in_order_with_a_caret_under_the_place(tmp_path: Path) -> None:
    write(tmp_path, Good=GOOD, Bad=BAD)
    result = rlcf("check", "Bad.java", "Good.java", cwd=tmp_path)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "Bad.java: rejected"
    assert lines[1].startswith("  2:19 error: cannot find symbol")
    assert lines[2].index("x;") == lines[3].index("^")
    assert lines[-1] == "Good.java: accepted"


@pytest.mark.usefixtures("jdk")
def test_a_folder_stands_for_the_source_files_in_it_in_sorted_order(tmp_path: Path) -> None:
    (tmp_path / "p" / "q").mkdir(parents=True)
    (tmp_path / "p" / "package.java").mkdir()
    write(tmp_path / "p", B=BAD, A=GOOD)
    write(tmp_path / "p" / "q", C=GOOD)
    (tmp_path / "p" / "notes.txt").write_text("no Java", encoding="utf-8")
    for arguments in (["p"], ["--language", "java", "p"]):
        result = rlcf("check", *arguments, cwd=tmp_path)
        heads = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
        assert heads == ["p/A.java: accepted", "p/B.java: rejected", "p/q/C.java: accepted"]
        assert result.returncode == 1


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
def test_a_completion_is_checked_between_its_prefix_and_its_suffix(tmp_path: Path) -> None:
    task = {
        "task_id": "t",
        "prompt": "the sum",
        "prefix": "class A { int f(int a) {\n",
        "suffix": "\n} }\r\nclass B { }",
    }
    rows = [{"task_id": "t", "completion": text} for text in ("return a;", "return b;", "return a")]
    (tmp_path / "t.jsonl").write_text(json.dumps(task), encoding="utf-8")
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    printed = rlcf("check", "--tasks", "t.jsonl", "--json", "s.jsonl", cwd=tmp_path).stdout
    first, second, third = (json.loads(line) for line in printed.splitlines())
    assert [row["status"] for row in (first, second, third)] == ["accepted", "rejected", "rejected"]
    assert second["diagnostics"][0]["in_completion"] == {"line": 1, "column": 8, "offset": 7}
    assert third["diagnostics"][0]["in_completion"] == {"line": 1, "column": 9, "offset": 8}  # right after its end


@pytest.mark.usefixtures("jdk")
def test_offsets_count_every_character_of_the_file_also_at_line_ends_of_two(tmp_path: Path) -> None:
    source = "class A {\r\n  // é\r\n  int f() { return x; }\r\n}\r\n"
    write(tmp_path, A=source)
    row = json.loads(rlcf("check", "--json", "A.java", cwd=tmp_path).stdout)
    [diagnostic] = row["diagnostics"]
    assert (diagnostic["line"], diagnostic["column"]) == (3, 20)
    assert source[diagnostic["offset"]] == "x"


@pytest.mark.usefixtures("jdk")
def test_names_ids_and_diagnostics_cannot_steer_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\u202e"
    name = f"{evil}.java"
    (tmp_path / name).write_text(f"class A {{ int f() {{ return x{evil}; }} }} class \u202e {{ }}", encoding="utf-8")
    (tmp_path / "t.jsonl").write_text(json.dumps({"task_id": evil, "prompt": "class A {"}), encoding="utf-8")
    (tmp_path / "s.jsonl").write_text(json.dumps({"task_id": evil, "completion": "int\x9b1m"}), encoding="utf-8")
    result = rlcf("check", "--tasks", "t.jsonl", name, "s.jsonl", cwd=tmp_path)
    assert result.returncode == 1
    assert r"\x1b]0;owned\x07\u202e.java: rejected" in result.stdout
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(result.stdout + result.stderr)


@pytest.mark.usefixtures("jdk")
def test_check_takes_a_program_for_a_part_of_the_project_named(tmp_path: Path) -> None:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    write(tmp_path / "src" / "shop", Item="package shop; public class Item { }")
    write(tmp_path, Use="class Use { shop.Item item; }")
    assert rlcf("check", "Use.java", cwd=tmp_path).returncode == 1
    assert rlcf("check", "--source-path", "src", "--release", "17", "Use.java", cwd=tmp_path).returncode == 0
    missing = rlcf("check", "--class-path", "no.jar", "Use.java", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "rlcf: no such file or folder on the class path: no.jar\n")


@pytest.mark.usefixtures("jdk")
def test_a_long_line_is_shown_around_the_place_of_its_error(tmp_path: Path) -> None:
    write(tmp_path, Long='class A { String s = "\x1b"; int a = ' + "1 + " * 500 + "x; }")
    printed = rlcf("check", "Long.java", cwd=tmp_path).stdout
    _, _, shown, under = printed.splitlines()
    assert max(len(shown), len(under)) < 200
    assert shown[under.index("^")] == "x"


@pytest.mark.usefixtures("jdk")
def test_the_caret_stands_below_the_place_also_after_wide_characters(tmp_path: Path) -> None:
    write(tmp_path, Wide='class A { String s = "日本"; int a = x; }')
    _, _, shown, under = rlcf("check", "Wide.java", cwd=tmp_path).stdout.splitlines()
    assert len(under) - 1 == shown.index("x;") + 2  # two characters before it are two columns wide


@pytest.mark.usefixtures("jdk")
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, É='class A { String s = "日本"; int a = x; }')
    ascii_only = rlcf("check", "É.java", cwd=tmp_path, environment={"PYTHONIOENCODING": "ascii"})
    assert (ascii_only.returncode, ascii_only.stderr) == (1, "")
    assert ascii_only.stdout.startswith(r"\xc9.java: rejected")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "rlcf.cli.main", "check", "É.java"]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, text=True, check=False)
    assert (result.returncode, result.stderr) == (3, "rlcf: [Errno 28] No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.java"], "cannot read nowhere.java: No such file or directory"),
        (["n" * 300 + ".java"], "File name too long"),
        (["folder.java"], "no source file in the folder folder.java: expected names that end in .c or .cpp"),
        (["broken"], "cannot read broken/A.java: No such file or directory"),
        (["latin.java"], "latin.java is not UTF-8 text"),
        (
            ["--release", "9" * 30, "A.java"],
            f"language.release = {'9' * 30}: input should be less than or equal to 1000",
        ),
        (["a.cobol"], "cannot tell the language of a.cobol"),
        (["java"], "cannot tell the language of java"),
        (["--language", "jawa", "a.x"], "unknown language 'jawa' (did you mean 'java'?)"),
        (["--language", "\x1b[31m", "a.x"], r"unknown language '\x1b[31m'"),
        (["samples.jsonl"], "name their tasks with --tasks"),
        (["--tasks", "deep.jsonl", "samples.jsonl"], "deep.jsonl:1: "),
        (["--tasks", "odd.jsonl", "samples.jsonl"], "unknown language 'basic'"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_code_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    write(tmp_path, A=GOOD)
    (tmp_path / "folder.java").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "A.java").symlink_to("nowhere")
    (tmp_path / "latin.java").write_bytes("class É".encode("latin-1"))
    (tmp_path / "deep.jsonl").write_text("[" * 100_000, encoding="utf-8")
    (tmp_path / "odd.jsonl").write_text('{"task_id": "t", "prompt": "10", "language": "basic"}', encoding="utf-8")
    (tmp_path / "samples.jsonl").write_text('{"task_id": "t", "completion": ""}', encoding="utf-8")
    result = rlcf("check", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("value", ["nan", "inf", "0", "1e300", "-1"])
def test_a_time_out_that_is_no_time_is_wrong_use(value: str, tmp_path: Path) -> None:
    write(tmp_path, A=GOOD)
    result = rlcf("check", "--timeout-s", value, "A.java", cwd=tmp_path)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def without(tool: str, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command on a machine without a JDK, or one without bubblewrap."""
    if tool == "sandbox":
        return rlcf(*arguments, cwd=cwd, environment={"PATH": "/nowhere"})
    code = (
        "import sys, pathlib, rlcf.languages.java.jdk as jdk\n"
        "jdk._JVM_FOLDER = pathlib.Path('/nowhere')\n"
        "from rlcf.cli.main import main\n"
        f"sys.argv = ['rlcf', *{list(arguments)!r}]\n"
        "main()\n"
    )
    env = {**os.environ, "JAVA_HOME": "", "PATH": str(cwd)}
    if bubblewrap := shutil.which("bwrap"):
        (cwd / "bwrap").symlink_to(bubblewrap)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, env=env, check=False)


def test_a_missing_jdk_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    write(tmp_path, A=GOOD)
    result = without("jdk", tmp_path, "check", "A.java")
    assert result.returncode == 3
    assert result.stderr.startswith("rlcf: no JDK found. To get one: apt install openjdk-17-jdk-headless")
    assert len(result.stderr.splitlines()) == 1


def test_doctor_says_in_json_what_is_there() -> None:
    result = rlcf("doctor", "--json")
    report = json.loads(result.stdout)
    assert {f["name"] for f in report["findings"]} >= {"python", "jdk", "sandbox", "torch", "model", "encoder"}
    assert {f["name"] for f in report["findings"] if not f["required"]} == {"accelerator", "encoder"}
    assert (result.returncode == 0) == report["ready"]


def test_doctor_requires_of_a_language_only_what_checking_needs(tmp_path: Path) -> None:
    for name, checking, running in (("sandbox", True, False), ("jdk", False, True)):
        result = without(name, tmp_path, "doctor", "--language", "java", "--json")
        report = json.loads(result.stdout)
        assert {f["name"] for f in report["findings"]} == {"jdk", "sandbox"}
        assert (result.returncode == 0) is checking is report["ready"] is report["ready_for"]["checking"]
        if not running or shutil.which("bwrap"):
            assert report["ready_for"]["running tests"] is running
    assert "Not ready for: running tests." in without("sandbox", tmp_path, "doctor", "--language", "java").stdout


def test_doctor_wants_for_the_demo_what_the_demo_needs(tmp_path: Path) -> None:
    result = without("sandbox", tmp_path, "doctor")
    assert result.returncode == 3
    assert "MISSING sandbox" in result.stdout
    assert "Not ready for `rlcf demo`. Not ready for: running tests" in result.stdout
