"""Simulates SystemVerilog programs with their tests, by Icarus Verilog.

What a verdict rests on: the names in a test are drawn for each run, so a program cannot name anything of it; a program
has no system functions but those that compute or print; what the test says carries a number that no function can
read; and the test must say of the program what it says of its own reference, the number of samples included, so that
ending a simulation early gains nothing.
"""

from __future__ import annotations

import functools
import re
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from rlcf.errors import SandboxUnavailable
from rlcf.languages.base import Checker, Runner
from rlcf.languages.places import Places
from rlcf.languages.systemverilog.allowed import forbidden, has_macros, without_comments
from rlcf.languages.systemverilog.facts import facts
from rlcf.languages.systemverilog.simulator import Limits, Simulator, find_simulator
from rlcf.languages.systemverilog.testbench import NotATest, Testbench, testbench
from rlcf.records import Diagnostic, Execution, Program, Verdict
from rlcf.workers.command import Finished
from rlcf.workers.limits import require_limits
from rlcf.workers.sandbox import find_sandbox

_MIN_MEMORY_MIB = 16
_REFERENCE = Limits(60.0, 1024, sandbox=True)
_OVERHEAD_MIB = 64
_RESULT = re.compile(r"Mismatches: (\d+) in (\d+) samples")
_LAST_MODULE = re.compile(r"^[ \t]*`timescale\b", re.MULTILINE)


