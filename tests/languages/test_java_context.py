"""Verdicts on a body in its file: those of javac over the whole project, though most of it is not compiled again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.config.languages import JavaOptions
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.jdk import find_jdk
from rlcf.records import Program, Verdict

ITEM = "package com.acme; public class Item { public int cost; public Item next() throws Exception { return this; } }"
PREFIX = """package com.acme;
import java.util.*;
public class Shop {
    private final List<Item> items;
    static int calls = start();
    public Shop(List<Item> items) { this.items = items; }
    static int start() { return 1; }
    interface Rule { int of(Item item); }
    /** The sum 😀. */
    public int total(Rule rule) {"""
SUFFIX = """
    public int twice() { return 2 * total(i -> i.cost); }
    class Inner { int f() { return calls; } }
}
"""
RIGHT = " int sum = 0; for (Item i : items) { sum += rule.of(i); } return sum; }"


@pytest.fixture(scope="module", params=[None, 8, 11], ids=["jdk", "release-8", "release-11"])
def checker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaChecker]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "Item.java").write_text(ITEM)
    (folder / "Shop.java").write_text(PREFIX + RIGHT + SUFFIX)
    files = [str(folder / name) for name in ("Item.java", "Shop.java")]
    subprocess.run([str(find_jdk().javac), "-d", str(folder / "classes"), *files], check=True)
    with JavaChecker(workers=1, options=JavaOptions(class_path=(folder / "classes",), release=request.param)) as made:
        yield made


def program(body: str, prefix: str = PREFIX, suffix: str = SUFFIX) -> Program:
    return Program(prefix + body + suffix, len(prefix), len(prefix) + len(body))


def first(verdict: Verdict) -> tuple[str, str, int | None]:
    error = verdict.diagnostics[0] if verdict.diagnostics else None
    return verdict.status, error.code if error else "", error.offset if error else None


BODIES = [
    RIGHT,
    " return 0; }",
    " }",
    " return missing; }",
    ' return "text"; }',
    " int n; return n; }",
    " return items.get(0).next().cost; }",
    " while (true) { } }",
    " return 1; int x; }",
    " return 0;",
    " return 0; } }",
    " return 0; } public int total(Rule rule) { return 1; }",
    " return 0; } int other() { return x; }",
    " items = null; return 0; }",
    " Inner i = new Inner(); return i.f() + twice() + start(); }",
    " return new Item() { int g() { return nope; } }.cost; }",
    ' return "😀".nope(); }',
    " return 0; } // }",
    " return 0; /* }",
    ' return """ }',
    "\r\n return 0;\r\n}\r\n",
    " return 0; }   ",
]


def test_a_body_has_the_verdict_of_the_whole_text(checker: JavaChecker) -> None:
    programs = [program(body) for body in BODIES]
    whole = [first(v) for v in checker.check([p.source for p in programs])]
    assert [first(v) for v in checker.check_programs(programs)] == whole
    assert [first(v) for v in checker.check_programs(programs[::-1])] == whole[::-1]
    assert [v[0] for v in whole].count("accepted") >= 6


OPEN = [
    " return 0; /* open",
    " return 0; /* open }",
    ' return """ open }',
    ' return """\n open }',
    ' return "open; }',
    " return 'o; }",
    " return 0; \\u002f* open }",
    " return 0; // open",
    " return (0; }",
    " return 0; } @",
    " if (true) return 0; else",
    " { { return 0; }",
    " /** doc",
    " return 0; } /** doc */ int",
    " for (Item i : items) { total(i -> { return",
]
AFTER = [
    '\n    /** A "quoted" text. */',
    "\n    // it's a comment */",
    ' // """ and "quotes" */',
    " /* ' */ /* \" */",
    ' static final String S = """\n   text */ " \n """; // end',
    "\n    /** @deprecated */ @Deprecated",
    ' static final String WAVES = "\U0001f44b \ud83d \u6ce2"; // half a pair \ud83d',
]


