"""Divides a Rust program with its test into two programs: one that answers calls, and one that runs the test.

See `compiled.py`, and `harness/rlcf.rs` for how they talk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.languages.compiled import Division
from rlcf.languages.rust.syntax import GRAMMAR
from rlcf.languages.syntax import parser
from rlcf.records import Program

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN = re.compile(
    r"(?:[iu](?:8|16|32|64|128|size)|f32|f64|bool|char|str|String|Vec|VecDeque|Option|Result|Box|mut"
    r"|(?:Hash|BTree)(?:Map|Set)|'\w+|->|\d+|[&<>(),;\[\]\s])*"
)
"""Types of functions of a completion: but for names, nothing else of it is in the test's process."""
_COLLECTIONS = b"use std::collections::*;\n"
"""What a whole program may use in the types of its functions."""
_PRELUDE = frozenset(
    (b"Some", b"None", b"Ok", b"Err", b"drop", b"size_of", b"size_of_val", b"align_of", b"align_of_val")
)
"""Values that programs may use without an import; a function of the same name would hide them."""
_WORD = re.compile(rb"\w+")
_TEST_CONFIGURATION = re.compile(rb"#\[cfg\(test\)\]")


class _CannotRun(Exception):
    """Why a program cannot be run with its test."""


def divide(program: Program) -> Division | str:
    """The two programs, or why they cannot be made. The program has been accepted together with its test."""
    source, start = program.source, program.start
    test = len(source) if program.test_start is None else program.test_start
    end = test if program.end is None else min(program.end, test)
    places = (len(source[:place].encode("utf-8", "replace")) for place in (start, end, test))
    try:
        return _Divided(source.encode("utf-8", "replace"), *places).division()
    except _CannotRun as reason:
        return str(reason)


@dataclass(frozen=True, slots=True)
class _Function:
    """A function that the test calls."""

    name: str
    parameters: tuple[tuple[str, bool], ...]
    """The name of each, and whether the function may change what it refers to."""


class _Divided:
    """A program: its text, where its completion starts and ends, and where its test starts, in bytes."""

    def __init__(self, code: bytes, start: int, end: int, test: int) -> None:
        self._own, self._test = code[:test], code[test:]
        self._start, self._end = start, end
        self._root = parser(GRAMMAR).parse(self._own).root_node

    def division(self) -> Division:
        """The sources of both processes. Raises `_CannotRun`."""
        opened = self._opened()
        called = [opened] if opened else []
        if opened is None or not self._is_named_elsewhere(opened):
            called += self._written()
        if not called:
            raise _CannotRun("the test calls no function of the program")
        functions = [_function(node) for node in called]
        own = _edited(self._own, [_renamed(node, b"rlcf_own_main") for node in _mains(self._root)])
        return Division(((own + _serving(functions)).decode("utf-8", "replace"),), (self._judge(opened, called),))

    def _is_named_elsewhere(self, opened: Node) -> bool:
        """Whether the task's text or the test can call the function that the completion finishes."""
        given = b"\n".join((self._own[: self._start], self._own[self._end :], self._test))
        return _WORD.findall(given).count(_name(opened).removeprefix(b"r#")) > 1

    def _written(self) -> list[Node]:
        """The one function that the completion begins itself and the test names, if there is one.

        There must not be a second one: it could stand for what the test takes from a library.
        """
        words = set(_WORD.findall(self._test)) - _PRELUDE - {b"main"}
        begun = [n for n in self._root.children if self._start <= n.start_byte < self._end]
        found = [n for n in begun if n.type == "function_item" and _name(n) in words]
        if len(found) > 1:
            names = ", ".join(_text(node, "name") for node in found)
            raise _CannotRun(f"the test names {names} of the program, where one function is expected")
        return found

    def _opened(self) -> Node | None:
        """The function that the completion finishes."""
        for node in _walk_functions(self._root):
            body = node.child_by_field_name("body")
            if body is not None and self._start > 0 and body.start_byte < self._start <= body.end_byte:
                if node.parent != self._root:
                    raise _CannotRun(f"the test would call {_text(node, 'name')}, which belongs to a type or a module")
                return node
        return None

    def _judge(self, opened: Node | None, called: list[Node]) -> str:
        """The test's program: what surrounds the completion, functions that call, and the test."""
        own = self._own[: self._start] + b"\n" + self._own[self._end :] if self._start else _COLLECTIONS
        if opened is not None:
            body = opened.child_by_field_name("body")
            assert body is not None
            own = self._own[: body.start_byte] + _calling(opened) + self._own[max(self._end, body.end_byte) :]
        for node in called:
            if node != opened:
                own += b"\n" + _declared(node) + _calling(node)
        return _with_main(own, self._test)


