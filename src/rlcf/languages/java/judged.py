"""What a discriminator may see of a Java completion: what the written method does, and few of its author's words.

Comments go and strings are emptied, so that a task's own text earns nothing. Names carry words too. Those of the
language, of the task's context and of the library stay, each where it can mean that: a type where a type can stand, a
library's method after `.` or `::`, a library's constant after its type. A name that the completion also uses as its
own, such as a type's name for a variable, does not stay. The method's parameters are `p0`, `p1`, …, and the method
itself is `self`: to call them by name says nothing about the program.

Names that the completion makes up stay while they show four words at most: a name counts as many words as it has of the
prompt's, and as one at least. With none of them, the solution of another task could not be told from an attempt at this
one; with all, the description written as names would earn reward (`docs/hacks.md`). Every further name is neutral,
numbered in the order in which the text shows them: `v0` for variables and labels, `m0` for what is called, `T0` for
types. The library's names are in library_names.txt, which scripts/LibraryNames.java makes.

All of it is lexical, so that text that does not compile is treated in the same way. Its limits: names of a project or
of another library count as made up unless the context has them, and so do inherited methods that are called without
`.`. A few declarations of a context's name as a variable are missed, such as the second of three in `int a, name, b;`.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
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
_KEYWORDS = frozenset(
    "abstract assert break case catch class const continue default do else enum extends false final finally for goto if"
    " implements import instanceof interface native new null package permits private protected public return static"
    " strictfp super switch synchronized this throw throws transient true try volatile while yield".split()
)
_DECLARES_TYPE = frozenset("class interface enum record".split())
_BEFORE_TYPE = _DECLARES_TYPE | frozenset("new extends super implements instanceof throws @".split())
_AFTER_TYPE = frozenset(". :: < ... |".split())
_QUALIFIES = (".", "::")
_IN_ARGUMENTS = _PRIMITIVES | frozenset(", . ? [ ] & @ extends super".split())
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
    names = _Names(_tokens(completion), opening.names)
    parameters = [*dict.fromkeys(token for token in opening.header if token in opening.names["parameters"])]
    made_up = _MadeUp(_words_of(task.prompt), words)
    text: list[str] = []
    depth, brackets, before = opening.blocks, 0, ""
    for at, token in enumerate(names.code[1:-2], 1):
        shown = token
        if at in names.kinds:
            kind = names.kinds[at]
            if not names.stays(at):
                shown = made_up.shown(token, kind)
            elif kind == "v" and before not in _QUALIFIES and token in parameters:
                shown = f"p{parameters.index(token)}"
            elif kind == "m" and token == task.entry_point:
                shown = "self"
        text += [_between(before, token, brackets), shown]
        brackets += (token == "(") - (token == ")")
        depth += (token == "{") - (token == "}")
        if token == "}" and opening.blocks and depth == 0:
            break
        before = token
    return "".join(text)


class _MadeUp:
    """Names that the completion makes up, and how they are shown."""

    def __init__(self, prompt: Set[str], words: int) -> None:
        self._prompt, self._left = prompt, words
        self._given: dict[str, dict[str, str]] = {"v": {}, "m": {}, "T": {}}

    def shown(self, name: str, kind: str) -> str:
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
    names: dict[str, set[str]]
    """The names in the context: by kind (`v`, `m`, `T`), all (`any`), and the method's `parameters`."""
    innermost: bool
    """Whether nothing stands after the method's opening brace."""


@functools.lru_cache(maxsize=4096)
def opening_of(context: str) -> Opening:
    """The outermost method that is open at the end of `context`, and the names there are."""
    code = _tokens(context)
    headers: list[tuple[str, ...]] = []
    start = 0
    for at, token in enumerate(code):
        if token == "{":
            headers.append(tuple(_ANNOTATION.sub("", " ".join(code[start:at])).split()))
        elif token == "}" and headers:
            headers.pop()
        if token in ("{", "}", ";"):
            start = at + 1
    names = _Names(code, dict.fromkeys(("v", "m", "T", "any", "parameters"), frozenset())).of_context()
    for depth, header in enumerate(headers):
        if _is_method(header):
            names["parameters"] = names["v"].intersection(header[header.index("(") :])
            return Opening(len(headers) - depth, header, names, depth == len(headers) - 1 and start == len(code))
    return Opening(0, (), names, False)


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


