"""Verdicts as a person reads them."""

from rlcf.cli.verdicts import as_text
from rlcf.evaluation.checking import Checked
from rlcf.records import Diagnostic, Program, Verdict


def shown(source: str, *diagnostics: Diagnostic) -> list[str]:
    return as_text(Checked("a", Program(source), Verdict("rejected", diagnostics))).splitlines()


def test_an_error_without_a_place_is_shown_without_one() -> None:
    nowhere = Diagnostic("not-authorized", "error", "not authorized", 0, 0)
    assert shown("ATTACH 'x' AS y;", nowhere) == ["a: rejected", "  error: not authorized  [not-authorized]"]


def test_a_message_that_quotes_a_long_program_is_cut() -> None:
    quotes = Diagnostic("syntax-error", "error", 'near "' + "a" * 100_000 + '"', 1, 1, 0)
    _, message, _, _ = shown("a" * 100_000, quotes)
    assert message.startswith('  1:1 error: near "aaa')
    assert message.endswith("aaa…  [syntax-error]")
    assert len(message) < 600
