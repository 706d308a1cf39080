"""What silences ty, and the text without it."""

from __future__ import annotations

import re
import unicodedata

_BLANK = r"[^\S\r\n]*"  # more than what ty takes for white space: all that has the property in Unicode
_SUPPRESSIONS = {
    re.compile(rf"(#[^\r\n]*?\bt(?:y|ype){_BLANK}:{_BLANK})i(?=gnore)"): r"\1_",
    re.compile(r"((?:^|\r)#[ \t]*//)/", re.MULTILINE): r"\1_",  # a script's own settings, ty's among them
}
_NO_TYPE_CHECK = re.compile(r"\bno_type_check\b")


def without_suppressions(source: str) -> str:
    """The same text, of the same length, in which nothing silences ty: no comment, no decorator, no settings."""
    for pattern, instead in _SUPPRESSIONS.items():
        source = pattern.sub(instead, source)
    return _without_decorator(source)


def _without_decorator(source: str) -> str:
    """The text in which each `no_type_check`, in whatever letters, is a name that does not exist."""
    characters = list(source)
    for match in _NO_TYPE_CHECK.finditer(_normalized(source)):
        characters[match.end() - 1] = "_"
    return "".join(characters)


def _normalized(source: str) -> str:
    """The text as identifiers are compared (NFKC); a character that stands for several stays, so that places do."""
    if source.isascii():
        return source
    forms = {char: unicodedata.normalize("NFKC", char) for char in set(source)}
    return source.translate({ord(char): form for char, form in forms.items() if len(form) == 1})
