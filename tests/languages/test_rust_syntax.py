"""Rust's syntax: facts of functions are those of their text, and blocks are not opened by comments and texts."""

from __future__ import annotations

import pytest

from rlcf.languages.functions import function_facts
from rlcf.languages.rust import Rust
from rlcf.languages.rust.syntax import GRAMMAR
from rlcf.languages.syntax import open_blocks


@pytest.mark.parametrize(
    ("source", "statements", "read", "is_literal", "nesting"),
    [
        ("fn f(a: i32, b: i32) -> i32 { a }", 1, ("a",), False, 0),
        ("fn f(a: i32) -> i32 { let b = a; b }", 2, ("a",), False, 0),
        ("fn f(mut a: i32) { a = 1; }", 1, (), False, 0),
        ("fn f(a: i32) { a[0] = 1; }", 1, ("a",), False, 0),
        ("fn f<'a>(&'a self, (b, c): (i32, i32)) { c }", 1, ("c",), False, 0),
        ('fn f(a: i32) -> String { format!("{a}") }', 1, ("a",), False, 0),
        ('fn f(a: i32) -> String { format!("{}", a) }', 1, ("a",), False, 0),
        ("fn f() -> (i32, bool) { (-1, true) }", 1, (), True, 0),
        ("fn f() -> i32 { return 1; }", 1, (), True, 0),
        ("fn f() -> i32 { todo!() }", 1, (), True, 0),
        ("fn f() -> i32 { g() }", 1, (), False, 0),
        ("fn f() { if x { g(); } else if y { h() } else { k() } /* } */ }", 4, (), False, 1),
        ("fn f() { for a in b { match c { 1 => { d() } _ => {} } } }", 3, (), False, 2),
    ],
)
def test_facts_of_a_function(
    source: str, statements: int, read: tuple[str, ...], is_literal: bool, nesting: int
) -> None:
    pytest.importorskip("tree_sitter_rust")
    (facts,) = function_facts(source, GRAMMAR) or ()
    assert (facts.name, facts.statements, facts.parameters_read) == ("f", statements, read)
    assert (facts.returns_literal, facts.nesting) == (is_literal, nesting)


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("fn f<'a>(x: &'a str) { // {", 1),
        ("fn f() { /* /* { */ { */ let x = '{'; let y = '\\''; let z = '\\u{1F600}'; {", 2),
        ('fn f() { r#"{"{"#; br"{"; "\\"{"; b\'{\'; \'é\'; \'😀\'; {', 2),
        ('fn f() { r##"}"#}', 1),
        ("fn f() { /* /* } */", 1),
        ('fn f() { "}\\', 1),
        ("fn f() { '}", 1),
        ("fn f() { 'outer: loop {", 2),
        ("}}} fn f() {", 1),
    ],
)
def test_only_marks_outside_of_comments_and_texts_open_blocks(text: str, opened: int) -> None:
    assert open_blocks(GRAMMAR, text) == opened
    assert Rust().closing(text) == "}" * opened