def _function(node: Node) -> _Function:
    if node.child_by_field_name("type_parameters") and _generic(node):
        raise _CannotRun(f"the test would call {_text(node, 'name')}, which is generic")
    parameters = node.child_by_field_name("parameters")
    found = []
    for each in parameters.named_children if parameters else ():
        if each.type in ("line_comment", "block_comment", "attribute_item"):
            continue
        pattern, kind = each.child_by_field_name("pattern"), each.child_by_field_name("type")
        if pattern is None or kind is None or pattern.type != "identifier":
            raise _CannotRun(f"a parameter of {_text(node, 'name')} has no plain name")
        changes = kind.type == "reference_type" and any(n.type == "mutable_specifier" for n in kind.children)
        found.append(((pattern.text or b"").decode(), changes))
    return _Function(_text(node, "name"), tuple(found))


def _generic(node: Node) -> bool:
    """Whether a function has parameters that are types or numbers, and not lifetimes only."""
    group = node.child_by_field_name("type_parameters")
    return group is not None and any(n.type not in ("lifetime_parameter", "lifetime") for n in group.named_children)


def _declared(node: Node) -> bytes:
    """The head of a function of the completion: its name, and types that only have names of Rust's own."""
    parts = [node.child_by_field_name("return_type")]
    parameters = node.child_by_field_name("parameters")
    parts += [each.child_by_field_name("type") for each in (parameters.named_children if parameters else ())]
    for part in parts:
        text = (part.text or b"").decode("utf-8", "replace") if part else ""
        if not _PLAIN.fullmatch(text):
            raise _CannotRun(f"{text} of {_text(node, 'name')} is no plain data")
    names = [name for name, _ in _function(node).parameters]
    kinds = [part.text or b"" for part in parts[1:] if part]
    listed = b", ".join(name.encode() + b": " + kind for name, kind in zip(names, kinds, strict=True))
    lifetimes = node.child_by_field_name("type_parameters")
    result = b" -> " + (parts[0].text or b"") if parts[0] else b""
    return b"fn " + _name(node) + ((lifetimes.text or b"") if lifetimes else b"") + b"(" + listed + b")" + result + b" "


def _calling(node: Node) -> bytes:
    """The body of a function that calls its like in the other process."""
    function = _function(node)
    sent = "".join(f" ::rlcf::put(&{name}, &mut rlcf_out);" for name, _ in function.parameters)
    changed = "".join(f" ::rlcf::receive_into({n}, &mut rlcf_in);" for n, changes in function.parameters if changes)
    return (
        f'{{ let mut rlcf_out = ::rlcf::request("{function.name}");{sent} let mut rlcf_in = ::rlcf::call(rlcf_out);'
        f" let rlcf_result = ::rlcf::received(&mut rlcf_in);{changed} ::rlcf::finished(rlcf_in); rlcf_result }}\n"
    ).encode()


def _serving(functions: list[_Function]) -> bytes:
    """The main function of the program's process."""
    entries = []
    for function in functions:
        names = [f"rlcf_{number}" for number in range(len(function.parameters))]
        changed = [changes for _, changes in function.parameters]
        taken = "".join(
            f" let {name}{': &mut _' if changes else ''} = ::rlcf::take(input)?;"
            for name, changes in zip(names, changed, strict=True)
        )
        given = ", ".join(f"&mut *{n}" if changes else n for n, changes in zip(names, changed, strict=True))
        back = "".join(f" ::rlcf::put(&*{n}, out);" for n, changes in zip(names, changed, strict=True) if changes)
        entries.append(
            f'("{function.name}", |input, out| {{{taken} input.finished()?; let result = {function.name}({given});'
            f" ::rlcf::put(&result, out);{back} ::rlcf::DONE }})"
        )
    return f"\nfn main() {{ ::rlcf::serve(&[{', '.join(entries)}]) }}\n".encode()


