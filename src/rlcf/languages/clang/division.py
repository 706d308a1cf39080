"""Divides a program and its test into what the process of each is compiled from.

The test's process is compiled from the task's own text: its context, in which the body of the function to write is a
call of the program's process, and its test. Nothing that a policy wrote is in it. Where the context leaves no function
open, the policy has written the heads of its functions itself. Then a head is written anew for the test, and only where
it consists of words that are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.languages.clang.facts import GRAMMARS
from rlcf.languages.syntax import Grammar, open_blocks, open_marks, parser
from rlcf.records import Program

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = re.compile(r"[^\W\d]\w*\Z")
_WORD = re.compile(r"[^\W\d]\w*")
_ALLOWED = re.compile(r"[\w\s:<>,&*]*\Z")
_TYPES = frozenset(
    {
        *("void", "bool", "char", "short", "int", "long", "signed", "unsigned", "float", "double", "const", "size_t"),
        *("std", "string", "vector", "pair", "map", "set", "unordered_map", "unordered_set", "multimap", "multiset"),
        *("deque", "list", "array", "tuple", "optional", "complex"),
        *("int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t"),
    }
)
"""The words of the heads that a policy may write."""
_C_HEADERS = ("assert", "limits", "math", "stdbool", "stdint", "stdio", "stdlib", "string")
_BEGIN = {
    "c": "".join(f"#include <{name}.h>\n" for name in _C_HEADERS),
    "c++": "#include <bits/stdc++.h>\nusing namespace std;\n",
}
"""What stands before a test whose context has no text."""
_NO_TYPE = re.compile(r"\b(?:static|inline|extern|constexpr|register)\b|\[\[.*?\]\]")
_AS_CPP = "#define restrict __restrict\n#define _Bool bool\n"


class Indivisible(Exception):
    """The test cannot call the program from another process; the text says why."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A text to compile."""

    language: str
    """`c` or `c++`."""
    text: str


@dataclass(frozen=True, slots=True)
class Divided:
    """What the two processes are compiled from."""

    program: tuple[Unit, ...]
    test: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class _Function:
    """The function that the test calls."""

    name: str
    before: str
    """What stands before its name."""
    inner: str
    """What stands between its parentheses; empty where it has no parameters."""
    after: str
    """What stands between its parameters and its body."""
    parameters: tuple[str, ...]
    pointers: tuple[bool, ...]
    """Whether each parameter is an address."""

    def head(self, name: str | None = None, first: str = "") -> str:
        """All of it but the body, with another name and with another parameter in front."""
        inner = ", ".join(part for part in (first, self.inner) if part)
        return f"{self.before}{name or self.name}({inner}){self.after}"

    @property
    def kind(self) -> str:
        """The type of its address."""
        return _NO_TYPE.sub(" ", self.head("(*)")).strip()

    @property
    def sizes(self) -> list[str]:
        """What tells, where the test calls it, how many bytes each argument points to."""
        written = zip(self.parameters, self.pointers, strict=True)
        return [f"__builtin_dynamic_object_size({name}, 1)" if is_pointer else "0" for name, is_pointer in written]

    def call(self, sizes: Sequence[str]) -> str:
        """The call of the program's function; the first argument is there for its type."""
        names = "".join(f", {name}" for name in self.parameters)
        return f"return rlcf::call(static_cast<{self.kind}>(nullptr), {{{', '.join(sizes)}}}{names});"


def divided(language: str, program: Program) -> Divided:
    """What program and test are compiled from.

    Args:
        language: `c` or `c++`.

    Raises:
        Indivisible: the test cannot call the program.
    """
    grammar = GRAMMARS[language]
    end = len(program.source) if program.test_start is None else program.test_start
    own, test = program.source[:end], program.source[end:]
    context = program.source[: program.start]
    suffix = program.source[program.end : end] if program.end is not None else ""
    if opened := open_marks(grammar, context):
        function, start = _open_function(grammar, context, opened)
        head = context[start : opened[-1] + 1]
        after = "}" * open_blocks(grammar, context, suffix) + suffix + test
    else:
        function, start = _written_function(grammar, own, len(context), test), len(context)
        context, head, after = context or _BEGIN[language], f"{function.head()} {{", f"}}\n{test}"
        start = len(context)
    return (_in_c if language == "c" else _in_cpp)(own, function, context[:start], head, after)