@pytest.mark.parametrize("after", AFTER)
def test_what_a_completion_leaves_open_goes_on_in_comments_after_it(checker: JavaChecker, after: str) -> None:
    programs = [program(body, suffix=f"{after}{SUFFIX}/* end */ // end") for body in [*OPEN, *BODIES]]
    whole = [v.diagnostics for v in checker.check([p.source for p in programs])]
    assert [v.diagnostics for v in checker.check_programs(programs)] == whole


def test_nothing_of_a_program_is_left_for_the_next(checker: JavaChecker) -> None:
    """Its package, its classes, and classes of the class path that have seen them."""
    uses = "package com.acme; class Uses { int f(Shop s) { return s.total(i -> i.cost); } }"
    other = "package com.acme; public class Item { public String cost; public Item next() { return this; } }"
    late = "package com.acme; class Late { Fresh f; }"
    fresh = "package com.acme; class Fresh { }"
    alone = [first(v) for source in (uses, late) for v in checker.check([source])]
    for between in (other, fresh, PREFIX + RIGHT + SUFFIX, "package com; class acme { }", "class Item { }"):
        checker.check([between])
        assert [first(v) for source in (uses, late) for v in checker.check([source])] == alone
    assert [status for status, *_ in alone] == ["accepted", "rejected"]


def test_where_the_file_is_wrong_by_itself_each_body_is_rejected(checker: JavaChecker) -> None:
    """What stands around a completion is compiled with it unless it is known to be right."""
    wrong = SUFFIX.replace("return calls;", "return nope;")
    verdicts = checker.check_programs([program(RIGHT, suffix=wrong), program(" return 0; }", suffix=wrong)] * 2)
    assert [v.diagnostics[0].code for v in verdicts] == ["compiler.err.cant.resolve.location"] * 4


def test_a_body_that_is_wrong_does_not_hide_what_is_wrong_around_it(checker: JavaChecker) -> None:
    wrong = SUFFIX.replace("return calls;", "return nope;")
    one = program(" return missing; }", suffix=wrong)
    (verdict,), (whole,) = checker.check_programs([one]), checker.check([one.source])
    assert verdict.diagnostics == whole.diagnostics
    assert len(verdict.diagnostics) == 2


def test_the_facts_are_those_of_the_completed_method(checker: JavaChecker) -> None:
    (verdict,) = checker.check_programs([program(RIGHT)])
    assert verdict.methods is not None
    assert [m.name for m in verdict.methods] == ["total"]
    (whole,) = checker.check([program(RIGHT).source])
    assert verdict.methods[0] in (whole.methods or ())
    assert verdict.types == whole.types


@pytest.mark.parametrize(
    "prefix",
    [
        "package com.acme; class A { final int n; A() {",
        "package com.acme; class A { static final int N; static {",
        "package com.acme; record P(int n) { P {",
        "package com.acme; class A { Runnable r = () -> {",
        "package com.acme; enum E { ONE { int f() {",
    ],
)
def test_other_blocks_have_the_verdict_of_the_whole_text(checker: JavaChecker, prefix: str) -> None:
    suffix = {"enum": " }; abstract int f(); }", "lamb": "; }"}.get(
        prefix[18:22] if "->" not in prefix else "lamb", " }"
    )
    bodies = [" }", " n = 1; }", " N = 1; }", " this.n = 1; }", " return 1; }", " throw null; }"]
    programs = [program(body, prefix, suffix) for body in bodies]
    whole = [first(v) for v in checker.check([p.source for p in programs])]
    assert [first(v) for v in checker.check_programs(programs)] == whole


def test_a_source_path_has_the_same_verdicts(tmp_path: Path) -> None:
    sources = tmp_path / "com" / "acme"
    sources.mkdir(parents=True)
    (sources / "Item.java").write_text(ITEM.replace("return this;", "return nope();"))
    (sources / "Shop.java").write_text(PREFIX + RIGHT + SUFFIX)
    with JavaChecker(workers=1, options=JavaOptions(source_path=(tmp_path,))) as checker:
        right, wrong, new = checker.check_programs(
            [program(RIGHT), program(" return nope; }"), program(RIGHT + " int x; ")]
        )
    assert not right.accepted  # with the source path it is known to be wrong by itself: javac compiles what it draws in
    assert not wrong.accepted
    assert not new.accepted
