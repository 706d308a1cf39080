"""Go's syntax: a stub uses what would else be an unused import, and facts of functions are those of their text."""

from __future__ import annotations

import pytest

from rlcf.errors import CheckerUnavailable
from rlcf.languages.functions import function_facts
from rlcf.languages.go import Go
from rlcf.languages.go.syntax import GRAMMAR
from rlcf.languages.go.toolchain import find_go
from rlcf.records import Program, Task


@pytest.fixture(scope="module", autouse=True)
def go_here() -> None:
    try:
        find_go()
    except CheckerUnavailable as error:
        pytest.skip(str(error))


PACKAGES = (
    *("bufio", "bytes", "cmp", "container/heap", "container/list", "container/ring", "context", "crypto/md5"),
    *("crypto/sha256", "embed", "encoding/hex", "encoding/json", "errors", "fmt", "io", "iter", "maps", "math"),
    *(
        "math/big",
        "math/bits",
        "math/cmplx",
        "math/rand",
        "math/rand/v2",
        "os",
        "regexp",
        "reflect",
        "runtime",
        "slices",
    ),
    *(
        "sort",
        "strconv",
        "strings",
        "sync",
        "sync/atomic",
        "text/template",
        "time",
        "unicode",
        "unicode/utf8",
        "unsafe",
    ),
)


def test_a_stub_uses_every_package_that_programs_import() -> None:
    language = Go()
    tasks = [Task(p, f'package main\n\nimport name "{p}"\n\nfunc f() int {{\n', language="go") for p in PACKAGES]
    sources = [Program.of(task, language.stub(task) or "").source for task in tasks]
    with language.checker(1) as checker:
        verdicts = checker.check(sources)
    assert [(t.task_id, v.diagnostics) for t, v in zip(tasks, verdicts, strict=True) if not v.accepted] == []


def test_where_a_package_is_not_known_or_nothing_is_open_there_is_no_stub() -> None:
    for context in ('import "github.com/some/thing"\n\nfunc f() {\n', "func f() {\n}\n", "type T struct{}\n"):
        assert Go().stub(Task("t", f"package main\n\n{context}", language="go")) is None


@pytest.mark.parametrize(
    ("source", "name", "statements", "read", "is_literal", "nesting"),
    [
        ("func f(a, b int) int { return a }", "f", 1, ("a",), False, 0),
        ("func f(a int, b ...string) { a = 1 }", "f", 1, (), False, 0),
        ("func f(a int) { a, b := b, 1 }", "f", 1, (), False, 0),
        ("func f(a int) { a[0] = 1 }", "f", 1, ("a",), False, 0),
        ("func (t T) f() (int, error) { return -1, nil }", "f", 1, (), True, 0),
        ('func f() { panic("no") }', "f", 1, (), True, 0),
        ("func f() int { if x { return 1 } else if y { g() } else { h() }; return 2 }", "f", 6, (), False, 1),
        ("func f() { for { switch { case x: g() } } }", "f", 3, (), False, 2),
    ],
)
def test_facts_of_a_function(
    source: str, name: str, statements: int, read: tuple[str, ...], is_literal: bool, nesting: int
) -> None:
    pytest.importorskip("tree_sitter_go")
    (facts,) = function_facts(f"package main\n\n{source}\n", GRAMMAR) or ()
    assert (facts.name, facts.statements, facts.parameters_read) == (name, statements, read)
    assert (facts.returns_literal, facts.nesting) == (is_literal, nesting)
