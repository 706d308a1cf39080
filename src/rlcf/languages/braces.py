"""What languages have in common whose blocks stand in braces: where a program ends, what closes it, and a stub."""

from __future__ import annotations

from typing import ClassVar

from rlcf.languages.base import Language
from rlcf.languages.syntax import Grammar, MissingGrammar, block_end, open_blocks
from rlcf.records import Task


class BraceLanguage(Language):
    """Told by the language's grammar. Where its package is not installed, nothing of it is known."""

    grammar: Grammar
    end_marks = "}"
    stub_body: ClassVar[str] = 'throw new Error("not implemented");'
    """A statement that ends a function with an error."""

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        """See `Language.program_end`."""
        try:
            return block_end(self.grammar, context, completion, suffix)
        except MissingGrammar:
            return None

    def closing(self, source: str) -> str:
        """See `Language.closing`."""
        try:
            return "}" * open_blocks(self.grammar, source)
        except MissingGrammar:
            return ""

    def stub(self, task: Task) -> str | None:
        """A body that throws an error; `None` where the task opens no block."""
        try:
            blocks = open_blocks(self.grammar, task.context, task.suffix)
        except MissingGrammar:
            return None
        return f"\n    {self.stub_body}\n{'}' * blocks}\n" if blocks or task.suffix else None
