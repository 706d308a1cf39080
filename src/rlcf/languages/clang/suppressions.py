"""Takes from C and C++ programs what silences the compiler: a policy would learn to write it.

Pragmas and line markers can turn errors into nothing, such as those of undeclared functions in C. They are spoilt
without a change in length, wherever their characters stand, in comments and texts, too: what a program looks like to
the preprocessor depends on too much to be told here. So what is looked for holds at every place: a line may be broken
in the middle of a word, and `#` is followed by a number, or by what the preprocessor may skip before one.
"""

from __future__ import annotations

import re

OPTIONS = ("-D_Pragma(x)=", "-Wno-builtin-macro-redefined")
"""Of the compiler: the operator `_Pragma`, whose words macros can put together, does nothing."""

_BREAK = r"(?:\\|\?\?/)[ \t\f\v\0]*[\r\n]+"
_BREAKS = rf"(?:{_BREAK})*"
_ODD_BLANK = "\0\f\v\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def _spelt(word: str) -> str:
    """A pattern for a word that lines may be broken in."""
    return _BREAKS.join(word)


_SPACE_OF_PRAGMAS = re.compile(f"{_spelt('GCC')}|{_spelt('clang')}")
_PRAGMA = re.compile(rf"\b(?:d(?={_BREAKS}{_spelt('iagnostic')}\b)|s(?={_BREAKS}{_spelt('ystem_header')}\b))", re.ASCII)
_MARKER = re.compile(rf"(?:#|{_spelt('%:')}|\?\?=)(?=[ \t]*(?:\d|/\*|/?{_BREAK}|[{_ODD_BLANK}]))", re.ASCII)


def without_suppressions(source: str) -> str:
    """The same text, of the same length, with no pragma for diagnostics and no marker of a system header."""
    if _SPACE_OF_PRAGMAS.search(source):
        source = _PRAGMA.sub("_", source)
    return _MARKER.sub(lambda found: re.sub(r"[#%:?=]", "_", found[0]), source)
