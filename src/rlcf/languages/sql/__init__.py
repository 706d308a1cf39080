"""SQL: compiled by SQLite against the tables that a program defines."""

from __future__ import annotations

from rlcf.config.languages import LanguageOptions, SqlOptions
from rlcf.languages.base import Checker, Language, Requirement, Runner, options_as
from rlcf.languages.packages import Package
from rlcf.languages.sql import ends
from rlcf.languages.written import without_prose
from rlcf.records import Task

PACKAGE = Package("apsw", oldest=(3, 46))


class Sql(Language):
    """SQLite's dialect; the definitions and the statements that need them are one program."""

    name = "sql"
    suffixes = (".sql",)
    fence_labels = ("sql", "sqlite", "sqlite3")
    options_type = SqlOptions
    end_marks = ";"

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.sql.checker import SqlChecker

        PACKAGE.require("SQL")
        return SqlChecker(workers, timeout_s, options_as(SqlOptions, options))

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.sql.runner import SqlRunner

        checker = self.checker(workers, max(timeout_s, 10.0))
        try:
            return SqlRunner(checker, workers, timeout_s, memory_mib, sandbox)
        except BaseException:
            checker.close()
            raise

    def requirements(self) -> list[Requirement]:
        return [PACKAGE.requirement()]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return ends.program_end(context, completion, suffix)

    def closing(self, source: str) -> str:
        return ends.closing(source)

    def written_code(self, task: Task, completion: str) -> str:
        end = self.program_end(task.context, completion, task.suffix)
        return without_prose(completion[:end], ends.PROSE)

    def code_alone(self, text: str) -> str:
        return without_prose(text, ends.PROSE)

    def judged_code(self, task: Task, completion: str) -> str:
        return self.written_code(task, completion)

    def stub(self, task: Task) -> str | None:
        return ends.stub(task)
