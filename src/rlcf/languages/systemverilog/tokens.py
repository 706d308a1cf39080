"""The tokens of SystemVerilog text that may be unfinished, and the blocks that its keywords open and close."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      //[^\r\n]* | /\*.*?(?:\*/|\Z) | [ \t\f\r\n]+ | `define\b(?:[^\\\r\n]|\\(?:\r\n|.))*
    | (?P<text> "(?:[^"\\]|\\.)*"?)
    | (?P<number> [0-9][0-9_]*(?:\.[0-9_]+)? | '[sS]?[bBoOdDhH][ ]?[0-9a-fA-F_xXzZ?]+ | '[01xXzZ])
    | (?P<name> \\[^\s]+ | [`$]\w+)
    | (?P<word> [A-Za-z_][\w$]*)
    | (?P<mark> .)
    """,
    re.VERBOSE | re.DOTALL,
)
PROSE = re.compile(r"""//[^\r\n]* | /\*.*?(?:\*/|\Z) | (?P<quote>")(?:[^"\\]|\\.)*"?""", re.VERBOSE | re.DOTALL)
"""Comments and texts, for `written.without_prose`."""
CLOSERS = {
    **{word: f"end{word}" for word in "module interface program package class function task generate".split()},  # noqa: SIM905
    **{word: f"end{word}" for word in "specify primitive table config clocking property sequence checker".split()},  # noqa: SIM905
    **dict.fromkeys(("case", "casez", "casex", "randcase"), "endcase"),
    **{"macromodule": "endmodule", "begin": "end", "fork": "join", "covergroup": "endgroup"},
    "randsequence": "endsequence",
}
"""The words that open a block, and the word that closes it."""
_CLOSES = {*CLOSERS.values(), "join_any", "join_none"}
_NO_BODY = frozenset({"extern", "pure", "import", "export", "typedef"})
"""Words before which a declaration has no body."""
_NO_BLOCK = frozenset({"assert", "assume", "cover", "restrict", "expect", "disable", "wait", "virtual", "default"})
"""Words after which another one opens no block, as in `assert property` and `disable fork`."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is neither space nor comment."""

    kind: str
    """`text`, `number`, `name` (escaped, of a macro or of the system), `word` or `mark`."""
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Of a text; `` `define`` with its macro is none."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup:
            yield Token(match.lastgroup, match[0], match.start(), match.end())


def blocks(text: str) -> Iterator[tuple[bool, Token]]:
    """The words that open (true) or close a block, in source order."""
    before, statement, brackets = "", set[str](), 0
    for token in tokens(text):
        word = token.text
        if token.kind == "mark":
            brackets += (word in "([{") - (word in ")]}")
            if word == ";":
                statement.clear()
        elif token.kind == "word":
            if word in _CLOSES:
                yield False, token
            elif word in CLOSERS and not _is_mention(word, before, statement, brackets):
                yield True, token
            statement.add(word)
        before = word


def _is_mention(word: str, before: str, statement: set[str], brackets: int) -> bool:
    """Whether a word that can open a block does not."""
    if word == "begin" or (word == "class" and before == "virtual"):
        return False
    if word == "class" and before == "interface":
        return True  # that word has opened the block
    return before in _NO_BLOCK or before == "." or bool(statement & _NO_BODY) or (word == "interface" and brackets > 0)
