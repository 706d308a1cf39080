"""The checker beside `javac` itself, on whole and broken programs: `benchmarks/equality.py` in miniature."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from benchmarks.equality import WHOLE, Case, compare, hostile_cases, make_cases, references, table
from benchmarks.javac import Answer, Fault, Javac, ask_javac, character_column, public_type
from benchmarks.mutants import MUTATIONS, mutant, tokens

from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.jdk import Jdk, find_jdk

SEED = 7
NOWHERE = Path("nowhere")
WRONG = "class A {\n\tint a = 1,\tb = /* 😀 */ c;\n}"


@pytest.fixture(scope="module")
def whole() -> list[tuple[str, str]]:
    """The built-in references."""
    return references(NOWHERE)["built-in"]


def variants(whole: list[tuple[str, str]], kind: str) -> Iterator[Case]:
    """Broken variants of one kind, each of another reference."""
    rng = random.Random(f"{SEED} {kind}")
    for name, source in rng.sample(whole, len(whole)):
        if (changed := mutant(source, kind, rng)) is not None:
            yield Case(f"{name}, {kind}", "built-in", kind, changed)


@pytest.mark.usefixtures("jdk_here")
def test_the_checker_says_what_javac_says_in_any_order_and_company(
    whole: list[tuple[str, str]], java_checker: JavaChecker, tmp_path: Path
) -> None:
    cases = [Case(name, "built-in", WHOLE, source) for name, source in random.Random(SEED).sample(whole, 4)]
    for kind in MUTATIONS:
        cases += islice(variants(whole, kind), 2)
    javac = Javac(find_jdk(), tmp_path / "answers.jsonl")
    expected = javac.ask([case.source for case in cases], 2)
    assert {answer.status for answer in expected} == {"accepted", "rejected"}
    differences = compare(java_checker, cases, expected, SEED)
    assert not differences, "\n".join(table(cases, expected, differences))


@pytest.mark.usefixtures("jdk_here")
def test_a_difference_is_told(java_checker: JavaChecker) -> None:
    case = Case("a name", "built-in", WHOLE, WRONG)
    right = Fault("compiler.err.cant.resolve.location", 2, 25)
    for expected, first in (
        (Answer("rejected", (right,)), None),
        (Answer("accepted"), True),
        (Answer("rejected", (right._replace(column=26),)), True),
        (Answer("rejected", (right, right)), False),
    ):
        found = compare(java_checker, [case], [expected], SEED)
        assert [difference.first for difference in found] == ([] if first is None else [first])
        assert all("a name" in "\n".join(table([case], [expected], found)) for _ in found)


@pytest.mark.usefixtures("jdk_here")
def test_javac_is_asked_under_the_name_its_public_type_wants() -> None:
    jdk = find_jdk()
    assert public_type("/* public class A { */ class B { public class C { } } public final class D { }") == "D"
    assert public_type("\\u0070ublic class A { }") is None
    assert ask_javac(jdk, "\\u0070ublic class A { }") == Answer("accepted")
    assert ask_javac(jdk, "public class A { } public class B { }") == Answer(
        "rejected", (Fault("compiler.err.class.public.should.be.in.file", 1, 27),)
    )
    # On the class path there is nothing, not even the file itself.
    assert ask_javac(jdk, "class A { Program p; }").faults[0].code == "compiler.err.cant.resolve.location"


@pytest.mark.usefixtures("jdk_here")
def test_what_javac_said_is_kept_and_a_line_cut_short_is_asked_again(tmp_path: Path) -> None:
    jdk, kept = find_jdk(), tmp_path / "answers.jsonl"
    asked: list[tuple[int, int]] = []
    said = Javac(jdk, kept).ask([WRONG, "class B { }", WRONG], 2, lambda *progress: asked.append(progress))
    assert said[0] == said[2] == Answer("rejected", (Fault("compiler.err.cant.resolve.location", 2, 25),))
    assert asked == [(1, 2), (2, 2)]
    gone = Jdk(NOWHERE, jdk.version)  # has no javac: what is kept is not asked again
    assert Javac(gone, kept).ask([WRONG, "class B { }"], 1) == said[:2]
    kept.write_bytes(kept.read_bytes()[:-9])
    assert Javac(jdk, kept).ask([WRONG, "class B { }"], 1, lambda *progress: asked.append(progress)) == said[:2]
    assert asked[2:] == [(1, 1)]
    assert Javac(gone, kept).ask([WRONG, "class B { }"], 1) == said[:2]


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("int x;", 5, 5),
        ("\tint x;", 9, 2),
        ("  \tint x;", 9, 4),
        ("\t\tx", 17, 3),
        ("'😀' x", 6, 5),
        ("😀\tx", 9, 3),
        ("class A {", 10, 10),
        ("", 1, 1),
    ],
)
def test_javacs_columns_become_columns_in_characters(line: str, column: int, expected: int) -> None:
    assert character_column(line, column) == expected


def test_every_kind_of_change_finds_something_in_the_references(whole: list[tuple[str, str]]) -> None:
    sources = dict(whole)
    for kind in MUTATIONS:
        (case,) = islice(variants(whole, kind), 1)
        assert case.source != sources[case.name.partition(",")[0]]


def test_the_pieces_of_a_source_are_the_source(whole: list[tuple[str, str]]) -> None:
    cases = make_cases({"built-in": whole}, 800, SEED)
    for case in [*cases, *hostile_cases()]:
        assert "".join(token.text for token in tokens(case.source)) == case.source


def test_programs_differ_and_more_of_them_start_with_the_fewer(whole: list[tuple[str, str]]) -> None:
    many = make_cases({"built-in": whole}, 1_000, SEED)
    assert len(many) == len({case.source for case in many}) == 1_000
    assert many[:100] == make_cases({"built-in": whole}, 100, SEED)
    assert many[:100] != make_cases({"built-in": whole}, 100, SEED + 1)
    assert {case.kind for case in many} == {WHOLE, *MUTATIONS}
    assert make_cases({"built-in": [("empty", "")]}, 10**6, SEED)[0].source == ""
