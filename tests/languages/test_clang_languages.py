"""C and C++: what is particular to their checker, codes and texts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.config.languages import COptions, CppOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.base import Checker
from rlcf.languages.c import C
from rlcf.languages.clang import checker as clang_checker
from rlcf.languages.clang.codes import code_of
from rlcf.languages.cpp import Cpp
from rlcf.records import Program, Task, Verdict
from tests.languages.examples.cpp import ALL


@pytest.fixture(scope="module", autouse=True)
def _needs_the_tools() -> None:
    missing = [need.name for need in (*C().requirements(), *Cpp().requirements()) if need.found is None]
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Cpp().checker(workers=1) as made:
        yield made


def first(verdict: Verdict) -> tuple[str, int | None]:
    return next((d.code, d.offset) for d in verdict.diagnostics if d.severity == "error")


def test_a_program_gets_the_same_verdict_with_its_headers_parsed_before_and_without(checker: Checker) -> None:
    sources = [f"{ALL}int f(vector<int> v) {{ return {value}; }}" for value in ("v[0]", "v.nothing", "v", "w[0]")]
    alone = [checker.check([source.replace("#include <bits", "#include  <bits")])[0] for source in sources]
    sources = ["#define UNUSED\n" + source for source in sources]  # includes that no block begins with
    shifted = [checker.check([source])[0] for source in sources]
    for one, other in zip(alone, shifted, strict=True):
        assert one.status == other.status
        if not one.accepted:
            (code, offset), (other_code, other_offset) = first(one), first(other)
            assert (code, offset) == (other_code, (other_offset or 0) - len("#define UNUSED\n") + 1)


@pytest.mark.parametrize(
    "text",
    [
        '#include "/etc/passwd"',
        "#include </etc/passwd>",
        '#include "../../../../../../etc/passwd"',
        "#define FILE </etc/passwd>\n#include FILE",
        '#include_next "/etc/passwd"',
        '#include "/proc/self/environ"',
        '#import "/etc/passwd"',
        f'#include "{__file__}"',
        f'#include "{clang_checker.__file__}"',
    ],
)
@pytest.mark.parametrize("before", ["", "int a;\n"])
def test_no_file_of_the_machine_is_included(checker: Checker, before: str, text: str) -> None:
    for _ in range(3):
        (verdict,) = checker.check([f"{before}{text}\n"])
        assert first(verdict)[0] == "file-not-found"
        assert "root" not in str(verdict)


def test_whether_a_file_of_the_machine_is_there_cannot_be_asked(checker: Checker) -> None:
    (verdict,) = checker.check(['#if __has_include("/etc/passwd")\n#error it is\n#endif\n'])
    assert verdict.accepted


def test_a_program_does_not_change_the_next_one(checker: Checker) -> None:
    before = f"{ALL}#define sort nothing\nnamespace std {{ int mine; }}\nint f() {{ return mine; }}"
    after = f"{ALL}int f(vector<int> v) {{ sort(v.begin(), v.end()); return v[0]; }}"
    assert [v.accepted for v in checker.check([before, after, f"{ALL}int f() {{ return mine; }}"])] == [
        True,
        True,
        False,
    ]


def test_a_killed_worker_costs_no_verdict(checker: Checker) -> None:
    assert checker.check(["int a;"])[0].accepted
    for pid in checker.pids():  # type: ignore[attr-defined]
        os.kill(pid, signal.SIGKILL)
    assert [v.status for v in checker.check(["int a;", "int a", "int b;"])] == ["accepted", "rejected", "accepted"]


def test_headers_of_the_users_are_found_on_the_include_path(tmp_path: Path) -> None:
    (tmp_path / "mine.h").write_text("int mine(int);\n#include <stdio.h>\n", encoding="utf-8")
    (tmp_path.parent / "other.h").write_text("int other(int);\n", encoding="utf-8")
    sources = [
        '#include "mine.h"\nint f(void) { return mine(FEW); }',
        '#include "../other.h"\n',
        '#include "mine.h"\nx',
    ]
    options = COptions(include_path=(tmp_path,), defines=("FEW=3",))
    with C().checker(workers=1, options=options) as checker:
        for _ in range(3):
            verdicts = checker.check(sources)
            assert [v.accepted for v in verdicts] == [True, False, False]
            assert first(verdicts[2])[1] == 18
    with pytest.raises(UserError, match="no such folder on the include path"):
        C().checker(options=COptions(include_path=(tmp_path / "nowhere",)))


def test_the_standard_decides_what_is_known() -> None:
    source = "struct A { int n; auto operator<=>(const A &) const = default; };"
    for standard in ("gnu++17", "c++20"):
        with Cpp().checker(workers=1, options=CppOptions(standard=standard)) as checker:
            assert checker.check([f"#include <compare>\n{source}"])[0].accepted is (standard == "c++20")


def test_what_is_missing_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clang_checker, "find_compiler", lambda _: None)
    with pytest.raises(CheckerUnavailable, match=r"no headers of g\+\+. To get them: apt install g\+\+"):
        Cpp().checker()
    monkeypatch.setattr(clang_checker, "is_installed", lambda: False)
    with pytest.raises(CheckerUnavailable, match=r"libclang.* is not installed. To get it: pip install"):
        C().checker()


@pytest.mark.parametrize(
    ("message", "option", "code"),
    [
        ("use of undeclared identifier 'x'; did you mean 'y'?", "", "use-of-undeclared-identifier"),
        ("expected ';' after expression", "", "expected-semicolon-after-expression"),
        (
            "too few arguments to function call, expected 2, have 1",
            "",
            "too-few-arguments-to-function-call-expected-have",
        ),
        ("static assertion failed due to requirement 'N > 1': so", "", "static-assertion-failed-due-to-requirement"),
        ("call to undeclared function 'f'", "-Wimplicit-function-declaration", "implicit-function-declaration"),
        ("any 'text'", "-W#warnings", "#warnings"),
        ("'x'", "", "unnamed"),
        ("what is written", "", "user-defined"),
    ],
)
def test_a_code_is_made_of_what_is_not_the_programs(message: str, option: str, code: str) -> None:
    assert code_of(message, option, "Semantic Issue", b'_Pragma("what is written")') == code


@pytest.mark.parametrize(
    ("signature", "trivial", "fine"),
    [
        ("int f(int a) {", "return 1;", "return a;"),
        ("int *f(int *a, int n) {", ";", "return a + n;"),
        ("std::vector<int> C::f(const std::vector<int> &a) const {", "return {};", "return g(a);"),
        ("auto f(int a, int b) -> int {", "throw 1;", "for (int i = 0;;) { a.g(b); }"),
        ("int f() {", "return (-1);", "return g();"),
    ],
)
def test_facts_tell_what_is_trivial(signature: str, trivial: str, fine: str) -> None:
    from rlcf.languages.clang.facts import CPP
    from rlcf.languages.functions import facts_of

    for body, expected in ((trivial, True), (fine, False)):
        found = facts_of(f"#include <vector>\n{signature}\n{body}\n}}\n", CPP)
        assert found is not None
        assert [(m.name.rpartition("::")[2], m.trivial, m.nesting) for m in found] == [("f", expected, "for" in body)]


def test_a_stub_returns_what_its_function_returns() -> None:
    stubs = {
        "void f(int *a) {": "",
        "double f(int a) {": "return 0;",
        "static const char **f(void) {": "return 0;",
        "struct s f(void) {": "return (struct s){0};",
    }
    for context, body in stubs.items():
        assert (C().stub(Task("", context, language="c")) or "").split("\n")[0].strip() == body
    assert "throw 0;" in (Cpp().stub(Task("", "int &f(int &a) {", language="cpp")) or "")
    assert C().stub(Task("", "int a;", language="c")) is None


def test_the_semicolon_after_a_class_belongs_to_the_program() -> None:
    context, completion = "class A {\npublic:\n  int f() {\n", "    return 1;\n  }\n};\nint g() { }"
    end = Cpp().program_end(context, completion)
    assert completion[:end].endswith("};")
    assert Cpp().closing("class A { int f() { if (x) {") == "} } };"
    task = Task("", context, language="cpp")
    with Cpp().checker(workers=1) as checker:
        assert checker.check([Program.of(task, completion[:end]).source])[0].accepted
