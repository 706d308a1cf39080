"""What a discriminator may see of a Java completion: what the written method does, and none of its author's words.

Comments go and strings are emptied, so that a task's own text earns nothing. Names that the completion declares carry
words too. They are replaced by neutral ones, numbered in the order in which the text shows them: `v0` for variables and
labels, `m0` for methods, `T0` for types. The parameters of the written method and names declared elsewhere stay.

All of it is lexical, so that text that does not compile is treated in the same way. Its limits: a name counts as
declared wherever the completion declares one like it, and a method that overrides one of the library loses its name
unless it has `@Override`, or is one of a few that are always written. What is left are the library's own names.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rlcf.languages.java.ends import without_prose
from rlcf.records import Task

# Beyond ASCII, what is outside strings and comments is a part of a name, or no Java.
_TOKEN = re.compile(
    r"[A-Za-z_$\x80-\U0010ffff][\w$\x80-\U0010ffff]* | \.?\d(?:[eEpP][+-]|\w|\.)*"
    r"""| ""|''|->|::|\.{3}|\+\+|--|&&|\|\||[-+*/%&|^!=<]=|[^ \t\f\r\n]""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_IGNORABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_PRIMITIVES = frozenset("boolean byte char double float int long short void".split())
_KEYWORDS = _PRIMITIVES | frozenset(
    "abstract assert break case catch class const continue default do else enum extends false final finally for goto if"
    " implements import instanceof interface native new null package permits private protected public return static"
    " strictfp super switch synchronized this throw throws transient true try volatile while yield".split()
)
_MODIFIERS = frozenset("abstract default final private protected public static strictfp synchronized".split())
_TYPE_KEYWORDS = frozenset("class interface enum record".split())
_BEFORE_LABEL = frozenset("; { } ) : -> else do".split())
_ENDS_LINE = frozenset("{};")
_GLUED_AFTER = frozenset("( [ < . :: ! ~ @".split())
_GLUED_BEFORE = frozenset(") ] > , ; . :: ++ --".split())
_ALWAYS_WRITTEN = frozenset(
    "accept apply call close compare compareTo equals get hashCode hasNext iterator main next run test toString".split()
)
_REACH = 1000
"""How many tokens the search for the rest of a declaration goes, so that the time grows as the text does."""


def judged_code(task: Task, completion: str) -> str:
    """The written method, from where the completion starts to the method's closing brace.

    Helper methods and all else after it are not shown. Where the context opens no method: the whole completion.
    """
    opening = opening_of(task.context)
    code = _tokens(completion)
    declared = _Declared(code, opening.parameters)
    given: dict[str, dict[str, str]] = {"v": {}, "m": {}, "T": {}}
    text: list[str] = []
    depth, brackets, before = opening.blocks, 0, ""
    for at, token in enumerate(code):
        text.append(_between(before, token, brackets))
        kind = declared.kind(at, opening.types) if _is_name(token) else ""
        text.append(given[kind].setdefault(token, f"{kind}{len(given[kind])}") if kind else token)
        brackets += (token == "(") - (token == ")")
        depth += (token == "{") - (token == "}")
        if token == "}" and opening.blocks and depth == 0:
            break
        before = token
    return "".join(text)


def _between(before: str, token: str, brackets: int) -> str:
    """The white space between two tokens, whatever the completion has there: layout carries no words either."""
    if before in _ENDS_LINE and (before != ";" or brackets <= 0):
        return "\n"
    operand = (
        (before[:1].isidentifier() and before not in _KEYWORDS) or before in _PRIMITIVES or before in ("]", ")", ">")
    )
    glued = not before or before in _GLUED_AFTER or token in _GLUED_BEFORE or (operand and token in ("(", "[", "<"))
    return "" if glued else " "


@dataclass(frozen=True, slots=True)
class Opening:
    """What a context has opened at its end."""

    blocks: int
    """How many blocks the written method has to close, its own included; 0: the context opens no method."""
    header: tuple[str, ...]
    """The tokens of the method's header, annotations left out."""
    parameters: frozenset[str]
    """The names of its parameters."""
    types: frozenset[str]
    """The types that the context declares."""
    innermost: bool
    """Whether nothing stands after the method's opening brace."""


