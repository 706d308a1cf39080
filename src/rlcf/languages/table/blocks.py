"""Where programs of a language from a table end: what opens and closes blocks, and in which order.

Unlike brackets, words that close blocks can begin alike (`END_FUNCTION`, `END_FUNCTION_BLOCK`). So a mark closes the
innermost block that it fits, with all blocks in it; one that fits none is no mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rlcf.config.language_table import LanguageTable, SyntaxTable
from rlcf.languages.syntax import Grammar, Mark, end_of_blocks, leaves, unopened
from rlcf.languages.table.patterns import search

Place = tuple[str, int, int]
"""What stands there, and where it starts and ends, in characters."""


class Blocks:
    """The blocks of a language."""

    def __init__(self, syntax: SyntaxTable, grammar: Grammar | None) -> None:
        """With a grammar, blocks are told by the types of leaves; else by the text."""
        self._syntax, self._grammar = syntax, grammar
        self._closers = {self._as_compared(opener): self._as_compared(closer) for opener, closer in syntax.blocks}
        self._words_that_close = frozenset(self._closers.values())
        self._written = {self._as_compared(opener): closer for opener, closer in syntax.blocks}
        self._pattern = _pattern(syntax)

    @property
    def end_marks(self) -> str:
        """The characters that end a block."""
        last = {closer[-1] for _, closer in self._syntax.blocks}
        return "".join(sorted({c for mark in last for c in ((mark.lower(), mark.upper()) if self._ignores else mark)}))

    def program_end(self, context: str, completion: str, suffix: str) -> int | None:
        """See `Language.program_end`."""
        begin = len(context)
        end = end_of_blocks(self._marks(context + completion), begin, unopened(self._marks(suffix)))
        return None if end is None else end - begin

    def closing(self, source: str) -> str:
        """What closes all blocks that are open at the end of a text; words with a blank before them."""
        opened: list[str] = []
        for word, _, _ in self._places(source):
            self._step(opened, word)
        closers = [self._written[opener] for opener in reversed(opened)]
        return "".join(f" {closer}" if closer[:1].isalnum() else closer for closer in closers)

    def _marks(self, text: str) -> Iterator[Mark]:
        opened: list[str] = []
        for word, start, end in self._places(text):
            opens, closed = self._step(opened, word)
            if opens:
                yield True, start, end
            for _ in range(closed):
                yield False, start, end

    def _step(self, opened: list[str], word: str) -> tuple[bool, int]:
        """Takes a mark into account: whether it opens a block, and how many it closes."""
        if word in self._words_that_close:
            for closed, opener in enumerate(reversed(opened), 1):
                if self._closers[opener] == word:
                    del opened[-closed:]
                    return False, closed
        if word in self._closers:
            opened.append(word)
            return True, 0
        return False, 0 if opened else 1  # one that was opened before the text

    def _places(self, text: str) -> Iterator[Place]:
        """Everything in a text that opens or closes a block."""
        if self._grammar is None:
            for match in self._pattern.finditer(text):
                if match["mark"] is not None:
                    yield self._as_compared(match["mark"]), match.start(), match.end()
            return
        code = text.encode("utf-8", "replace")
        words = self._words_that_close | self._closers.keys()
        at = characters = 0  # as far as they are counted, in bytes and in characters
        for leaf in leaves(self._grammar, code):
            word = self._as_compared(leaf.type)
            if word in words:
                start = characters + len(code[at : leaf.start_byte].decode("utf-8", "replace"))
                characters = start + len(code[leaf.start_byte : leaf.end_byte].decode("utf-8", "replace"))
                at = leaf.end_byte
                yield word, start, characters

    @property
    def _ignores(self) -> bool:
        return self._syntax.ignore_case and self._grammar is None

    def _as_compared(self, word: str) -> str:
        return word.upper() if self._ignores else word


def ends_before(pattern: str, completion: str, where: str) -> int | None:
    """Where the first match of a pattern begins, behind what is not blank; `None` where there is none.

    Raises:
        ConfigError: see `matches`; `where` is for its message.
    """
    begin = len(completion) - len(completion.lstrip())
    match = search(pattern, completion, where, begin)
    return match.start() if match else None


def grammar_of(table: LanguageTable) -> Grammar | None:
    """The grammar that a table names, with what it says of functions."""
    if table.syntax.grammar is None:
        return None
    module, _, function = table.syntax.grammar.partition(":")
    facts = table.facts
    told = facts.model_dump() if facts is not None else dict.fromkeys(("functions", "statements"), frozenset())
    others = ("control", "chained", "identifiers", "calls", "assignments", "returns", "literals", "throws")
    openers, closers = (frozenset(pair[side] for pair in table.syntax.blocks) for side in (0, 1))
    return Grammar(
        **{**dict.fromkeys(others, frozenset()), **told},
        module=module,
        function=function or "language",
        opening=openers,
        closing=closers,
    )


def _pattern(syntax: SyntaxTable) -> re.Pattern[str]:
    """Finds comments and texts, and marks outside of them as the group `mark`."""
    parts = []  # none of them can fail behind its first mark, so the time is linear, whatever the text is
    for begin, end in syntax.comments:
        until = r"(?=[\r\n]|\Z)" if end == "\n" else rf"(?:{re.escape(end)}|\Z)"
        parts.append(f"{re.escape(begin)}.*?{until}")
    escape = re.escape(syntax.escape)
    for quote in map(re.escape, syntax.quotes):
        escaped = rf"{escape}[^\r\n]|" if escape else ""
        parts.append(rf"{quote}(?:{escaped}(?!{quote})[^\r\n])*{quote}?")
    marks = sorted({mark for pair in syntax.blocks for mark in pair}, key=len, reverse=True)
    parts.append(f"(?P<mark>{'|'.join(map(_whole, marks))})" if marks else "(?P<mark>(?!))")
    return re.compile("|".join(parts), re.DOTALL | (re.IGNORECASE if syntax.ignore_case else 0))


def _whole(mark: str) -> str:
    """A mark; a word does not count as a part of another one."""
    before = r"(?<!\w)" if mark[0].isalnum() or mark[0] == "_" else ""
    after = r"(?!\w)" if mark[-1].isalnum() or mark[-1] == "_" else ""
    return f"{before}{re.escape(mark)}{after}"
