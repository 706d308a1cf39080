"""Where a statement of SQL ends, what would close it, and one that does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rlcf.records import Task

_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z)) | (?P<blank> [ \t\f\r\n]+)
    | (?P<text> '[^']*(?:'|\Z) | "[^"]*(?:"|\Z) | `[^`]*(?:`|\Z) | \[[^\]]*(?:\]|\Z))
    | (?P<word> [^\W\d]\w*) | (?P<open> \() | (?P<close> \)) | (?P<semicolon> ;) | (?P<other> .)
    """,
    re.VERBOSE | re.DOTALL,
)
PROSE = re.compile(
    r"""
      --[^\n]* | /\*.*?(?:\*/|\Z) | (?P<quote>')[^']*(?:'|\Z)
    | (?P<kept> "[^"]*(?:"|\Z) | `[^`]*(?:`|\Z) | \[[^\]]*)
    """,
    re.VERBOSE | re.DOTALL,
)
"""Comments and texts, for `written.without_prose`; names in quotes stay."""
_TRIGGER = re.compile(r"(?:EXPLAIN )?(?:QUERY PLAN )?CREATE (?:TEMP(?:ORARY)? )?TRIGGER ")
_CLOSES = {"'": "'", '"': '"', "`": "`", "[": "]"}


def program_end(context: str, completion: str, suffix: str = "") -> int | None:
    """How many characters of `completion` belong to the program; `None` while it is not finished.

    It ends with the semicolon of the statement that the context has begun, or else of the first one that it begins
    itself. Where the suffix has that semicolon, it ends before its own.
    """
    text, begin = context + completion, len(context)
    for statement in _statements(text):
        if statement.end is not None and statement.end > begin:
            return statement.end - begin - (1 if ";" in suffix else 0)
    return None


def statement_ends(text: str) -> list[int]:
    """Where each statement of a text ends, its semicolon included; empty ones are none."""
    found = [each for each in _statements(text) if each.words]
    return [len(text) if each.end is None else each.end for each in found]


def is_ordered(query: str) -> bool:
    """Whether a query says in which order its rows come."""
    return _ordering(query)[0]


def with_ties_broken(query: str, columns: int, descending: bool, limited: bool = True) -> str:
    """The query, with rows that its `ORDER BY` leaves equal in the order of their values; without one, all rows.

    Args:
        columns: how many columns its rows have.
        limited: whether its `LIMIT` stays.
    """
    ordered, end = _ordering(query)
    keys = ", ".join(f"{n} COLLATE BINARY{' DESC' if descending else ''}" for n in range(1, columns + 1))
    return f"{query[:end]}{',' if ordered else ' ORDER BY'} {keys} {query[end:] if limited else ''}"


def _ordering(query: str) -> tuple[bool, int]:
    """Whether a query has an `ORDER BY` of its own, and where a term of one may follow: before its `LIMIT`."""
    depth, before, ordered, end = 0, "", False, 0
    for token in _TOKEN.finditer(query):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        word = token[0].upper() if token.lastgroup == "word" and depth == 0 else ""
        if word == "LIMIT" or token.lastgroup == "semicolon":
            break
        ordered |= (before, word) == ("ORDER", "BY")
        if token.lastgroup not in ("comment", "blank"):
            before, end = word, token.end()
    return ordered, end


def closing(source: str) -> str:
    """What would end the statement that is open, with its texts and brackets; empty where none is."""
    last = list(_statements(source))[-1]
    if not last.words:
        return ""
    line = "\n" if last.in_comment else ""
    return f"{line}{last.open_text}{')' * last.brackets}{last.left_of_trigger};"


def stub(task: Task) -> str | None:
    """A query of nothing; `None` where the context has begun anything but a `SELECT`."""
    last = list(_statements(task.context))[-1]
    begun = " ".join(last.words)
    if last.open_text or begun not in ("", "SELECT"):
        return None
    line = "\n" if last.in_comment else " " if begun and not task.context[-1:].isspace() else ""
    return f"{line}NULL;\n" if begun else f"{line}SELECT NULL;\n"


class _Statement:
    """One statement of a text, as far as it goes."""

    def __init__(self) -> None:
        self.words: list[str] = []
        """Its words in capitals, the semicolons within a trigger, and nothing for other tokens."""
        self.end: int | None = None
        """Behind its semicolon."""
        self.brackets = 0
        self.open_text = ""
        """The mark that ends the text in which the source ends."""
        self.in_comment = False
        """Whether the source ends in a comment that its line ends."""

    @property
    def left_of_trigger(self) -> str:
        """What a trigger lacks before its semicolon: an `END` after the semicolon of the last statement in it."""
        if not _TRIGGER.match(" ".join(self.words[:8]) + " ") or self.words[-2:] == [";", "END"]:
            return ""
        return "END" if self.words[-1] == ";" else "; END"


def _statements(text: str) -> Iterator[_Statement]:
    """At least one; the last has no end."""
    current = _Statement()
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        current.in_comment = kind == "comment" and token[0].startswith("--")
        if kind == "semicolon" and current.words and not current.left_of_trigger:
            current.end = token.end()
            yield current
            current = _Statement()
        elif kind == "semicolon" and current.words:
            current.words.append(";")
        elif kind in ("word", "text", "open", "close", "other"):
            current.words.append(token[0].upper() if kind == "word" else "")
            current.brackets = max(0, current.brackets + (kind == "open") - (kind == "close"))
            current.open_text = _left_open(token[0]) if kind == "text" and token.end() == len(text) else ""
    yield current


def _left_open(text: str) -> str:
    """The mark that a text in quotes lacks."""
    closes = _CLOSES[text[0]]
    return "" if len(text) > 1 and text[-1] == closes else closes