@functools.lru_cache(maxsize=4096)
def opening_of(context: str) -> Opening:
    """The outermost method that is open at the end of `context`, and what is known of it."""
    code = _tokens(context)
    headers: list[tuple[str, ...]] = []
    start = 0
    for at, token in enumerate(code):
        if token == "{":
            headers.append(_without_annotations(code[start:at]))
        elif token == "}" and headers:
            headers.pop()
        if token in _ENDS_LINE:
            start = at + 1
    types = frozenset(_Declared(code).types)
    for depth, header in enumerate(headers):
        if _is_method(header):
            parameters = frozenset(_Declared(header[header.index("(") :]).variables)
            innermost = depth == len(headers) - 1 and start == len(code)
            return Opening(len(headers) - depth, header, parameters, types, innermost)
    return Opening(0, (), frozenset(), types, False)


def _tokens(text: str) -> list[str]:
    """The tokens of a text, without its comments and what its strings contain."""
    text = _IGNORABLE.sub("", without_prose(text))
    if not text.isascii():  # surrogates that were escaped apart; characters that the compiler skips in names
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    return _TOKEN.findall(text)


def _is_name(token: str) -> bool:
    first = token[0]
    return (first.isalpha() or first in "_$" or first > "\x7f") and token not in _KEYWORDS


def _is_method(header: Sequence[str]) -> bool:
    """Whether the tokens before a brace are a method's or a constructor's header; it has no annotations."""
    if "(" not in header or {"new", "=", "->", "return", "record", "class", "enum"} & {*header}:
        return False
    opened = header.index("(")
    return opened > 0 and _is_name(header[opened - 1]) and ")" in header[opened:]


