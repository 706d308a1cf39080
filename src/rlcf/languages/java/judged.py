"""What a judge may see of a Java completion: what the written method does, and few of its author's words.

Comments go and strings are emptied, so that a task's own text earns nothing. Names carry words too. Those of the
language, of the task's context and of the library stay; those of the library only where they can mean that: a type, or
a member after `.` or `::`. A name that the completion declares does not stay, whatever else has that name. The method's
parameters are `p0`, `p1`, …, and the method itself is `self`: to call them by name says nothing about the program.

Names that the completion makes up stay while they show four words at most: a name counts as many words as it has of the
prompt's, and as one at least. With none of them, the solution of another task could not be told from an attempt at this
one; with all, the description written as names would earn reward (`docs/hacks.md`). Every further name is neutral,
numbered in the order in which the text shows them: `T0` where it begins with a capital, else `m0` where it is called,
else `v0`. The library's names are in library_names.txt, which scripts/LibraryNames.java makes.

All of it is lexical, so that text that does not compile is treated in the same way. Its limits: names of a project or
of another library count as made up unless the context has them, and so do inherited methods that are called without
`.`. A few declarations of a name of the context or the library are missed, such as the second of three in
`int a, name, b;`, and the parameters in `(List, Map) -> 1`.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlcf.languages.java.ends import without_prose
from rlcf.records import Task

# Beyond ASCII, what is outside strings and comments is a part of a name, or no Java.
_TOKEN = re.compile(
    r"[A-Za-z_$\x80-\U0010ffff][\w$\x80-\U0010ffff]* | \.?\d(?:[eEpP][+-]|\w|\.)*"
    r"""| ""|''|->|::|\.{3}|\+\+|--|&&|\|\||[-+*/%&|^!=<]=|[^ \t\f\r\n]""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NEUTRAL = re.compile(r"[vmTp]\d+|self")
_IGNORABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_ANNOTATION = re.compile(r"@ \S+(?: \. \S+)*(?: \( [^()]*(?:\([^()]*\)[^()]*)*\))?")
_PRIMITIVES = frozenset("boolean byte char double float int long short var void".split())
_DECLARES_TYPE = frozenset("class interface enum record".split())
_KEYWORDS = _DECLARES_TYPE | frozenset(
    "abstract assert break case catch const continue default do else extends false final finally for goto if implements"
    " import instanceof native new null package permits private protected public return static strictfp super switch"
    " synchronized this throw throws transient true try volatile while yield".split()
)
_QUALIFIES = (".", "::")
_NO_TYPE, _AFTER_NAME = frozenset("( , < & . ? extends super".split()), (",", ")", "[")
_ENDS_LINE = frozenset("{};")
_GLUED_AFTER = frozenset("( [ < . :: ! ~ @".split())
_GLUED_BEFORE = frozenset(") ] > , ; . :: ++ --".split())
_ALWAYS_WRITTEN = frozenset(
    "accept apply call close compare compareTo equals get hashCode hasNext iterator main next run test toString".split()
)
_LIBRARY = {
    kind: frozenset(names.split())
    for kind, _, names in (
        line.partition(" ") for line in Path(__file__).with_name("library_names.txt").read_text("utf-8").splitlines()
    )
}


def judged_code(task: Task, completion: str, words: int = 4) -> str:
    """The written method, from where the completion starts to the method's closing brace.

    Helper methods and all else after it are not shown. Where the context opens no method: the whole completion.

    Args:
        words: how many words the names that the completion makes up may show.
    """
    opening = opening_of(task.context)
    code = [";", *_tokens(completion), ".", ";"]
    names = _Names(code, task, opening, words)
    text: list[str] = []
    depth, brackets, before = opening.blocks, 0, ""
    for at, token in enumerate(code[1:-2], 1):
        text += [_between(before, token, brackets), names.shown(at) if _is_name(token) else token]
        brackets += (token == "(") - (token == ")")
        depth += (token == "{") - (token == "}")
        if token == "}" and opening.blocks and depth == 0:
            break
        before = token
    return "".join(text)


def written_code(task: Task, completion: str) -> str:
    """The written method as it stands, up to its closing brace: without comments, with strings emptied, no empty lines.

    Where the context opens no method: the whole completion.
    """
    code, depth = without_prose(completion), opening_of(task.context).blocks
    if depth:
        for at, sign in enumerate(code):
            depth += (sign == "{") - (sign == "}")
            if depth == 0:
                code = code[: at + 1]
                break
    return "\n".join(line.rstrip() for line in code.splitlines() if line.strip())


