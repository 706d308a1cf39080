"""Diagnostics find their place in the completion."""

from __future__ import annotations

from rlcf.report.highlight import pieces

PROMPT = "class A {\n  int f() {\n"


def at(offset: int | None = None, line: int = 0, column: int = 0) -> dict[str, object]:
    return {
        "code": "c",
        "severity": "error",
        "message": "m",
        "line": line,
        "column": column,
        "offset": offset,
    }


def test_a_mark_covers_the_token_at_the_offset():
    completion = "    return undefined;\n  }\n}"
    offset = len(PROMPT) + completion.index("undefined")
    assert pieces(completion, PROMPT, [at(offset)]) == ["    return ", ["undefined", [1]], ";\n  }\n}"]


def test_a_string_literal_is_marked_whole():
    completion = r'int x = "two \" three" + 1;'
    assert pieces(completion, "", [at(8)])[1] == [r'"two \" three"', [1]]


def test_what_is_missing_at_a_lines_end_is_marked_there_with_no_text():
    assert pieces("int x = 3\nreturn x;", "", [at(9)]) == ["int x = 3", ["", [1]], "\nreturn x;"]


def test_a_mark_may_stand_at_the_very_end():
    assert pieces("int x", "", [at(5)]) == ["int x", ["", [1]]]


def test_several_diagnostics_of_one_place_share_its_mark():
    assert pieces("a + bcd", "", [at(4), at(4), at(5)]) == ["a + ", ["bcd", [1, 2, 3]]]


def test_marks_are_in_the_codes_order_whatever_the_compilers():
    assert pieces("a b", "", [at(2), at(0)]) == [["a", [2]], " ", ["b", [1]]]


def test_diagnostics_in_the_prompt_or_without_a_place_mark_nothing():
    assert pieces("x", PROMPT, [at(3), at(None), at(10_000), at(None, 99, 1)]) == ["x"]


def test_without_the_prompt_nothing_is_marked():
    assert pieces("x", None, [at(0)]) == ["x"]


def test_the_pieces_together_are_the_completion():
    completion = 'String s = "é🦊\u2028";\n\treturn undefinedName +\n;'
    found = pieces(completion, "", [at(n) for n in range(0, len(completion), 3)])
    assert "".join(piece if isinstance(piece, str) else piece[0] for piece in found) == completion