def main_start(language: str, source: str) -> int:
    """Where the function `main` starts; the end of the text where there is none."""
    code = source.encode("utf-8", "replace")
    starts = [node.start_byte for node in _functions(GRAMMARS[language], code) if _name(node, code) == "main"]
    return len(code[: starts[-1]].decode("utf-8", "replace")) if starts else len(source)


def _in_cpp(own: str, function: _Function, before: str, head: str, after: str) -> Divided:
    inline = "[[gnu::always_inline]] " if any(function.pointers) else ""
    test = f"{before}\n{inline}{head} {function.call(function.sizes)} {after}"
    return Divided((Unit("c++", f"{own}\n{_answer(function)}"),), (Unit("c++", test),))


def _in_c(own: str, function: _Function, before: str, head: str, after: str) -> Divided:
    """A test in C has its call in a text of C++ beside it, and so has a program."""
    shared = f'{_AS_CPP}{_types(before)}extern "C" {{ {function.head()}; }}\n'
    passing = function.head("rlcf_call", "const unsigned long *rlcf_sizes")
    call = function.call([f"rlcf_sizes[{i}]" for i in range(len(function.parameters))])
    sizes = f"const unsigned long rlcf_sizes[] = {{{', '.join([*function.sizes, '0'])}}};"
    names = "".join(f", {name}" for name in function.parameters)
    body = f"{sizes} return rlcf_call(rlcf_sizes{names});"
    test = f"{before}\n{passing};\n__attribute__((always_inline)) inline {head} {body} {after}"
    return Divided(
        (Unit("c", own), Unit("c++", shared + _answer(function))),
        (Unit("c", test), Unit("c++", f'{shared}extern "C" {passing} {{ {call} }}\n')),
    )


def _answer(function: _Function) -> str:
    """What the program's process does when it is called."""
    return f'extern "C" void rlcf_answer() {{ rlcf::answer(static_cast<{function.kind}>(&::{function.name})); }}\n'


def _open_function(grammar: Grammar, context: str, opened: Sequence[int]) -> tuple[_Function, int]:
    """The function whose body a context leaves open, and where it starts."""
    if len(opened) > 1:
        raise Indivisible("the function stands within something else")
    code = (context + "}").encode("utf-8", "replace")
    brace = len(context[: opened[-1]].encode("utf-8", "replace"))
    for node in _functions(grammar, code):
        body = node.child_by_field_name("body")
        if body is not None and body.start_byte == brace:
            return _described(node, code, trusted=True), len(code[: node.start_byte].decode("utf-8", "replace"))
    raise Indivisible("the context ends in no function")


def _written_function(grammar: Grammar, own: str, start: int, test: str) -> _Function:
    """The one function of a program that its test names and does not define.

    There must not be a second one: it could stand for a function of the library, which the test compares with.
    """
    code, checks = own.encode("utf-8", "replace"), test.encode("utf-8", "replace")
    begin = len(own[:start].encode("utf-8", "replace"))
    called = set(_WORD.findall(test)) - {_name(node, checks) for node in _functions(grammar, checks)}
    found = {_name(node, code): node for node in _functions(grammar, code) if node.start_byte >= begin}
    names = sorted(called & set(found))
    if len(names) != 1:
        raise Indivisible(f"the test names {', '.join(names) or 'no function'} of the program, where one is expected")
    return _described(found[names[0]], code, trusted=False)


def _functions(grammar: Grammar, code: bytes) -> Iterator[Node]:
    """The functions at the top level of a text, and in its templates."""
    for node in parser(grammar).parse(code).root_node.children:
        if node.type == "template_declaration":
            node = next((n for n in node.children if n.type == "function_definition"), node)
        if node.type == "function_definition":
            yield node


