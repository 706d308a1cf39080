"""Stable keys for what clang says. libclang gives no numbers: a key is made of the message's fixed words."""

from __future__ import annotations

import re

_MARKS = {
    ";": "semicolon",
    ",": "comma",
    ":": "colon",
    "(": "opening-parenthesis",
    ")": "closing-parenthesis",
    "{": "opening-brace",
    "}": "closing-brace",
    "[": "opening-bracket",
    "]": "closing-bracket",
    "<": "less",
    ">": "greater",
    "=": "equals",
}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"[^\"]*\"")
_HINT = re.compile(r"; did you mean.*|\(aka.*?\)|: .*", re.DOTALL)
_WORD = re.compile(r"[^\W\d_][\w+#-]*")
_USERS = "User-Defined Issue"
_LONGEST = 12


def code_of(message: str, option: str, category: str, code: bytes) -> str:
    """The key of a message: the option that turns it off, such as `return-type`, or else its words.

    Names, types, numbers and texts of the program are left out: `use-of-undeclared-identifier`. Marks that are expected
    are named: `expected-semicolon-after-expression`.

    Args:
        option: such as `-Wreturn-type`; empty where there is none.
        category: clang's own name for the kind of message.
        code: the program, whose own messages (`#error`) all have one key.
    """
    if option:
        return option.removeprefix("-W").removesuffix("=")
    if category == _USERS or f'"{message}"'.encode() in code:
        return "user-defined"
    words = _HINT.sub("", _QUOTED.sub(_mark, message))
    return "-".join(_WORD.findall(words)[:_LONGEST]).lower() or "unnamed"


def _mark(quoted: re.Match[str]) -> str:
    return f" {_MARKS.get(quoted[1] or '', '')} "
