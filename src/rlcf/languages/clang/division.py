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
    """A function that the test calls."""

    name: str
    head: str
    """Up to its parameters, with its name as `NAME` and a place for more parameters, `MORE`."""
    parameters: tuple[str, ...]
    pointers: tuple[bool, ...]
    """Whether each parameter is an address."""


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
        closers = "}" * open_blocks(grammar, context, suffix)
        before, after = context[: opened[-1] + 1], f"{closers}{suffix}{test}"
        functions = [function]
    else:
        functions = _written_functions(grammar, own, program.start, test)
        before, after, start = context or _BEGIN[language], test, None
    if language == "c":
        return _in_c(own, before, start, after, functions, grammar)
    return _in_cpp(own, before, start, after, functions)


def main_start(language: str, source: str) -> int:
    """Where the function `main` starts; the end of the text where there is none."""
    code = source.encode("utf-8", "replace")
    starts = [node.start_byte for node in _functions(GRAMMARS[language], code) if _name(node, code) == "main"]
    return len(code[: starts[-1]].decode("utf-8", "replace")) if starts else len(source)


def _in_cpp(own: str, before: str, start: int | None, after: str, functions: Sequence[_Function]) -> Divided:
    calls = [f"return rlcf::call({_arguments(number, each, _sizes(each))});" for number, each in enumerate(functions)]
    if start is not None:
        inline = "[[gnu::always_inline]] " if any(functions[0].pointers) else ""
        test = f"{before[:start]}{inline}{before[start:]} {calls[0]} {after}"
    else:
        written = zip(functions, calls, strict=True)
        stubs = [f"[[gnu::always_inline]] inline {_head(each)} {{ {call} }}\n" for each, call in written]
        test = f"{before}\n{''.join(stubs)}{after}"
    return Divided((Unit("c++", f"{own}\n{_added(functions)}"),), (Unit("c++", test),))


def _in_c(
    own: str, before: str, start: int | None, after: str, functions: Sequence[_Function], grammar: Grammar
) -> Divided:
    """A test in C has its calls in a text of C++ beside it, and so has a program."""
    types = _types(before if start is None else before[:start], grammar)
    declarations = "".join(f"{_head(each)};\n" for each in functions)
    shared = f'{_AS_CPP}{types}extern "C" {{\n{declarations}}}\n'
    calls, stubs = list[str](), list[str]()
    for number, each in enumerate(functions):
        head = _head(each, f"rlcf_{number}", "const unsigned long *rlcf_sizes")
        given = _arguments(number, each, [f"rlcf_sizes[{i}]" for i in range(len(each.parameters))])
        calls.append(f'extern "C" {head} {{ return rlcf::call({given}); }}\n')
        stubs.append(_stub_in_c(number, each))
    heads = "".join(
        f"{_head(each, f'rlcf_{number}', 'const unsigned long *rlcf_sizes')};\n"
        for number, each in enumerate(functions)
    )
    if start is not None:
        test = f"{before[:start]}{heads}{_INLINE_C} {before[start:]} {stubs[0]} {after}"
    else:
        written = zip(functions, stubs, strict=True)
        test = f"{before}\n{heads}{''.join(f'{_INLINE_C} {_head(e)} {{ {stub} }} ' for e, stub in written)}{after}"
    return Divided(
        (Unit("c", own), Unit("c++", shared + _added(functions))),
        (Unit("c", test), Unit("c++", shared + "".join(calls))),
    )


_INLINE_C = "__attribute__((always_inline)) static inline"


def _stub_in_c(number: int, function: _Function) -> str:
    """The body of a function for the test: it hands its arguments on, with the sizes of what they point to."""
    arguments = "".join(f", {name}" for name in function.parameters)
    sizes = f"const unsigned long rlcf_sizes[] = {{{', '.join([*_sizes(function), '0'])}}};"
    return f"{sizes} return rlcf_{number}(rlcf_sizes{arguments});"


def _sizes(function: _Function) -> list[str]:
    """What tells, where the test calls a function, how many bytes each argument points to."""
    written = zip(function.parameters, function.pointers, strict=True)
    return [f"__builtin_dynamic_object_size({name}, 1)" if is_pointer else "0" for name, is_pointer in written]


def _added(functions: Sequence[_Function]) -> str:
    """The text that makes functions known to the program's process."""
    added = "".join(f" rlcf::add(static_cast<{_kind(each)}>(&::{each.name}));" for each in functions)
    return f'extern "C" void rlcf_functions() {{{added} }}\n'


def _arguments(number: int, function: _Function, sizes: Sequence[str]) -> str:
    """The arguments of `rlcf::call`; the second one is there for its type."""
    names = "".join(f", {name}" for name in function.parameters)
    return f"{number}, static_cast<{_kind(function)}>(nullptr), {{{', '.join(sizes)}}}{names}"


def _head(function: _Function, name: str | None = None, more: str = "") -> str:
    comma = ", " if more and function.parameters else ""
    return function.head.replace("NAME", name or function.name).replace("MORE", f"{more}{comma}")


def _kind(function: _Function) -> str:
    """The type of a function's address."""
    return _NO_TYPE.sub(" ", _head(function, "(*)")).strip()


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


def _written_functions(grammar: Grammar, own: str, start: int, test: str) -> list[_Function]:
    """The functions of a program that its test names."""
    code, called = own.encode("utf-8", "replace"), set(_WORD.findall(test))
    begin = len(own[:start].encode("utf-8", "replace"))
    found: dict[str, _Function] = {}
    for node in _functions(grammar, code):
        name = _name(node, code)
        if name in called and name != "main" and node.start_byte >= begin:
            found[name] = _described(node, code, trusted=False)
    if not found:
        raise Indivisible("the test calls no function of the program")
    return list(found.values())


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
    if trusted:
        before = code[function.start_byte : named.start_byte].decode("utf-8", "replace")
        inner = code[group.start_byte + 1 : group.end_byte - 1].decode("utf-8", "replace") if written else ""
        after = code[group.end_byte : body.start_byte].decode("utf-8", "replace")
        return _Function(_text(named, code), f"{before}NAME(MORE{inner}){after}", tuple(names), pointers)
    own_names = tuple(f"p{i}" for i in range(len(written)))
    types = [_plain_type(each, code, name) for each, name in zip(written, names, strict=True)]
    result = _allowed(
        code[function.start_byte : named.start_byte]
        .decode("utf-8", "replace")
        .replace("static", "")
        .replace("inline", "")
    )
    inner = ", ".join(f"{kind} {name}" for kind, name in zip(types, own_names, strict=True))
    return _Function(_text(named, code), f"{result} NAME(MORE{inner})", own_names, pointers)


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


def _types(before: str, grammar: Grammar) -> str:
    """The includes and the types of a text in C, for one in C++."""
    code = before.encode("utf-8", "replace")
    includes, types = list[str](), list[str]()
    for node in parser(grammar).parse(code).root_node.children:
        if node.type == "preproc_include":
            includes.append(_text(node, code).strip())
        elif node.type in ("type_definition", "struct_specifier", "enum_specifier", "union_specifier", "preproc_def"):
            types.append(_text(node, code).strip())
        elif node.type == ";" and types:
            types[-1] += ";"
    return "\n".join([*includes, 'extern "C" {', *types, "}", ""])


def _text(node: Node, code: bytes) -> str:
    return code[node.start_byte : node.end_byte].decode("utf-8", "replace")