def _without_annotations(header: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    at = 0
    while at < len(header):
        if header[at] != "@":
            kept.append(header[at])
            at += 1
            continue
        at += 2
        while header[at : at + 1] == ["."]:
            at += 2
        if header[at : at + 1] == ["("]:
            at = _closing(header, at) + 1
    return tuple(kept)


def _closing(code: Sequence[str], at: int) -> int:
    """The index of the bracket that closes the one at `at`, or of the last token within reach."""
    depth = 0
    for i in range(at, min(at + _REACH, len(code))):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    return min(at + _REACH, len(code)) - 1


class _Declared:
    """The names that a text declares, as far as its tokens tell; `known` ones are not counted."""

    def __init__(self, code: Sequence[str], known: frozenset[str] = frozenset()) -> None:
        self.variables: set[str] = set()
        self.methods: set[str] = set()
        self.types: set[str] = set()
        self.constants: set[str] = set()
        self._code = code
        for at, token in enumerate(code):
            if token == "->" and at and code[at - 1] == ")":
                self.variables.update(self._parameters_of_lambda(at - 1))
            elif token == "<" and (
                self._at(at - 1) in (_MODIFIERS | _ENDS_LINE) or self._at(at - 2) in ("class", "interface", "record")
            ):
                self.types.update(self._type_parameters(at))
            elif _is_name(token):
                self._name(at)
        self.variables = (self.variables | self.constants) - known
        self.methods -= _ALWAYS_WRITTEN

    def kind(self, at: int, types_of_context: frozenset[str]) -> str:
        """What the name at `at` is replaced by: `v`, `m` or `T`, and a number; empty for a name that stays."""
        name, before, after, qualifier = self._code[at], self._at(at - 1), self._at(at + 1), self._at(at - 2)
        if before in (".", "::") and qualifier[:1].isupper() and qualifier not in self.types | types_of_context:
            return ""  # a class of the library
        if before == "::" or (after == "(" and before != "new" and before not in _TYPE_KEYWORDS):
            named = {"m": self.methods, "T": self.types, "v": self.constants}
            return next((kind for kind, names in named.items() if name in names), "")
        is_type = name in self.types and (before == "new" or before in _TYPE_KEYWORDS or after in (".", "<"))
        if name in self.variables and not is_type:
            return "" if before == "." and name == "length" else "v"
        return "T" if name in self.types else ""

    def _at(self, at: int) -> str:
        return self._code[at] if 0 <= at < len(self._code) else ";"

    def _backwards(self, at: int) -> range:
        return range(at, max(at - _REACH, 0), -1)

    def _name(self, at: int) -> None:
        name, before, after = self._code[at], self._at(at - 1), self._at(at + 1)
        if before in _TYPE_KEYWORDS and self._at(at - 2) != "." and (before != "record" or after in "(<"):
            self.types.add(name)
            self._members(at, before)
        elif after == "->":
            if not self._is_case(at):
                self.variables.add(name)
        elif self._ends_type(at - 1):
            if after != "(":
                self.variables.update((name, *self._further_variables(at + 1)))
            elif not self._overrides(at):
                self.methods.add(name)
        elif after == ":" and before in _BEFORE_LABEL:
            self.variables.add(name)

    def _ends_type(self, at: int) -> bool:
        """Whether a token is the end of a type, so that a name after it is declared."""
        token = self._at(at)
        if token == ">":
            return self._ends_type_arguments(at)
        if token in _PRIMITIVES or token in ("]", "..."):
            return True
        while self._at(at - 1) == ".":
            at -= 2
        return _is_name(token) and self._at(at - 1) != "@"

    def _ends_type_arguments(self, at: int) -> bool:
        depth = 0
        for i in self._backwards(at):
            token = self._code[i]
            depth += (token == ">") - (token == "<")
            if depth == 0:
                return _is_name(self._code[i - 1])
            if not (token in "<>.,?[]@" or token in ("extends", "super") or token in _PRIMITIVES or _is_name(token)):
                return False
        return False

    def _further_variables(self, at: int) -> Iterator[str]:
        """The other variables of `int a = 1, b;`, from the token after the first."""
        depth = 0
        for i in range(at, min(at + _REACH, len(self._code))):
            token = self._code[i]
            depth += (token in "([{") - (token in ")]}")
            if depth < 0 or (token == ";" and depth == 0):
                return
            if (
                token == ","
                and depth == 0
                and self._at(i + 2) in ("=", ",", ";", "[", ":")
                and _is_name(self._at(i + 1))
            ):
                yield self._code[i + 1]

    def _parameters_of_lambda(self, at: int) -> Iterator[str]:
        """Those without types, by the closing bracket."""
        for i in self._backwards(at):
            if self._code[i] == "(":
                return
            if _is_name(self._code[i]) and self._code[i - 1] in "(," and self._code[i + 1] in ",)":
                yield self._code[i]

    def _is_case(self, at: int) -> bool:
        return next((self._code[i - 1] == "case" for i in self._backwards(at)[::2] if self._code[i - 1] != ","), False)

    def _overrides(self, at: int) -> bool:
        for i in self._backwards(at):
            if self._code[i] in _ENDS_LINE or (self._code[i] == "Override" and self._code[i - 1] == "@"):
                return self._code[i] == "Override"
        return False

    def _type_parameters(self, at: int) -> Iterator[str]:
        depth = 0
        for i in range(at, min(at + _REACH, len(self._code))):
            token = self._code[i]
            depth += (token == "<") - (token == ">")
            if depth == 0 or token in "(){};":
                return
            if depth == 1 and token in "<," and _is_name(self._at(i + 1)):
                yield self._code[i + 1]

    def _members(self, at: int, kind: str) -> None:
        """The constants of an enum and the components of a record, by the index of its name."""
        opener = {"record": "(", "enum": "{"}.get(kind)
        if opener not in self._code[at : at + _REACH]:
            return
        i = self._code.index(opener, at)
        end = _closing(self._code, i)
        if kind == "record":
            self.methods.update(self._code[j] for j in range(i + 1, end) if self._code[j + 1] in ",)")
            return
        i += 1
        while i < end and self._code[i] != ";":
            if _is_name(self._code[i]) and self._code[i - 1] in ("{", ","):
                self.constants.add(self._code[i])
            i = (_closing(self._code, i) if self._code[i] in "({" else i) + 1
