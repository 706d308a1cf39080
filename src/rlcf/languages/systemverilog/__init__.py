"""SystemVerilog: checked by slang, which parses, elaborates and analyses."""

from __future__ import annotations

from rlcf.config.languages import LanguageOptions, SystemVerilogOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import RUNNING, Checker, Language, Requirement, Runner, options_as
from rlcf.languages.packages import Package
from rlcf.languages.systemverilog import ends
from rlcf.languages.systemverilog.tokens import PROSE
from rlcf.languages.written import without_prose
from rlcf.records import Task

PACKAGE = Package("pyslang", oldest=(12,))


class SystemVerilog(Language):
    """IEEE 1800-2023, Verilog included; one design for each program."""

    name = "systemverilog"
    suffixes = (".sv", ".v", ".svh", ".vh")
    fence_labels = ("systemverilog", "verilog", "sv", "v")
    options_type = SystemVerilogOptions
    end_marks = ""

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.systemverilog.checker import SystemVerilogChecker

        PACKAGE.require("SystemVerilog")
        return SystemVerilogChecker(workers, timeout_s, options_as(SystemVerilogOptions, options))

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.systemverilog.runner import SystemVerilogRunner

        checker = self.checker(workers, max(timeout_s, 10.0), SystemVerilogOptions(implicit_nets=True))
        try:
            return SystemVerilogRunner(checker, workers, timeout_s, memory_mib, sandbox)
        except BaseException:
            checker.close()
            raise

    def requirements(self) -> list[Requirement]:
        from rlcf.languages.systemverilog.simulator import REMEDY, find_simulator

        try:
            simulator = find_simulator()
            found = f"{simulator.version} in {simulator.compiler}"
        except CheckerUnavailable:
            found = None
        return [PACKAGE.requirement(), Requirement("iverilog", found, REMEDY, RUNNING)]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return ends.program_end(context, completion, suffix)

    def closing(self, source: str) -> str:
        return ends.closing(source)

    def written_code(self, task: Task, completion: str) -> str:
        end = self.program_end(task.context, completion, task.suffix)
        return without_prose(completion[:end], PROSE)

    def judged_code(self, task: Task, completion: str) -> str:
        return self.written_code(task, completion)

    def stub(self, task: Task) -> str | None:
        return ends.stub(task)
