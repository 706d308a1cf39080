"""The constants that stand in a task's texts, whatever its language."""

import re
from collections.abc import Iterable
from typing import TypeVar

from rlcf.records import Constants, Task

_NUMBER = re.compile(r"(?<![\w.])-?\d{1,18}(?:\.\d{1,18})?(?![\w.]*\w)")
_TEXT = re.compile(r""" "((?:[^"\\\n]|\\.){0,100})" | (?<!\w)'((?:[^'\\\n]|\\.){0,100})'(?!\w) """, re.VERBOSE)
_OF_SPACES = re.compile(
    r"\b(?:\w{0,20}trim\w{0,20}|[lr]?strip\w{0,20}|is_?blank|is_?(?:white)?_?space\w{0,20}) ?\(|\bsplit\(\)",
    re.IGNORECASE,
)
"""Calls that look for spaces or remove them. Lengths are bounded, so that no text takes long."""
_SPACES = (" ", " a ", "  b c")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,8})\}|u+([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "'": "'", '"': '"', "\\": "\\"}
"""Of any other escape nothing is left."""
_KEPT = 64
_Value = TypeVar("_Value")


def constants_of(task: Task) -> Constants:
    """Numbers, and what stands in quotes, of the task's prompt and its reference; comments are a part of both.

    If they call a function such as `trim` or `isBlank`, texts with spaces around them are added: few others have any.

    The test is not read: a policy cannot see it either.
    """
    text = task.prompt + "\n" + (task.canonical_solution or "")
    numbers = [float(n) if "." in n else int(n) for n in _NUMBER.findall(text)]
    texts = [_unescaped(double or single) for double, single in _TEXT.findall(text)]
    texts = [*(_SPACES if _OF_SPACES.search(text) else ()), *texts]
    return Constants(tuple(_distinct(numbers)), tuple(t for t in _distinct(texts) if t))


def _unescaped(text: str) -> str:
    found = _ESCAPE.sub(_meant, text)
    return "".join(c for c in found if ord(c) < 0x10000 and not 0xD800 <= ord(c) < 0xE000)  # one unit each


def _meant(escape: re.Match[str]) -> str:
    """The character that an escape of any language means; the text may be no literal at all."""
    *codes, other = escape.groups()
    if other is not None:
        return _NAMED.get(other, "")
    code = int(next(c for c in codes if c is not None), 16)
    return chr(code) if code < 0x110000 else ""


def _distinct(values: Iterable[_Value]) -> list[_Value]:
    return list(dict.fromkeys(values))[:_KEPT]
