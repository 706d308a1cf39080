"""What a test in JavaScript or TypeScript takes from its context, and what stays the program's."""

from __future__ import annotations

import pytest

from rlcf.languages.javascript.context import own_declarations
from rlcf.languages.javascript.facts import GRAMMAR
from rlcf.languages.typescript.facts import GRAMMAR as TYPESCRIPT

pytest.importorskip("tree_sitter_javascript")
pytest.importorskip("tree_sitter_typescript")


def own(*lines: str, opened: str = "function f(x) {\n", suffix: str = "") -> set[str]:
    context = "\n".join([*lines, opened])
    return {name for each in own_declarations(GRAMMAR, context, suffix) for name in each.names}


def own_in_typescript(*lines: str, opened: str = "function f(x: number): number {\n") -> set[str]:
    context = "\n".join([*lines, opened])
    return {name for each in own_declarations(TYPESCRIPT, context, "") for name in each.names}


def test_functions_and_constants_are_the_tests() -> None:
    assert own("function g() {}", "const a = 1, { b, c: d } = f(1);", "async function h() {}") == set("gabdh")


def test_what_is_open_is_the_programs() -> None:
    assert own("function g() {}", opened="const f = (x) => {\n") == {"g"}
    assert own("function g() { return new A(); }", opened="class A {\n f(x) {\n") == set()
    assert own("function f(a) {}", "function g() { return f(1); }") == {"g"}


def test_what_follows_the_completion_counts() -> None:
    assert own(suffix="}\nfunction g() {}\n") == {"g"}
    assert own(opened="", suffix="function g() {}\n") == {"g"}


@pytest.mark.parametrize(
    "line",
    [
        "class A {}",
        "const A = class {};",
        "function A() { this.x = 1; }",
        "let A = 1;",
        "var A = 1;",
        "const A = {};",
        "const A = [];",
        "const A = new Map();",
        "function A() {}\nA.memo = [1];",
        "function* A() {}",
        "import A from 'a';",
        "const A = process.stdin;",
    ],
)
def test_what_uses_what_is_the_programs_is_the_programs(line: str) -> None:
    assert own(line, "const g = () => A;", "function h() { return g(); }", "function i() { return {}.A; }") == {"i"}


def test_a_context_that_changes_prototypes_is_the_programs() -> None:
    assert own("function g() {}", "Array.prototype.last = function () { return 1; };") == set()


def test_typescript() -> None:
    lines = (
        "interface P { x: number }",
        "export class K<T> {}",
        "export enum E { A }",
        "export const TABLE: Record<string, number> = { a: E.A };",
        "const memo = {} as Record<string, number>;",
        "function g(p: P): number { return p.x; }",
        "const h = (k: K<number>) => 1;",
        "namespace n { export const a = 1; }",
        "const i = () => n.a;",
        "function f(x: string): string;",
    )
    assert own_in_typescript(*lines) == {"E", "TABLE", "g"}