class _Names:
    """The names of a text, and the kind of the name at each index of `code`: `v`, `m` or `T`."""

    def __init__(self, tokens: Sequence[str], context: Mapping[str, Set[str]]) -> None:
        self.code = code = [";", *tokens, ".", ";"]
        self._context = {**context}
        hidden = set[str]()  # what the text declares like a name of the context
        names = {at for at, token in enumerate(code) if _is_name(token)}
        records = {at for at in names if code[at] == "record" and at + 1 in names}
        names -= records
        certain = {at for at in names if at + 1 in names or (code[at - 1] in _BEFORE_TYPE and code[at + 1] != ".")}
        known = {code[at] for at in certain} | context["T"] | _LIBRARY["types"]
        arguments: set[int] = set()  # what is between `<` and `>`, where all of it may be of types
        opened = 0
        for at, token in enumerate(code):
            if token == "<":
                opened = opened or at
            elif token == ">" and opened:
                arguments.update(range(opened, at))
                opened = at
            elif opened and at not in names and token not in _IN_ARGUMENTS:
                opened = 0
        self.kinds: dict[int, str] = {}
        self._own: dict[str, set[str]] = {"v": set(), "m": set(), "T": set()}
        for at in sorted(names):
            before, name, after = code[at - 1 : at + 2]
            kind = "m" if after == "(" or before == "::" else "v"
            declared = before in _PRIMITIVES or before == "]" or at - 1 in names
            if at in certain or (kind == "m" and before == "." and name in known):
                kind = "T"
            elif kind == "v" and name in known and not declared:
                cast = before == "(" and after == ")" and code[at + 2] != "->"
                inside = before != ">" and (at in arguments or (code[at + 1 : at + 3] == ["[", "]"] and before != ","))
                if before in (".", "|") or after in _AFTER_TYPE or cast or inside:
                    kind = "T"
            self.kinds[at] = kind
            declared = declared or (before == ">" and at - 2 in arguments) or (before == "," and after in ("=", ";"))
            if kind == "v" and (declared or (after == "->" and before not in ("case", ","))):
                hidden.add(name)
            if before in _DECLARES_TYPE or (kind != "T" and before not in _QUALIFIES):
                self._own[kind].add(name)
        for at in self.kinds.keys() - certain:
            if self.kinds[at] == "T" and code[at] in self._own["v"] - context["T"]:
                self.kinds[at] = "v"
        self._own["T"] |= self._own["v"] | self._own["m"]
        self._context["v"] = context["v"] - (hidden - context["parameters"])
        self._context["any"] = context["any"] - (hidden - context["parameters"])
        if records:  # their components are called as accessors
            self._own["m"] |= self._own["v"]

    def stays(self, at: int) -> bool:
        """Whether the name at an index is shown as it is."""
        qualifier, before, name, after = self.code[max(at - 2, 0)], *self.code[at - 1 : at + 2]
        kind, types = self.kinds[at], _LIBRARY["types"]
        if name in self._context[kind] or (kind == "m" and name in _ALWAYS_WRITTEN):
            return True
        if kind == "T":
            return (name in types and name not in self._own["T"]) or (before == "." and name in self._context["any"])
        if before not in _QUALIFIES:
            return name == "java" and after == "."
        if name in self._context["any"] or (kind == "v" and name == "length"):
            return True
        of_library = qualifier in types and qualifier not in self._own["T"]
        library = "methods" if kind == "m" else "fields" if of_library else "packages"
        return name in _LIBRARY[library] and (of_library or name not in self._own[kind])

    def of_context(self) -> dict[str, set[str]]:
        """The names by kind, and all as `any`. What is imported has the kind that it is imported for."""
        names: dict[str, set[str]] = {"v": set(), "m": set(), "T": set(), "any": set(), "parameters": set()}
        for at, kind in self.kinds.items():
            names["any"].add(self.code[at])
            if self.code[at - 1] != ".":
                names[kind].add(self.code[at])
        for at in (at for at, token in enumerate(self.code) if token == "import"):
            for kind in ("v", "m") if self.code[at + 1] == "static" else ("T",):
                names[kind].add(self.code[self.code.index(";", at) - 1])
        return names