def _name(function: Node, code: bytes) -> str:
    declarator = _declarator(function)
    named = declarator.child_by_field_name("declarator") if declarator else None
    return _text(named, code) if named is not None else ""


def _described(function: Node, code: bytes, trusted: bool) -> _Function:
    """A function as it is written; or written anew, where that is not to be trusted."""
    declarator = _declarator(function)
    named = declarator.child_by_field_name("declarator") if declarator is not None else None
    group = declarator.child_by_field_name("parameters") if declarator is not None else None
    body = function.child_by_field_name("body")
    if named is None or group is None or body is None or not _NAME.match(_text(named, code)):
        raise Indivisible("the function has no plain name")
    written = [n for n in group.named_children if n.type != "comment" and _text(n, code) != "void"]
    names = [_parameter(each, code) for each in written]
    pointers = tuple(bool(re.search(r"[*\[]", _text(each, code))) for each in written)
    before = code[function.start_byte : named.start_byte].decode("utf-8", "replace")
    if trusted:
        inner = code[group.start_byte + 1 : group.end_byte - 1].decode("utf-8", "replace") if written else ""
        after = code[group.end_byte : body.start_byte].decode("utf-8", "replace")
    else:
        types = [_plain_type(each, code, name) for each, name in zip(written, names, strict=True)]
        names = [f"p{i}" for i in range(len(types))]
        inner = ", ".join(f"{kind} {name}" for kind, name in zip(types, names, strict=True))
        before, after = _allowed(re.sub(r"\b(?:static|inline)\b", " ", before)) + " ", ""
    return _Function(_text(named, code), before, inner, after, tuple(names), pointers)


def _declarator(function: Node) -> Node | None:
    """What declares the function's name and parameters; `None` where it is not a plain function."""
    node = function.child_by_field_name("declarator")
    while node is not None and node.type in ("pointer_declarator", "reference_declarator"):
        node = _inner(node)
    return node if node is not None and node.type == "function_declarator" else None


def _inner(declarator: Node) -> Node | None:
    """What a declarator wraps."""
    return declarator.child_by_field_name("declarator") or next(reversed(declarator.named_children), None)


def _parameter(parameter: Node, code: bytes) -> str:
    """The name of a parameter."""
    node = parameter.child_by_field_name("declarator")
    while node is not None and node.type != "identifier":
        node = _inner(node)
    if node is None:
        raise Indivisible("a parameter has no name")
    return _text(node, code)


def _plain_type(parameter: Node, code: bytes, name: str) -> str:
    """The type of a parameter; an array is an address."""
    if parameter.type != "parameter_declaration":
        raise Indivisible("a parameter has a value of its own")
    text = re.sub(rf"\b{name}\b", " ", _text(parameter, code), count=1)
    return _allowed(re.sub(r"\[\w*\]\s*\Z", "*", text))


def _allowed(text: str) -> str:
    """The text of a type, of words and marks that are known."""
    text = " ".join(text.split())
    if not _ALLOWED.match(text) or not all(word in _TYPES for word in _WORD.findall(text)):
        raise Indivisible(f"the type {text[:80]!r} cannot cross between the processes of program and test")
    return text


def _types(before: str) -> str:
    """The includes and the types of a text in C, for one in C++."""
    code = before.encode("utf-8", "replace")
    includes, types = list[str](), list[str]()
    for node in parser(GRAMMARS["c"]).parse(code).root_node.children:
        if node.type == "preproc_include":
            includes.append(_text(node, code).strip())
        elif node.type in ("type_definition", "struct_specifier", "enum_specifier", "union_specifier", "preproc_def"):
            types.append(_text(node, code).strip())
        elif node.type == ";" and types:
            types[-1] += ";"
    return "\n".join([*includes, 'extern "C" {', *types, "}", ""])


def _text(node: Node, code: bytes) -> str:
    return code[node.start_byte : node.end_byte].decode("utf-8", "replace")
