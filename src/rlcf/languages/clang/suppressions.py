"""Takes from C and C++ programs what silences the compiler: a policy would learn to write it.

Pragmas and line markers can turn errors into nothing, such as those of undeclared functions in C. They are found as the
preprocessor finds them, where a line may be broken at any place, and spoilt without a change in length.
"""

from __future__ import annotations

import re

_BREAK = r"(?:\\\r?\n)*"
_BLANK = r"(?:[ \t]|/\*.*?\*/|\\\r?\n)"


def _spelt(word: str) -> str:
    """A pattern for a word that lines may be broken in."""
    return _BREAK.join(word)


_SPOILT = {
    re.compile(
        rf"\b((?:{_spelt('GCC')}|{_spelt('clang')}){_BLANK}+)d(?={_BREAK}{_spelt('iagnostic')}\b)", re.DOTALL
    ): r"\1_",
    re.compile(rf"\b_(?={_BREAK}{_spelt('Pragma')}\b)"): "v",  # then a name that is not declared
    re.compile(rf"^([ \t]*)#(?={_BLANK}*\d)", re.DOTALL | re.MULTILINE): r"\1_",
    re.compile(rf"^([ \t]*)%:(?={_BLANK}*\d)", re.DOTALL | re.MULTILINE): r"\1__",
}


def without_suppressions(source: str) -> str:
    """The same text, of the same length, with no pragma for diagnostics and no marker of a system header."""
    for pattern, instead in _SPOILT.items():
        source = pattern.sub(instead, source)
    return source
