"""Stable keys of SQLite's messages: its own numbers are too coarse, `SQLITE_ERROR` for all that cannot be compiled."""

from __future__ import annotations

import re

_WITH_NAMES = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"near \".*\": syntax error$", "syntax-error"),
        (r"table .* has no column named ", "no-such-column"),
        (r"table .* has \d+ columns? but \d+ values? ", "wrong-number-of-values"),
        (r"\d+ values for \d+ columns", "wrong-number-of-values"),
        (r"\d+ columns assigned \d+ values", "wrong-number-of-values"),
        (r"sub-select returns \d+ columns - expected \d+", "wrong-number-of-columns"),
        (r"expected \d+ columns for ", "wrong-number-of-columns"),
        (r"IN\(\.\.\.\) element has \d+ term", "wrong-number-of-columns"),
        (r"SELECTs to the left and right of .* do not have the same number", "wrong-number-of-columns"),
        (r"(?:table|view|index|trigger) .* already exists$", "already-exists"),
        (r"there is already (?:a table|an index) named ", "already-exists"),
        (r"\d+\w\w (?:ORDER|GROUP) BY term out of range", "term-out-of-range"),
        (r"\d+\w\w ORDER BY term does not match any column", "order-by-term-does-not-match"),
        (r"too many columns (?:on|in) ", "too-many-columns"),
        (r"table .* may not be (\w+)$", "table-may-not-be-changed"),
        (r"view .* may not be (\w+)$", "view-may-not-be-changed"),
        (r"cannot modify .* because it is a view", "cannot-modify-a-view"),
        (r"view .* is circularly defined", "circular-reference"),
        (r"cannot join using column .* - column not present in both", "cannot-join-using-column"),
        (r"foreign key on .* should reference only one column", "foreign-key-should-reference-one-column"),
        (r"error in (\w+) .* after ", "error-after-change"),
        (r"error in (?:view|trigger|index) ", "error-in-view-or-trigger"),
        (r"a JOIN clause is required before ", "a-join-clause-is-required"),
        (r"not authorized", "not-authorized"),
        (r"access to .* is prohibited", "not-authorized"),
        (r"wrong number of arguments to function ", "wrong-number-of-arguments"),
        (r"too many arguments on ", "too-many-arguments"),
        (r"misuse of (?:aliased )?(aggregate|window)", "misuse-of-function"),
        (r".* may not be used as a window function", "misuse-of-function"),
        (r".* may not be used with non-aggregate ", "misuse-of-function"),
        (r".* prohibited in ", "prohibited-here"),
        (r".* references tables to its right", "references-tables-to-its-right"),
        (r".* clause should come after .* not before", "clause-should-come-after"),
        (r"PRIMARY KEY missing on table ", "primary-key-missing"),
        (r"missing datatype for ", "missing-datatype"),
        (r"'.*' is not a function", "no-such-function"),
        (r"unknown function", "no-such-function"),
        (r"unsafe use of ", "unsafe-use"),
        (r"target object/alias may not appear in FROM", "target-may-not-appear-in-from"),
        (r".* (?:UNIQUE|CHECK|NOT NULL|FOREIGN KEY) constraint failed", "constraint-failed"),
    )
)
"""Messages with names in their midst that are not quoted."""
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\]]*\]|`[^`]*`|\S*\(\)")
_LETTERS = re.compile(r"[A-Za-z]+")


def code_of(message: str) -> str:
    """The key of a message: its words before the first colon, without names and numbers, such as `no-such-table`."""
    for pattern, code in _WITH_NAMES:
        if pattern.match(message):
            return code
    return "-".join(_LETTERS.findall(_QUOTED.sub("", message.partition(": ")[0]).lower())) or "error"
