"""Verdicts on SystemVerilog programs from slang."""

from __future__ import annotations

import json

from rlcf.config.languages import SystemVerilogOptions
from rlcf.errors import UserError
from rlcf.languages.pooled import PooledChecker, without_surrogates
from rlcf.languages.serving import read_rows, start_server
from rlcf.languages.systemverilog.facts import facts
from rlcf.records import Diagnostic, MethodFacts

_SERVER = "rlcf.languages.systemverilog.server"
_LARGEST_HEADERS = 64 << 20


class SystemVerilogChecker(PooledChecker):
    """Each worker is a process with slang in it."""

    tool = "slang"
    right = "module m(input logic a, output logic b); assign b = ~a; endmodule\n"

    def __init__(self, workers: int, timeout_s: float, options: SystemVerilogOptions) -> None:
        """See `Language.checker`."""
        _require_small(options)
        self._top = options.top
        told = json.dumps(options.model_dump(mode="json", exclude={"name"}))
        super().__init__(lambda: start_server(_SERVER, told), workers, timeout_s)

    def encoded(self, source: str) -> bytes:
        return without_surrogates(source)

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return read_rows(source, answer, "byte")

    def ping_source(self) -> str:
        return self.right if self._top is None else self.right.replace("module m", f"module {self._top}")

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts(source)


def _require_small(options: SystemVerilogOptions) -> None:
    """Each worker holds all headers in memory."""
    size = 0
    for folder in options.include_path:
        if not folder.is_dir():
            raise UserError(f"no such folder on the include path: {folder}")
        size += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > _LARGEST_HEADERS:
        raise UserError(
            f"the include path holds {size >> 20} MiB, more than {_LARGEST_HEADERS >> 20}: name folders of headers only"
        )
