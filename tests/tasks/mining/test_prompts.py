"""What a model is shown of the file it completes, within a budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.config.languages import JavaOptions
from rlcf.languages.java.survey import JavaSurveyor
from rlcf.languages.projects import SourceFile, SourceMethod
from rlcf.tasks.mining.prompts import PROMPT_KINDS, head, prompt, tail
from tests.tasks.mining.small_project import SHOP


def words(text: str) -> int:
    return len(text.split())


@pytest.fixture(scope="module")
def shop(jdk: None, tmp_path_factory: pytest.TempPathFactory) -> SourceFile:
    path = tmp_path_factory.mktemp("sources") / "Shop.java"
    path.write_text(SHOP)
    with JavaSurveyor(JavaOptions()) as surveyor:
        return surveyor.survey([path])[path]


def shown(kind: str, file: SourceFile, tokens: int, name: str = "total") -> str | None:
    method = method_of(file, name)
    return prompt(kind, SHOP, file, method, method.opening + 2, tokens, words)


def method_of(file: SourceFile, name: str) -> SourceMethod:
    return next(method for method in file.methods if method.name == name)


@pytest.mark.parametrize("kind", PROMPT_KINDS)
@pytest.mark.parametrize("tokens", [1, 8, 20, 40, 80, 1000])
def test_a_prompt_fits_and_ends_where_the_body_starts(shop: SourceFile, kind: str, tokens: int) -> None:
    text = shown(kind, shop, tokens)
    assert text is None or (words(text) <= tokens and text.endswith("public int total(int discount) {\n"))
    assert tokens < 1000 or text is not None
    assert tokens > 8 or text is None or kind == "tail"


def test_a_tail_is_the_longest_that_begins_with_a_line() -> None:
    text = "one two\nthree four five\nsix\n"
    assert [tail(text, n, words) for n in (0, 1, 3, 4, 5, 6, 99)] == [
        "",
        "six\n",
        "six\n",
        "three four five\nsix\n",
        "three four five\nsix\n",
        text,
        text,
    ]


def test_a_tail_fits_where_lines_together_have_more_tokens_than_each_by_itself() -> None:
    def count(text: str) -> int:
        return text.count("\n") ** 2

    assert tail("a\n" * 50, 25, count) == "a\n" * 5


def test_a_head_is_the_longest_that_ends_with_a_line() -> None:
    text = "one two\nthree four five\nsix\n"
    assert [head(text, n, words) for n in (0, 1, 2, 4, 5, 6)] == ["", "", "one two\n", "one two\n", text[:24], text]


def test_a_header_has_imports_classes_comment_and_signature(shop: SourceFile) -> None:
    text = shown("header", shop, 1000)
    assert text == (
        "package com.acme;\nimport java.util.ArrayList;\nimport java.util.List;\n\npublic class Shop {\n"
        "    /** The sum of what all items cost, with the discount of the day taken off it. */\n"
        "    public int total(int discount) {\n"
    )


def test_a_skeleton_has_as_many_of_the_members_before_as_fit(shop: SourceFile) -> None:
    whole, short = shown("skeleton", shop, 1000) or "", shown("skeleton", shop, 45) or ""
    assert "    public int size();\n    public boolean isOpen();\n    public void close();\n" in whole
    assert "items.size()" not in whole
    assert "oldTotal" not in whole
    assert "    public void refuse();\n    /** The sum" in short
    assert "getName" not in short


def test_a_method_of_an_inner_class_is_shown_with_the_classes_around_it(jdk: None, tmp_path: Path) -> None:
    text = "class A<T> {\n  static class B extends A<int[]> {\n    int f() {\n      return 1 + 2;\n    }\n  }\n}\n"
    path = tmp_path / "A.java"
    path.write_text(text)
    with JavaSurveyor(JavaOptions()) as surveyor:
        file = surveyor.survey([path])[path]
    method = method_of(file, "f")
    assert method.owner == "A.B"
    expected = "class A<T> {\n  static class B extends A<int[]> {\n    int f() {\n"
    assert prompt("header", text, file, method, method.opening + 2, 100, words) == expected


@pytest.mark.parametrize("kind", PROMPT_KINDS)
def test_no_prompt_shows_what_looks_like_a_key_before_the_method(kind: str, shop: SourceFile) -> None:
    text = shown(kind, shop, 1000, "greeter")
    assert text is not None
    assert "hunter2" not in text
    assert text.endswith("Runnable greeter() {\n")
    if kind in ("tail", "file"):
        assert text.startswith("        return name + password;\n")
