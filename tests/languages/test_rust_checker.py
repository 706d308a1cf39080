"""Rust's checker: what the compiler sees of the machine, and what libraries add."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rlcf.config.languages import RustOptions
from rlcf.errors import CheckerUnavailable, SandboxUnavailable, UserError
from rlcf.languages.base import Checker
from rlcf.languages.command import CommandChecker
from rlcf.languages.pooled import CRASHED
from rlcf.languages.rust import Rust
from rlcf.languages.rust.checker import code_of
from rlcf.languages.rust.toolchain import find_rust
from rlcf.workers.sandbox import find_sandbox


@pytest.fixture(scope="module", autouse=True)
def rust_here() -> None:
    try:
        find_rust()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Rust().checker(1, 20.0) as made:
        yield made


def test_the_compiler_itself_is_found_and_not_the_proxy_of_rustup() -> None:
    assert "rustup" not in find_rust().command.resolve().name
    assert (find_rust().root / "lib" / "rustlib").is_dir()


@pytest.mark.parametrize(
    "source",
    [
        'const X: &str = include_str!("{}/secret");',
        'const X: &[u8] = include_bytes!("{}/secret");',
        'include!("{}/secret");',
        '#[path = "{}/secret"]\nmod m;',
        '#[doc = include_str!("{}/secret")]\npub fn f() {{}}',
        'const X: &str = env!("HOME");',
        "extern crate secret;",
    ],
)
def test_no_file_of_the_machine_is_read(checker: Checker, tmp_path: Path, source: str) -> None:
    (tmp_path / "secret").write_text("pub const TOP_SECRET: i32 = ;\n", encoding="utf-8")
    (verdict,) = checker.check([source.format(tmp_path)])
    assert verdict.status == "rejected"
    assert "TOP_SECRET" not in str(verdict)


def test_lints_do_not_reject(checker: Checker) -> None:
    lints = "#![deny(warnings)]\n#![forbid(unused)]\nfn f() { let x: u8 = 300; }\n"
    assert [v.accepted for v in checker.check([lints])] == [True]


def test_an_error_in_a_macro_of_the_library_is_where_it_is_used(checker: Checker) -> None:
    (verdict,) = checker.check(["struct A;\n\nfn f() { assert_eq!(A, A); }\n"])
    assert [(d.code, d.line, d.column) for d in verdict.diagnostics][:2] == [("E0369", 3, 10), ("E0277", 3, 10)]


def test_places_count_characters_whatever_stands_before(checker: Checker) -> None:
    (verdict,) = checker.check(['\ufefffn f() {\r\n    "é\U0001f600"; x\r\n}\r\n'])
    assert [(d.line, d.column) for d in verdict.diagnostics] == [(2, 11)]


def test_a_text_that_ends_the_compiler_is_rejected_and_the_others_are_checked(checker: Checker) -> None:
    verdicts = checker.check(["fn f() {}", "fn f() {" + "(" * 20_000, "fn f() {}"])
    assert [v.status for v in verdicts] == ["accepted", "rejected", "accepted"]
    assert [d.code for d in verdicts[1].diagnostics] == [CRASHED]


def test_a_long_name_is_told_of_as_a_short_one(checker: Checker) -> None:
    short, long = checker.check(["a", "a" * 5_000_000])
    assert [d.code for d in long.diagnostics] == [d.code for d in short.diagnostics] == ["expected-one-of-or"]


def test_of_more_output_than_is_read_the_first_errors_count(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rust().checker(1, 20.0) as checker:
        assert isinstance(checker, CommandChecker)
        monkeypatch.setattr(checker, "_command", replace(checker._command, output_bytes=5000))
        (verdict,) = checker.check(["".join(f"pub fn f{n}() -> i32 {{ x }}\n" for n in range(40))])
    assert verdict.status == "rejected"
    assert verdict.diagnostics[0].code == "E0425"
    assert 1 <= len(verdict.diagnostics) < 40


def test_an_error_under_a_thousand_macros_is_told_by_its_code(checker: Checker) -> None:
    deep = "".join(f"macro_rules! m{i} {{ () => {{ m{i - 1}!() }} }}\n" for i in range(1, 1500))
    source = f'#![recursion_limit = "1000000"]\nmacro_rules! m0 {{ () => {{ nope() }} }}\n{deep}fn f() {{ m1499!() }}\n'
    (verdict,) = checker.check([source])
    assert (verdict.status, [d.code for d in verdict.diagnostics]) == ("rejected", ["E0425"])


def test_the_edition_is_an_option(checker: Checker) -> None:
    uses = "fn f() { let async = 1; }\n"
    with Rust().checker(1, options=RustOptions(edition="2015")) as old:
        assert old.check([uses])[0].accepted
    assert not checker.check([uses])[0].accepted


def test_a_library_is_used_by_its_name_where_it_is_named(checker: Checker, tmp_path: Path) -> None:
    (tmp_path / "own.rs").write_text("pub fn half(x: i32) -> i32 { x / 2 }\n", encoding="utf-8")
    command = [str(find_rust().command), "--crate-type=rlib", str(tmp_path / "own.rs"), "--out-dir", str(tmp_path)]
    subprocess.run(command, check=True)
    uses = "pub fn f() -> i32 { own::half(4) }\n"
    with Rust().checker(1, options=RustOptions(extern=(tmp_path / "libown.rlib",))) as with_library:
        verdicts = with_library.check([uses, uses.replace("4", "true")])
    assert [v.status for v in verdicts] == ["accepted", "rejected"]
    assert not checker.check([uses])[0].accepted


def test_a_library_that_is_not_there_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no library of Rust"):
        Rust().checker(1, options=RustOptions(extern=(tmp_path / "libown.rlib",)))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("expected one of `!` or `::`, found `x`", "expected-one-of-or"),
        ("cannot find macro `foo` in this scope", "cannot-find-macro-in-this-scope"),
        (
            "3 positional arguments in format string, but no arguments were given",
            "positional-arguments-in-format-string",
        ),
        ("mismatched closing delimiter: `)`", "mismatched-closing-delimiter"),
        ("`", "error"),
    ],
)
def test_a_message_without_a_code_gets_one_of_its_words(message: str, code: str) -> None:
    assert code_of(message) == code


def test_a_rust_that_does_not_work_and_one_too_old_are_one_line_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CheckerUnavailable, match=r"rustc is not installed\. To get it: apt install rustc"):
        find_rust.__wrapped__()
    (tmp_path / "bin").mkdir()
    for file, text in (("rustc", tmp_path), ("bin/rustc", "rustc 1.40.0 (abc)")):
        (tmp_path / file).write_text(f"#!/bin/sh\necho '{text}'\n", encoding="utf-8")
        (tmp_path / file).chmod(0o755)
    with pytest.raises(CheckerUnavailable, match=r"Rust 1\.40\.0, too old"):
        find_rust.__wrapped__()
    (tmp_path / "bin" / "rustc").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    with pytest.raises(CheckerUnavailable, match="names no compiler"):
        find_rust.__wrapped__()
