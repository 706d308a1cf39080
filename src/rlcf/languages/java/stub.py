"""The least completion of a Java prompt that compiles: it ends the method and does nothing."""

from __future__ import annotations

import re

from rlcf.languages.java.ends import open_braces, without_prose
from rlcf.records import Task

_ANNOTATION = re.compile(r"@[\w.$]+(?:\s*\([^()]*\))?")
_HEADER = re.compile(
    r"(?P<before>[^()=]*?) \b (?P<name>[\w$]+) \s* \( (?P<parameters>[^()]*) \) \s*"
    r"(?P<dimensions>(?:\[\s*\]\s*)*) (?:throws\s[\w.,\s$]+)?",
    re.VERBOSE,
)
_MODIFIERS = re.compile(r"\b(?:public|protected|private|static|final|synchronized|abstract|native|strictfp|default)\b")
_NO_METHOD = {
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "synchronized",
    "try",
    "new",
    "record",
    "return",
    "else",
    "do",
}
_CONSTANTS = {
    "byte": "0",
    "short": "0",
    "int": "0",
    "long": "0",
    "float": "0.0f",
    "double": "0.0",
    "boolean": "false",
    "char": "' '",
}


def stub(task: Task) -> str | None:
    """A completion that returns a constant (`null` for references) or nothing; `None` when no method is
    open."""
    value = _returned(task.prompt)
    if value is None:
        return None
    body = f"        return {value};\n" if value else ""
    return body + "".join("    " * level + "}\n" for level in reversed(range(open_braces(task.prompt))))


def _returned(prompt: str) -> str | None:
    """What the method whose header ends the prompt may return; empty for nothing, `None` for no method."""
    text = without_prose(prompt).rstrip()
    if not text.endswith("{"):
        return None
    start = max(text.rfind(mark, 0, len(text) - 1) for mark in ";{}") + 1
    header = _HEADER.fullmatch(_ANNOTATION.sub(" ", text[start:-1]).strip())
    if header is None:
        return None
    words = _without_type_parameters(_MODIFIERS.sub(" ", header["before"]).strip())
    if {header["name"], *words.split()} & _NO_METHOD:
        return None
    if words in ("", "void"):  # without a type it is a constructor
        return ""
    return "null" if header["dimensions"] else _CONSTANTS.get(words, "null")


def _without_type_parameters(words: str) -> str:
    """`T[]` of `<T extends Comparable<T>> T[]`."""
    if not words.startswith("<"):
        return words
    depth = 0
    for at, character in enumerate(words):
        depth += {"<": 1, ">": -1}.get(character, 0)
        if depth == 0:
            return words[at + 1 :].strip()
    return words