class SystemVerilogRunner(Runner):
    """At most `workers` programs are simulated at a time."""

    def __init__(self, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.runner`; `checker` gives the verdicts, and is closed with this."""
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        if sandbox:
            find_sandbox()
        self._checker = checker
        self._simulations = Simulations(find_simulator(), Limits(timeout_s, memory_mib + _OVERHEAD_MIB, sandbox))
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="simulate")

    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        programs = [_with_known_test(source) if isinstance(source, str) else source for source in sources]
        verdicts = self._verdicts(programs)
        ran = [
            self._threads.submit(self._simulations.run, program)
            for program, verdict in zip(programs, verdicts, strict=True)
            if verdict.accepted
        ]
        try:
            executions = iter([each.result() for each in ran])
        finally:
            for each in ran:
                each.cancel()
        return [
            replace(next(executions) if verdict.accepted else Execution.not_run(verdict), verdict=verdict)
            for verdict in verdicts
        ]

    def _verdicts(self, programs: Sequence[Program]) -> list[Verdict]:
        """Of each program behind its test, as both are simulated: a time scale holds for what follows it."""
        parts = [_parts(program) for program in programs]
        verdicts = self._checker.check([test + own for own, test in parts])
        return [_turned(verdict, own, test) for verdict, (own, test) in zip(verdicts, parts, strict=True)]

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._checker.close()


class Simulations:
    """Runs one program after the other; safe to use from several threads."""

    def __init__(self, simulator: Simulator, limits: Limits) -> None:
        self._simulator, self._limits = simulator, limits
        self._prepared = functools.lru_cache(maxsize=512)(self._prepare)

    def run(self, program: Program) -> Execution:
        """What the test says of a program."""
        text, tests = _parts(program)
        try:
            test, expected = self._prepared(tests)
            own = self._isolated(text)
        except NotATest as error:
            return Execution("error", str(error))
        if (name := forbidden(own)) is not None:
            return Execution("error", f"{name} is not allowed in a program that is simulated with a test")
        nonce, verdict = secrets.token_hex(16), secrets.token_hex(16)
        texts = {"test.sv": test.for_run(nonce, verdict), "program.sv": own}
        ready = secrets.token_hex(16)
        finished = self._simulator.run(texts, test.top(nonce), ready, self._limits)
        return self._execution(finished, ready, verdict, expected)

    def _prepare(self, text: str) -> tuple[Testbench, int]:
        """A test, and the number of samples that it takes of its own reference.

        Raises:
            NotATest: the reference does not pass.
        """
        plain, said = self._simulator.preprocess(text, self._limits.sandbox)
        if plain is None:
            raise NotATest(f"the test does not compile: {_last_line(said)}")
        test = testbench(plain)
        nonce, verdict, ready = (secrets.token_hex(16) for _ in range(3))
        limits = replace(_REFERENCE, sandbox=self._limits.sandbox)
        finished = self._simulator.run({"test.sv": test.for_reference(nonce, verdict)}, test.top(nonce), ready, limits)
        output = finished.output.decode("utf-8", "replace")
        if not finished.ready:
            raise NotATest(f"the test does not compile: {_last_line(output).replace(f'_{nonce}', '')}")
        result = _result(output, verdict)
        if result is None or result[0] != 0 or result[1] == 0:
            raise NotATest("the test's own reference does not pass")
        return test, result[1]

    def _isolated(self, text: str) -> str:
        """A program without macros and comments, as it is compiled.

        Raises:
            NotATest: its macros cannot be expanded.
        """
        if has_macros(text):
            plain, said = self._simulator.preprocess(text, self._limits.sandbox)
            if plain is None:
                raise NotATest(f"the program does not compile: {_last_line(said)}")
            text = plain
        return without_comments(text)

    def _execution(self, finished: Finished, ready: str, verdict: str, expected: int) -> Execution:
        output = finished.output.decode("utf-8", "replace")
        if not finished.ready:
            if self._limits.sandbox and "bwrap:" in output:
                raise SandboxUnavailable(f"the simulator does not start: {_last_line(output)}")
            return Execution("error", f"Icarus Verilog does not compile it: {_last_line(output)}", finished.seconds)
        result = _result(output.partition(ready)[2], verdict)
        if result is not None:
            mismatches, samples = result
            if mismatches:
                return Execution("failed", f"{mismatches} mismatches in {samples} samples", finished.seconds)
            if samples != expected:
                told = f"the simulation ended after {samples} of {expected} samples"
                return Execution("error", told, finished.seconds)
            return Execution("passed", "", finished.seconds)
        if finished.returncode is None:
            return Execution("timeout", f"still running after {self._limits.timeout_s:g} s", finished.seconds)
        if any(word in output for word in ("bad_alloc", "memory", "Memory")):
            return Execution("memory", "no memory left for the simulation", finished.seconds)
        return Execution("error", f"the simulation ended with {finished.returncode} before its test", finished.seconds)


def _parts(program: Program) -> tuple[str, str]:
    """The program and its test."""
    start = len(program.source) if program.test_start is None else program.test_start
    return program.source[:start], program.source[start:]


def _turned(verdict: Verdict, own: str, test: str) -> Verdict:
    """The verdict on a program behind its test as that on a program with its test."""
    places = Places(own + test)

    def turned(d: Diagnostic) -> Diagnostic:
        if d.offset is None:
            return d
        offset = d.offset - len(test) if d.offset >= len(test) else d.offset + len(own)
        return places.diagnostic(d.code, d.severity, d.message, offset)

    return replace(verdict, diagnostics=tuple(turned(d) for d in verdict.diagnostics), methods=facts(own + test))


def _result(output: str, verdict: str) -> tuple[int, int] | None:
    """Mismatches and samples of the last line that the test has written."""
    lines = [line for line in output.splitlines() if line.startswith(verdict)]
    found = _RESULT.search(lines[-1]) if lines else None
    return (int(found[1]), int(found[2])) if found else None


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = next((line for line in lines if "error" in line.lower() or "sorry" in line), lines[-1] if lines else "")
    return re.sub(r"^\S*/", "", told)[:300]


def _with_known_test(source: str) -> Program:
    """A program whose test begins with its last line `` `timescale``."""
    starts = [match.start() for match in _LAST_MODULE.finditer(source)]
    return Program(source, test_start=starts[-1] if starts else len(source))
