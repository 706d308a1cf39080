"""Where a program ends, in a context that may be a long file."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlcf.languages.java import ends
from rlcf.languages.java.ends import program_end

PIECES = ["{", "}", "\n", "\r\n", "\r", "x", ";", '"', "'", '"""', "//", "/*", "*/", "\\", "'{'", " "]
TEXTS = st.lists(st.sampled_from([*PIECES, "\\u007b", "\\u007d", "\\u0022"]), max_size=12).map("".join)


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_remembered_of_a_context_changes_no_end(context: str, completion: str, suffix: str) -> None:
    with mock.patch.object(ends, "_depth_of_whole_lines", return_value=(0, 0)):
        read_each_time = program_end(context, completion, suffix)
    assert program_end(context, completion, suffix) == read_each_time


@pytest.mark.parametrize(
    ("context", "completion", "end"),
    [
        ("class A {\n  int f() {\n", "return 1; } } x", 13),
        ("class A { // {\n  int f() {", "return 1; } } x", 13),
        ("class A { /* {\n */ int f() {", "return 1; } } x", 13),
        ("class A { /* {\n ", "*/ } x", 4),
        ('class A { String s = """\n { ', '"""; } x', 6),
        ('class A { String s = """\n { \n', '{ """; } x', 8),
        ("class A \\u007b\n int f() {\n", "} \\u007d x", 8),
    ],
)
def test_comments_and_text_blocks_may_go_on_over_lines(context: str, completion: str, end: int) -> None:
    assert program_end(context, completion) == end
    assert program_end(context, completion) == end  # the second time it is remembered


def test_a_long_context_is_read_a_single_time() -> None:
    context = "class A {\n" + "  void f() { if (x) { y(); } }\n" * 20_000 + "  int g() {\n"
    suffix = "\n" + "  void f() { if (x) { y(); } }\n" * 20_000 + "}\n"
    ends = {program_end(context, f"return {i}; }} }}", suffix) for i in range(2000)}  # a minute, if it were not
    assert ends == {len(f"return {i}; }}") for i in (1, 11, 111, 1111)}
