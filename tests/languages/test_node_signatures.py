"""The function that a task in JavaScript or TypeScript asks for, and what its parameters are taken for."""

from __future__ import annotations

import json

import pytest

from rlcf.languages.driving.inputs import BOOL, FLOAT, INT, NONE, TEXT, UNKNOWN, Type
from rlcf.languages.driving.target import Signature
from rlcf.languages.javascript.facts import GRAMMAR as JAVASCRIPT
from rlcf.languages.javascript.signature import signature_of
from rlcf.languages.syntax import Grammar
from rlcf.languages.typescript.facts import GRAMMAR as TYPESCRIPT
from rlcf.records import Task

pytest.importorskip("tree_sitter_javascript")
pytest.importorskip("tree_sitter_typescript")


def found(context: str, grammar: Grammar, name: str = "f") -> Signature:
    made = signature_of(Task("t", context, entry_point=name), grammar)
    assert isinstance(made, Signature), made
    return made


def ints(kind: str = "list") -> Type:
    return Type(kind, (INT,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("annotation", "of"),
    [
        ("number", INT),
        ("string | null", Type("union", (TEXT, NONE))),
        ("Array<Array<number>>", Type("list", (ints(),))),
        ("readonly number[]", ints()),
        ("[number, string]", Type("tuple", (INT, TEXT))),
        ("Set<number>", ints("set")),
        ("Map<string, boolean>", Type("map", (TEXT, BOOL), "Map")),
        ("Record<string, number>", Type("map", (TEXT, INT))),
        ("{ [key: string]: number }", Type("map", (TEXT, INT))),
        ("{ a: number; b?: string; 'c d': boolean }", Type("record", (INT, BOOL), json.dumps(["a", "c d"]))),
        ("'up' | 'down'", Type("union", (Type("constant", name='"up"'), Type("constant", name='"down"')))),
        ("Point", Type("record", (INT, INT), json.dumps(["x", "y"]))),
        ("Partial<Point>[]", Type("list", (Type("record", (INT, INT), json.dumps(["x", "y"])),))),
        ("Level", Type("union", tuple(Type("constant", name=n) for n in ("0", "5", "6", '"top"')))),
        ("T", INT),
        ("any[]", Type("list", (UNKNOWN,))),
        ("(x: number) => number", Type("object", name="(x: number) => number")),
    ],
)
def test_annotations_are_types_of_inputs(annotation: str, of: Type) -> None:
    before = "interface Point { x: number; y: number }\nenum Level { Low, Mid = 5, High, Top = 'top' }\n"
    assert found(f"{before}function f<T>(a: {annotation}): void {{\n", TYPESCRIPT).parameters == (of,)


def test_a_list_that_holds_itself_comes_to_an_end() -> None:
    (of,) = found("interface Node { next: Node | null }\nfunction f(a: Node) {\n", TYPESCRIPT).parameters
    for _ in range(2):
        ((of, none),) = (part.of for part in of.of)
        assert none == NONE
    assert of == Type("record", (NONE,), '["next"]')


def test_examples_in_the_prompt_say_what_numbers_and_arrays_are() -> None:
    context = (
        '/**\n * > f([1, 2], \'a\', 0.5, {"a": [1.5]}, true)\n * 1\n * > f([], "b\\/c", 1, {}, false)\n * 2\n */\n'
        "function f(p, q, u, v, w) {\n"
    )
    reals = Type("map", (TEXT, Type("list", (FLOAT,))))
    assert found(context, JAVASCRIPT).parameters == (ints(), TEXT, FLOAT, reals, BOOL)
    typed = "/** >>> f((1.5, 2), 3) */\nconst f = function (a: Array<number>, b: number): number {\n"
    assert found(typed, TYPESCRIPT).parameters == (Type("list", (FLOAT,)), INT)


def test_jsdoc_says_more_than_names() -> None:
    context = (
        "/**\n * @param {number[]} text\n * @param {string=} n\n * @param {?boolean} x\n */\nfunction f(text, n, x) {\n"
    )
    assert found(context, JAVASCRIPT).parameters == (ints(), TEXT, BOOL)


def test_names_are_the_last_to_be_asked() -> None:
    names = "arr, testList, n, maxCount, str1, firstWord, words, matrix, isOpen, price, whatever"
    of = found(f"const f = ({names}) => {{\n", JAVASCRIPT).parameters
    texts, matrix = Type("list", (TEXT,)), Type("list", (ints(),))
    assert of == (ints(), ints(), INT, INT, TEXT, TEXT, texts, matrix, BOOL, FLOAT, UNKNOWN)


def test_what_need_not_be_given_is_left_out() -> None:
    assert found("function f(a, b = 1, ...c) {\n", JAVASCRIPT).parameters == (INT,)
    assert found("function f(this: Date, a: string, b?: string, c = 1, ...d: number[]) {\n", TYPESCRIPT).parameters == (
        TEXT,
    )


def test_methods_belong_to_their_class() -> None:
    context = "class A {\n  constructor(n: number) {}\n  static g() { return 1; }\n  f(a: string) {\n"
    assert found(context, TYPESCRIPT) == Signature("f", (TEXT,), "A", (INT,))
    assert found("class A {\n  static f(text) {\n", JAVASCRIPT) == Signature("f", (TEXT,), "A", (), True)


def test_the_function_that_is_open_counts_where_no_name_is_given() -> None:
    assert found("function g(n) { return n; }\nfunction h(str) {\n", JAVASCRIPT, "nothing").name == "h"
    assert signature_of(Task("t", "let x = 1;\n"), JAVASCRIPT) == "the task opens no function"
