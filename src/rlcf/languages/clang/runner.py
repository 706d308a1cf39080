"""Runs programs in C and C++ with their tests: the program in one process, its test in the other.

A native program owns the memory and the registers of its process. It can overwrite the stack of whoever calls it, read
what a test expects, and make system calls by itself. So nothing can be believed that happens in its process, whatever
its text has been searched for. Therefore the test's `main` runs in another process, which is compiled from the task's
text alone (`division.py`): there the body of the function to write is a call over a pipe. What crosses are values of
the types that the function's head names, and never an address (`harness/wire.hpp`). Success is what the test's process
tells on a channel that the program's process does not have.

What this rests on:

- The two processes share no memory, and the sandbox of each shows neither the other one nor its files (`sandbox.py`).
- The test's process contains no text of the policy's. Where the policy wrote the function's head, it is written anew,
  of known types. The linker joins the test with rlcf's harness only.
- What the program sends is read as data: limited in size, a `bool` as 0 or 1, arrays into memory of the test's own.

What it costs: a test can call functions whose types can be sent. Those are numbers, texts, the containers of the
standard library, structures of such without constructors (up to eight fields), and pointers to arrays whose size is
known: of a text that ends with a zero, or where gcc can tell it at the call (`__builtin_dynamic_object_size`). Classes,
functions as arguments, and structures with pointers cannot be sent. Such a run is an `error`, whose detail says so.
"""

from __future__ import annotations

from pathlib import Path

from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import Checker
from rlcf.languages.clang.build import Builder, Uncompiled
from rlcf.languages.clang.division import Indivisible, Unit, divided, main_start
from rlcf.languages.clang.headers import COMPILERS, find_compiler
from rlcf.languages.paired import PairedRunner, sandboxed
from rlcf.records import Execution, Program

_OVERHEAD_MIB = 16


class ClangRunner(PairedRunner):
    """See `PairedRunner`."""

    tool = "the test"
    suffix = ""

    def __init__(
        self, language: str, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool
    ) -> None:
        """See `Language.runner`; `language` is `c` or `c++`.

        Raises:
            CheckerUnavailable: there is no gcc or no g++.
        """
        super().__init__(checker, workers, timeout_s, memory_mib, sandbox)
        self._language = language
        self._builder = Builder(_compiler("c"), _compiler("c++"), sandbox)

    def with_known_test(self, source: str) -> Program:
        return Program(source, test_start=main_start(self._language, source))

    def commands(self, program: Program, own: Path, test: Path) -> tuple[list[str], list[str]]:  # noqa: ARG002
        both = divided(self._language, program)
        return self._command("program", both.program), self._command("judge", both.test)

    def close(self) -> None:
        super().close()
        self._builder.close()

    def _run(self, program: Program) -> Execution:
        try:
            return super()._run(program)
        except Indivisible as reason:
            return Execution("error", f"the test cannot call the program: {reason}")
        except Uncompiled as error:
            return Execution("timeout" if error.timeout else "error", str(error))

    def _command(self, role: str, units: tuple[Unit, ...]) -> list[str]:
        file = self._builder.executable(role, units)
        memory = self._memory_mib + _OVERHEAD_MIB
        return sandboxed([str(file)], [file], memory, self._sandbox)


def _compiler(language: str) -> Path:
    name, remedy = COMPILERS[language]
    found = find_compiler(name)
    if found is None:
        raise CheckerUnavailable(f"{name} is not installed. To get it: {remedy}")
    return found