class _Names:
    """The names of a completion's tokens `code`, and how they are shown."""

    def __init__(self, code: Sequence[str], task: Task, opening: Opening, words: int) -> None:
        self._code, self._opening, self._method, self._left = code, opening, task.entry_point, words
        self._prompt = _words_of(task.prompt)
        self._given: dict[str, dict[str, str]] = {"v": {}, "m": {}, "T": {}}
        names = [at for at, token in enumerate(code) if _is_name(token)]
        self._declared = {code[at] for at in names if self._declares(at)} - {*opening.parameters}
        self._types = _LIBRARY["types"] - self._declared
        self._own = {(code[at], code[at + 1] == "(") for at in names if code[at - 1] not in _QUALIFIES}

    def shown(self, at: int) -> str:
        """The name at an index as it is shown; indices have to come in order."""
        before, name, after = self._code[at - 1 : at + 2]
        if not self._stays(at):
            return self._made_up(name, "T" if name[0].isupper() else "m" if after == "(" or before == "::" else "v")
        if name in self._opening.parameters and before not in _QUALIFIES and after != "(":
            return f"p{self._opening.parameters.index(name)}"
        return "self" if name == self._method and after == "(" else name

    def _declares(self, at: int) -> bool:
        before, name, after = self._code[at - 1 : at + 2]
        if before in (*_PRIMITIVES, *_DECLARES_TYPE, "]") or _is_name(before):
            return True
        if before == ">":  # of a type; or of a comparison, in which no type stands
            return name in _LIBRARY["types"] and after != "."
        label, further = before in _ENDS_LINE and after == ":", before == "," and after in ("=", ";")
        return label or further or (after == "->" and before not in ("case", ","))

    def _stays(self, at: int) -> bool:
        qualifier, before, name, after = self._code[max(at - 2, 0)], *self._code[at - 1 : at + 2]
        called, types = after == "(", self._types
        if name in types or (called and name in _ALWAYS_WRITTEN):
            return True
        if before not in _QUALIFIES:
            return (name in self._opening.names and name not in self._declared) or (name == "java" and after == ".")
        if name in self._opening.names or name == "length":
            return True
        kind = "methods" if called or before == "::" else "fields" if qualifier in types else "packages"
        return name in _LIBRARY[kind] and (qualifier in types or (name, called) not in self._own)

    def _made_up(self, name: str, kind: str) -> str:
        given = self._given[kind]
        if name not in given:
            words = max(1, sum(word in name.lower() for word in self._prompt))
            fits = words <= self._left and name.isascii() and not _NEUTRAL.fullmatch(name)
            self._left -= words if fits else 0
            given[name] = name if fits else f"{kind}{len(given)}"
        return given[name]


@functools.lru_cache(maxsize=4096)
def _words_of(prompt: str) -> frozenset[str]:
    """The prompt's words of three letters or more, also those within names, in lower case."""
    return frozenset(w.lower() for w in _WORD.findall(prompt) if len(w) > 2) - _KEYWORDS - _PRIMITIVES


def _between(before: str, token: str, brackets: int) -> str:
    """The white space between two tokens, whatever the completion has there: layout carries no words either."""
    if before in _ENDS_LINE and (before != ";" or brackets <= 0):
        return "\n"
    after_name = (
        before in _PRIMITIVES or (before[:1].isidentifier() and before not in _KEYWORDS) or before in ("]", ")", ">")
    )
    glued = not before or before in _GLUED_AFTER or token in _GLUED_BEFORE or (after_name and token in ("(", "[", "<"))
    return "" if glued else " "


@dataclass(frozen=True, slots=True)
class Opening:
    """What a context has opened at its end."""

    blocks: int
    """How many blocks the written method has to close, its own included; 0: the context opens no method."""
    header: tuple[str, ...]
    """The tokens of the method's header, annotations left out."""
    parameters: tuple[str, ...]
    """The method's, in order."""
    names: frozenset[str]
    """All names in the context."""
    innermost: bool
    """Whether nothing stands after the method's opening brace."""


@functools.lru_cache(maxsize=4096)
def opening_of(context: str) -> Opening:
    """The outermost method that is open at the end of `context`, and the names there are."""
    code = _tokens(context)
    names = frozenset(filter(_is_name, code))
    headers: list[tuple[str, ...]] = []
    start = 0
    for at, token in enumerate(code):
        if token == "{":
            headers.append(tuple(_ANNOTATION.sub("", " ".join(code[start:at])).split()))
        elif token == "}" and headers:
            headers.pop()
        if token in ("{", "}", ";"):
            start = at + 1
    for depth, header in enumerate(headers):
        if _is_method(header):
            declared = [*zip(header, header[1:], header[2:], strict=False)][header.index("(") :]
            parameters = tuple(
                n for t, n, after in declared if t not in _NO_TYPE and after in _AFTER_NAME and _is_name(n)
            )
            innermost = depth == len(headers) - 1 and start == len(code)
            return Opening(len(headers) - depth, header, parameters, names, innermost)
    return Opening(0, (), (), names, False)


def _tokens(text: str) -> list[str]:
    """The tokens of a text, without its comments and what its strings contain."""
    text = _IGNORABLE.sub("", without_prose(text))
    if not text.isascii():  # surrogates that were escaped apart; characters that the compiler skips in names
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    return _TOKEN.findall(text)


@functools.lru_cache(maxsize=4096)
def _is_name(token: str) -> bool:
    first = token[0]
    return (first.isalpha() or first in "_$" or first > "\x7f") and token not in _KEYWORDS and token not in _PRIMITIVES


def _is_method(header: Sequence[str]) -> bool:
    """Whether the tokens before a brace are a method's or a constructor's header; it has no annotations."""
    if "(" not in header or {"new", "=", "->", "return", "record", "class", "enum"} & {*header}:
        return False
    opened = header.index("(")
    return opened > 0 and _is_name(header[opened - 1]) and ")" in header[opened:]
