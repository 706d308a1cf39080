"""What a warm checker is compared with: the same checker started for each program."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rlcf.config.languages import PythonOptions
from rlcf.languages.base import Language
from rlcf.languages.go.toolchain import find_go
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.kotlin.compiler import find_compiler as find_kotlin_compiler
from rlcf.languages.places import Places
from rlcf.languages.python.suppressions import without_suppressions
from rlcf.languages.python.workspace import Workspace
from rlcf.languages.registry import load_language
from rlcf.languages.typescript.checker import TypeScriptChecker
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.records import Verdict
from rlcf.storage.cache import cache_folder

TIMEOUT_S = 60.0
"""Seconds for a program: many, since the machine may be busy."""


class Answer(NamedTuple):
    """What a checker says of a program."""

    status: str
    code: str = ""
    """Of the first error, in the order of the program's text; empty where there is none."""
    offset: int | None = None
    """Of the first error, from 0, in characters."""

    def __str__(self) -> str:
        return self.status if not self.code else f"{self.status}: {self.code} at {self.offset}"


class Yardstick(NamedTuple):
    """A checker that is started for each program."""

    name: str
    ask: Callable[[str], Answer]
    """Starts it; only `Answer.status` is given by one that serves for timing alone."""


class Yardsticks(NamedTuple):
    """Those of one language."""

    equality: Yardstick
    speed: Yardstick


def answer_of(verdict: Verdict) -> Answer:
    """Status and first error of a verdict."""
    errors = [(d.offset or 0, d.code, d.offset) for d in verdict.diagnostics if d.severity == "error"]
    _, code, offset = min(errors, default=(0, "", None), key=lambda error: error[:2])
    return Answer(verdict.status, code, offset)


def yardsticks_of(name: str) -> Yardsticks:
    """Those of `YARDSTICKS`, or a fresh checker for each program."""
    if name in YARDSTICKS:
        return YARDSTICKS[name]()
    fresh = fresh_checker(load_language(name))
    return Yardsticks(fresh, fresh)


def fresh_checker(language: Language) -> Yardstick:
    """The language's own checker, with one worker, for one program."""

    def ask(source: str) -> Answer:
        with language.checker(workers=1, timeout_s=TIMEOUT_S) as checker:
            return answer_of(checker.check([source])[0])

    return Yardstick("a fresh checker", ask)


def process(command: Sequence[str], file: str, environment: Mapping[str, str] | None = None) -> Yardstick:
    """A command for timing alone: it runs in a folder with the program in `file`, and accepts by exit status 0."""

    def ask(source: str) -> Answer:
        with tempfile.TemporaryDirectory(prefix="rlcf-cold-") as folder:
            status, _ = run_on(source, command, file, Path(folder), environment)
        return Answer("accepted" if status == 0 else "rejected")

    return Yardstick(" ".join([Path(command[0]).name, *command[1:]]), ask)


def run_on(
    source: str, command: Sequence[str], file: str, folder: Path, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Exit status and standard output of a command in a folder with the program in `file`."""
    (folder / file).write_bytes(source.encode("utf-8", "replace"))
    told = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, timeout=10 * TIMEOUT_S, check=False
    )
    return told.returncode, told.stdout.decode("utf-8", "replace")


_TY_FILE = "not-a-module.py"
"""A program must not find itself on disk under the name that it has in the server."""
_TY_LINE = re.compile(rf"^{re.escape(_TY_FILE)}:(?P<line>\d+):(?P<column>\d+): error\[(?P<code>[\w-]+)\]", re.MULTILINE)


def _ty_check() -> Yardsticks:
    """`ty check`, with the settings of our server."""
    ty = str(Path(sysconfig.get_path("scripts")) / "ty")

    def ask(source: str) -> Answer:
        command, seen = [ty, "check", "--output-format", "concise", _TY_FILE], without_suppressions(source)
        with contextlib.closing(Workspace(PythonOptions())) as workspace:
            status, told = run_on(seen, command, _TY_FILE, workspace.root, workspace.environment)
        places = Places(source)
        marked = source.startswith("\ufeff")  # not counted in a file
        lines = [(int(m["line"]) - 1, int(m["column"]) - 1, m["code"]) for m in _TY_LINE.finditer(told)]
        errors = [(places.of_line(line, column + (marked and line == 0)), code) for line, column, code in lines]
        if status == 0 and not errors:
            return Answer("accepted")
        offset, code = min(errors, default=(None, f"exit status {status}"))
        return Answer("rejected", code, offset)

    yardstick = Yardstick("ty check", ask)
    return Yardsticks(yardstick, yardstick)


def _gcc(language: str, command: str, file: str) -> Yardsticks:
    """For equality libclang, started for each program; for speed gcc, which is what a user would start."""
    return Yardsticks(fresh_checker(load_language(language)), process([command, "-fsyntax-only", "-w", file], file))


def _timed(language: str, command: Sequence[str], file: str) -> Yardsticks:
    """A fresh checker, and another program for timing."""
    return Yardsticks(fresh_checker(load_language(language)), process(command, file))


def _go_build() -> Yardsticks:
    """A fresh checker, and for timing `go build`, whose cache has the standard library."""
    go = find_go()
    cache = str(cache_folder() / "go" / "build")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "GOCACHE": cache,
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    command = [str(go.command), "build", "-o", "program", "main.go"]
    return Yardsticks(fresh_checker(load_language("go")), process(command, "main.go", environment))


def _tsc(name: str) -> Yardsticks:
    """For equality a fresh language server, which gives all errors as ours does; for speed a process of `tsc`."""
    language = load_language(name)
    with language.checker(workers=1) as checker:
        assert isinstance(checker, TypeScriptChecker)
        settings = {file.name: file.read_text(encoding="utf-8") for file in checker.workspace.root.iterdir()}
    command = [str(find_compiler().program), "--project", "."]
    file = json.loads(settings["tsconfig.json"])["files"][0]

    def ask(source: str) -> Answer:
        with tempfile.TemporaryDirectory(prefix="rlcf-cold-") as folder:
            for path, text in settings.items():
                (Path(folder) / path).write_text(text, encoding="utf-8")
            status, _ = run_on(source, command, file, Path(folder), {"GOMAXPROCS": "1"})
        return Answer("accepted" if status == 0 else "rejected")

    return Yardsticks(fresh_checker(language), Yardstick("tsc", ask))


_SQL, _SV = "program.sql", "program.sv"


def _kotlinc() -> Yardsticks:
    """A fresh checker, and for timing `kotlinc`."""
    script = find_kotlin_compiler().home / "bin" / "kotlinc"
    environment = {"PATH": "/usr/bin:/bin", "JAVA_HOME": str(find_jdk().home)}
    timed = process(["bash", str(script), "-d", "classes", "program.kt"], "program.kt", environment)
    return Yardsticks(fresh_checker(load_language("kotlin")), timed)


YARDSTICKS: dict[str, Callable[[], Yardsticks]] = {
    "c": lambda: _gcc("c", "gcc", "program.c"),
    "cpp": lambda: _gcc("cpp", "g++", "program.cpp"),
    "go": _go_build,
    "kotlin": _kotlinc,
    "sql": lambda: _timed("sql", ["sqlite3", "-bail", ":memory:", f".read {_SQL}"], _SQL),
    "systemverilog": lambda: _timed(
        "systemverilog", ["iverilog", "-g2012", "-o", "design", "program.sv"], "program.sv"
    ),
    "javascript": lambda: _tsc("javascript"),
    "python": _ty_check,
    "typescript": lambda: _tsc("typescript"),
}
"""Languages for which a fresh checker for each program is not the yardstick."""
