"""A child that checks SystemVerilog with slang, through its Python package: parses, elaborates and analyses a text.

slang calls itself a complete front end of IEEE 1800-2023. Nothing of one program is left for the next: each has objects
of its own. After the start no file can be opened: the headers of the include path have been read before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyslang
from pyslang.analysis import AnalysisManager
from pyslang.ast import Compilation
from pyslang.driver import Driver
from pyslang.syntax import SyntaxTree

from rlcf.languages.serving import Row, renounce, serve
from rlcf.records import Severity

_MEMORY_MIB = 2048
_MOST_ROWS = 100
_CANNOT_INCLUDE = "CouldNotOpenIncludeFile"
_SEVERITIES: dict[Any, Severity] = {
    pyslang.DiagnosticSeverity.Error: "error",
    pyslang.DiagnosticSeverity.Fatal: "error",
    pyslang.DiagnosticSeverity.Warning: "warning",
}


def main() -> None:
    """The argument is a JSON object with the members of `SystemVerilogOptions`."""
    slang = Slang(**json.loads(sys.argv[1]))
    slang.diagnose("module m; endmodule\n")  # loads what is loaded late
    renounce(_MEMORY_MIB)
    serve(slang.diagnose)


class Slang:
    """The compiler with the options of its command line, and headers in memory."""

    def __init__(
        self, include_path: Sequence[str], defines: Sequence[str], top: str | None, implicit_nets: bool
    ) -> None:
        self._driver = Driver()
        self._driver.addStandardArgs()
        command = ["slang", *([] if implicit_nets else ["-Werror=implicit-net"]), *(["--top", top] if top else [])]
        if not self._driver.parseCommandLine(" ".join(command)):
            raise RuntimeError("slang does not know its own options")
        self._driver.processOptions(False)  # which diagnostics are errors is what the command `slang` says
        self._severities: dict[Any, Severity | None] = {}
        self._headers = dict(_headers(include_path))
        self._bag = self._driver.createOptionBag()
        preprocessor = self._bag.preprocessorOptions
        preprocessor.additionalIncludePaths = [str(Path(path).resolve()) for path in include_path]
        preprocessor.predefines = list(defines)
        self._bag.preprocessorOptions = preprocessor

    def diagnose(self, source: str) -> list[Row]:
        """Rows with places in bytes, in the compiler's order; what it would not show is left out."""
        manager = pyslang.SourceManager()
        if "`include" in source:
            for path, text in self._headers.items():
                manager.assignText(path, text)
        buffer = manager.assignText("program.sv", source)
        compilation = Compilation(self._bag)
        compilation.addSyntaxTree(SyntaxTree.fromBuffer(buffer, manager, self._bag))
        rows = list(self._rows(compilation.getAllDiagnostics(), manager, buffer.id))
        if not any(row[1] == "error" for row in rows):  # else there may be nothing to analyse
            analysis = AnalysisManager()
            analysis.analyze(compilation)
            rows += self._rows(analysis.getDiagnostics(), manager, buffer.id)
        return rows

    def _rows(self, diagnostics: Iterable[Any], manager: Any, program: Any) -> Iterator[Row]:
        left: dict[Severity, int] = {"error": _MOST_ROWS, "warning": _MOST_ROWS}
        engine, seen = None, set()
        for diagnostic in diagnostics:
            severity = self._severity(diagnostic.code)
            if severity is None or left[severity] == 0:
                continue
            engine = engine or pyslang.DiagnosticEngine(manager)
            code = str(diagnostic.code).removeprefix("DiagCode(").removesuffix(")")
            message = engine.formatMessage(diagnostic)
            if code == _CANNOT_INCLUDE:  # what is on this machine is not to be told
                message = message.rpartition(":")[0] + ": not on the include path"
            row: Row = (code, severity, message, _offset(diagnostic.location, manager, program))
            if row not in seen:  # the same place in another instance of a module
                left[severity] -= 1
                seen.add(row)
                yield row

    def _severity(self, code: Any) -> Severity | None:
        if code not in self._severities:
            told = self._driver.diagEngine.getSeverity(code, pyslang.SourceLocation())
            self._severities[code] = _SEVERITIES.get(told)
        return self._severities[code]


def _headers(include_path: Sequence[str]) -> Mapping[str, str]:
    """The files below the include path by their whole names, without links."""
    files = (file for folder in include_path for file in sorted(Path(folder).resolve().rglob("*")) if file.is_file())
    return {str(file.resolve()): file.read_text("utf-8", errors="replace") for file in files}


def _offset(location: Any, manager: Any, program: Any) -> int | None:
    """Where a diagnostic is shown, in bytes of the program: not in a macro but where it is used, not in a header but
    where it is included."""
    while True:
        if manager.isMacroLoc(location):
            argument = manager.isMacroArgLoc(location)
            location = manager.getOriginalLoc(location) if argument else manager.getExpansionLoc(location)
        elif location.buffer == program:
            return int(location.offset)
        elif manager.isIncludedFileLoc(location):
            location = manager.getIncludedFrom(location.buffer)
        else:
            return None


if __name__ == "__main__":
    main()
