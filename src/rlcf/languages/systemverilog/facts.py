"""Facts of the modules of a SystemVerilog program, told by its words and by names alone.

A module takes the place of a function: its inputs are the parameters, and its body begins after its header's semicolon.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from rlcf.records import MethodFacts, Slice

_LARGEST = 1 << 20
# One pass of the regular expression engine: half of a verdict's time would go into a loop over all tokens.
_WORDS = re.compile(
    r"""
      //[^\r\n]* | /\*.*?(?:\*/|\Z) | "(?:[^"\\]|\\.)*"? | `define\b(?:[^\\\r\n]|\\(?:\r\n|.))*
    | [0-9][0-9_]*(?:\.[0-9_]+)? | '[sS]?[bBoOdDhH][ ]?[0-9a-fA-F_xXzZ?]+
    | (\.[ \t]*[A-Za-z_]\w*[ \t]*\( | \.\* | \\[^\s]+ | [A-Za-z_$`][\w$]* | [;,=(){}\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_CONTROL = frozenset({"if", "case", "casez", "casex", "for", "foreach", "while", "do", "repeat", "forever"})
_DIRECTIONS = frozenset({"input", "output", "inout", "ref"})
_DECLARES = _DIRECTIONS | {
    *("wire", "reg", "logic", "bit", "byte", "int", "integer", "shortint", "longint", "real", "time", "var", "tri"),
    *("parameter", "localparam", "genvar", "typedef", "enum", "struct", "import", "export", "signed", "unsigned"),
}
_STEPS = {
    **dict.fromkeys("([{", 1),
    **dict.fromkeys(")]}", -1),
}


@functools.lru_cache(maxsize=512)
def facts(source: str) -> tuple[MethodFacts, ...] | None:
    """Of all modules; `None` for a source too large to be read each time."""
    if len(source) > _LARGEST:
        return None
    words, found, at = _WORDS.findall(source), [], 0
    places = enumerate(_WORDS.finditer(source))
    while (start := _next(words, "module", at)) < len(words):
        header = _next(words, ";", start)
        at = _next(words, "endmodule", header)
        if header < len(words):
            offset = next(match.start() for i, match in places if i == header)
            found.append(_module(words[start + 1 : header + 1], offset, words[header + 1 : at]))
    return tuple(found)


def _next(words: Sequence[str], word: str, start: int) -> int:
    """The index of the next such word; the number of words where there is none."""
    try:
        return words.index(word, start)
    except ValueError:
        return len(words)


def _module(header: Sequence[str], offset: int, body: Sequence[str]) -> MethodFacts:
    name = next((word for word in header if word not in ("automatic", "static")), "")
    inputs, written = _inputs(header, depth=1), _Body(body)
    used = set(body)
    for declaration in written.inputs:
        for each in _inputs([*declaration, ","], depth=0):
            if body.count(each) == 1:
                used.discard(each)
            inputs += [] if each in inputs else [each]
    read = tuple(inputs) if ".*" in used else tuple(each for each in inputs if each in used)
    count = written.statements
    return MethodFacts(
        name=name,
        offset=offset,
        statements=count,
        parameters=tuple(inputs),
        parameters_read=read,
        returns_literal=False,
        nesting=written.nesting,
        slice=Slice(count, read, outside=False, computes=count > 1),
    )


def _inputs(words: Sequence[str], depth: int) -> list[str]:
    """The inputs that ports declare, whose commas stand at a depth of brackets."""
    names, at, direction, name, valued = list[str](), 0, "", "", False
    for word in words:
        at += _STEPS.get(word, 0)
        if at == depth or word == ")":
            if word == "," or (word == ")" and at == depth - 1):
                if name and direction == "input":
                    names.append(name)
                name, valued = "", False
            elif word in _DIRECTIONS:
                direction = word
            elif word == "=":
                valued = True
            elif word not in _STEPS and not valued:
                name = word
    return names


class _Body:
    """What the body of a module consists of."""

    def __init__(self, words: Sequence[str]) -> None:
        self.statements = self.nesting = 0
        self.inputs: list[Sequence[str]] = []
        """Declarations of inputs that stand in the body."""
        self._enclosing: list[str] = []
        """`control`, `begin` and `case`, outermost first."""
        depth = start = 0
        for i, word in enumerate(words):
            if word in _STEPS or word[:1] == ".":
                depth += _STEPS.get(word, word[-1] == "(")
            elif word == ";":
                if depth <= 0:
                    self._statement(words[start:i])
                    depth, start = 0, i + 1
            elif word in _STRUCTURE:
                self._step(word, words[i + 1] if i + 1 < len(words) else "")
                start = i + 1

    def _statement(self, words: Sequence[str]) -> None:
        """A statement up to its semicolon; declarations without a value are none."""
        first = next((word for word in words if word), "")
        if first == "input":
            self.inputs.append(words)
        elif first and (first not in _DECLARES or "=" in words):
            self.statements += 1
            self.nesting = max(self.nesting, self._enclosing.count("control"))
        self._leave_controls()

    def _step(self, word: str, after: str) -> None:
        """Follows the words that enclose statements."""
        if word in _CONTROL:
            self.statements += 1
            self.nesting = max(self.nesting, self._enclosing.count("control"))
            self._enclosing += ["control", "case"] if word.startswith("case") else ["control"]
        elif word == "begin":
            self._enclosing.append("begin")
        elif word == "else":
            self._enclosing += [] if after == "if" else ["control"]
        elif word in ("end", "endcase"):
            while self._enclosing and self._enclosing.pop() != ("begin" if word == "end" else "case"):
                pass
            self._leave_controls()

    def _leave_controls(self) -> None:
        while self._enclosing and self._enclosing[-1] == "control":
            self._enclosing.pop()


_STRUCTURE = _CONTROL | {"begin", "end", "else", "endcase", "endfunction", "endtask", "generate", "endgenerate"}