def _with_main(own: bytes, test: bytes) -> str:
    """What runs the tests: functions that are marked as such, or else the test's `main`."""
    code = own + b"\n" + test
    root = parser(GRAMMAR).parse(code).root_node
    edits: list[tuple[int, int, bytes]] = []
    tests: list[str] = []
    main = None
    for node in _mains(root):
        is_test = node.start_byte > len(own)
        main = "rlcf_test_main" if is_test else main
        edits.append(_renamed(node, b"rlcf_test_main" if is_test else b"rlcf_own_main"))
    for node in _walk_functions(root):
        attributes = _attributes(node)
        marks = [each for each in attributes if each.text == b"#[test]"]
        if not marks or any((each.text or b"").startswith(b"#[ignore") for each in attributes):
            continue
        modules = list(_modules(node))
        edits += [(each.start_byte, each.end_byte, b"") for each in marks]
        edits += [
            (each.start_byte, each.start_byte, b"pub(crate) ") for each in (node, *modules) if not _is_public(each)
        ]
        path = "::".join([*(_text(each, "name") for each in reversed(modules)), _text(node, "name")])
        panics = any((each.text or b"").startswith(b"#[should_panic") for each in attributes)
        edits += [(e.start_byte, e.end_byte, b"") for e in attributes if (e.text or b"").startswith(b"#[should_panic")]
        tests.append(f"(|| ::rlcf::ended({path}()), {str(panics).lower()})")
    if not tests and main is not None:
        tests = [f"(|| ::rlcf::ended({main}()), false)"]
    if not tests:
        raise _CannotRun("there is no test: neither a function with #[test] nor main")
    code = _TEST_CONFIGURATION.sub(b"", _edited(code, edits))
    return code.decode("utf-8", "replace") + f"\nfn main() {{ ::rlcf::judge(&[{', '.join(tests)}]) }}\n"


def _walk_functions(root: Node) -> Iterator[Node]:
    """The functions of a program, in modules and in types as well, none that stand in functions."""
    left = list(reversed(root.children))
    while left:
        node = left.pop()
        if node.type == "function_item":
            yield node
        elif node.type in ("mod_item", "declaration_list", "impl_item", "trait_item"):
            left += reversed(node.children)


def _mains(root: Node) -> list[Node]:
    return [node for node in root.children if node.type == "function_item" and _name(node) == b"main"]


def _attributes(node: Node) -> list[Node]:
    found = []
    before = node.prev_named_sibling
    while before is not None and before.type in ("attribute_item", "line_comment", "block_comment"):
        if before.type == "attribute_item":
            found.append(before)
        before = before.prev_named_sibling
    return found


def _modules(node: Node) -> Iterator[Node]:
    """Those that a node stands in, the innermost first."""
    above = node.parent
    while above is not None:
        if above.type == "mod_item":
            yield above
        above = above.parent


def _is_public(node: Node) -> bool:
    return any(each.type == "visibility_modifier" for each in node.children)


def _name(node: Node) -> bytes:
    name = node.child_by_field_name("name")
    return (name.text or b"") if name is not None else b""


def _text(node: Node, field: str) -> str:
    part = node.child_by_field_name(field)
    return (part.text or b"").decode("utf-8", "replace") if part is not None else ""


def _renamed(node: Node, to: bytes) -> tuple[int, int, bytes]:
    name = node.child_by_field_name("name")
    assert name is not None
    return name.start_byte, name.end_byte, to


def _edited(code: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for start, end, text in sorted(set(edits), reverse=True):
        code = code[:start] + text + code[end:]
    return code
