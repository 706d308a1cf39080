"""Runs Go programs with their tests: functions `TestName(t *testing.T)`, or a function `main`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from rlcf.config.languages import GoOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.compiled import Build, CompiledRunner, Division
from rlcf.languages.go.checker import GoChecker
from rlcf.languages.go.libraries import libraries
from rlcf.languages.go.toolchain import find_go
from rlcf.languages.serving import read_rows
from rlcf.records import Diagnostic, Program, Verdict
from rlcf.workers.pool import PoolBroken, Unanswered

_TEST = re.compile(r"^(?:package \w+|func (?:main|Test\w*)\()", re.MULTILINE)
_RIGHT = {"Program": "package main\n\nfunc f() int {\n\treturn 1\n}\n", "Test": "\nfunc main() { f() }\n"}
_CHECK_TIMEOUT_S = 30.0


class GoRunner(CompiledRunner):
    """See `CompiledRunner`."""

    tool = "Go"
    suffix = ".go"
    no_memory = (b"out of memory", b"cannot allocate memory")

    def __init__(self, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.runner`."""
        super().__init__(workers, timeout_s, memory_mib, sandbox)
        go = find_go()
        self._libraries = libraries(go)
        tools = next((each for each in (go.root / "pkg" / "tool").glob("*/compile")), None)
        if tools is None:
            raise CheckerUnavailable(f"Go's compiler is not in {go.root / 'pkg' / 'tool'}")
        compiler, linker = (f"'{tools.with_name(name)}'" for name in ("compile", "link"))
        compiling, linking = (
            f"-importcfg '{config}'" for config in (self._libraries.compiling, self._libraries.linking)
        )
        shell = (
            f'{compiler} -p main -complete {compiling} -o "$0.a" -pack "$@" && {linker} {linking} -s -w -o "$0" "$0.a"'
        )
        self._build = Build(shell, (tools.parent, tools.resolve().parent, self._libraries.folder), {"HOME": "/tmp"})
        self._divider = _Divider(workers, self._libraries.packages)

    def divide(self, programs: Sequence[Program]) -> list[tuple[Verdict, Division | str]]:
        return self._divider.divide(programs)

    def build(self, is_judge: bool) -> Build:  # noqa: ARG002
        return self._build

    def with_known_test(self, source: str) -> Program:
        """The test of a plain text starts with its last package, or with the first test or `main` in it."""
        found = list(_TEST.finditer(source))
        packages = [match.start() for match in found if match[0].startswith("package")]
        tests = [match.start() for match in found if not match[0].startswith("package")]
        start = packages[-1] if len(packages) > 1 else next(iter(tests), len(source))
        return Program(source, end=start, test_start=start)

    def close(self) -> None:
        super().close()
        self._divider.close()


class _Divider(GoChecker):
    """Asks the helper for both at once: the verdict, and the two programs."""

    right = json.dumps({**_RIGHT, "Start": 0, "End": len(_RIGHT["Program"])})
    mode = "divide"

    def __init__(self, workers: int, packages: Path) -> None:
        super().__init__(workers, _CHECK_TIMEOUT_S, GoOptions(), (packages,))

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return read_rows(source, json.dumps(json.loads(answer)["Errors"]).encode(), "byte")

    def divide(self, programs: Sequence[Program]) -> list[tuple[Verdict, Division | str]]:
        """See `CompiledRunner.divide`."""
        try:
            answers = self._pool.map([_request(program) for program in programs])
        except PoolBroken as error:
            raise CheckerUnavailable(f"{self.tool} does not stay alive: {error}") from error
        return [self._division(p.source, answer) for p, answer in zip(programs, answers, strict=True)]

    def _division(self, source: str, answer: bytes | Unanswered) -> tuple[Verdict, Division | str]:
        verdict = self._verdict(source, answer)
        if isinstance(answer, Unanswered) or not verdict.accepted:
            return verdict, ""
        told = json.loads(answer)
        return verdict, told["Reason"] or Division(tuple(told["Program"]), tuple(told["Judge"]))


def _request(program: Program) -> bytes:
    """What the helper is asked; places are in bytes."""
    source, start = program.source, program.start
    test = len(source) if program.test_start is None else program.test_start
    end = test if program.end is None else min(program.end, test)
    parts = {"Program": source[:test], "Test": source[test:]}
    places = {"Start": _bytes(source[:start]), "End": _bytes(source[:end])}
    return json.dumps({**parts, **places}).encode()


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
