"""Nothing that a program says of itself silences Python's checker."""

from __future__ import annotations

import pytest

from rlcf.config.languages import PythonOptions
from rlcf.languages.python import Python
from rlcf.languages.python.suppressions import without_suppressions
from tests.languages.installed import require

WRONG = "def f(x: int) -> int:\n    return unknown"
BLANKS = "\t\v\f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
NO_TYPE_CHECKS = ["no_type_chec\uff4b", "no\uff3ftype_check", "\U0001d427o_type\ufe33check"]
SILENT = [
    f"{WRONG}  # type: ignore\n",
    f"{WRONG}  # a note # type:ignore\n",
    f"{WRONG}  # ty: ignore[unresolved-reference]\n",
    f"# type: ignore\n{WRONG}\n",
    f"# ty: ignore\n{WRONG}\n",
    f'# /// script\n# [tool.ty.rules]\n# unresolved-reference = "ignore"\n# ///\n{WRONG}\n',
    f"from typing import no_type_check\n\n\n@no_type_check\n{WRONG}\n",
    f"import typing\n\n\n@typing.no_type_check\n{WRONG}\n",
    f'# /// script\n# [tool.ty.rules]\n# unresolved-reference = "ignore"\n# ///\n{WRONG}\n'.replace("\n", "\r"),
    *(f"{WRONG}  # type{blank}:{blank}ignore\n" for blank in BLANKS),
    *(f"{WRONG}  #{blank}ty{blank}:{blank}ignore[unresolved-reference]\n" for blank in BLANKS),
    *(f"from typing import {name}\n\n\n@{name}\n{WRONG}\n" for name in NO_TYPE_CHECKS),
]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    require(Python())


def test_a_program_cannot_silence_the_checker() -> None:
    with Python().checker(workers=1) as checker:
        assert [verdict.status for verdict in checker.check(SILENT)] == ["rejected"] * len(SILENT)


def test_where_suppressions_count_it_can() -> None:
    with Python().checker(workers=1, options=PythonOptions(suppressions=True)) as checker:
        assert [verdict.status for verdict in checker.check(SILENT)] == ["accepted"] * len(SILENT)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1  # ignore the type: it is one\n",
        "x = 1  # of this type:\n# ignore it\n",
        "def f(type: ignore) -> None: ...\n",
        'x = "type: ignore"\n',
        "no_type_checked = '\uff4b\ufb01'\n",
    ],
)
def test_what_silences_nothing_stays(source: str) -> None:
    assert without_suppressions(source) == source


def test_places_stay() -> None:
    for source in SILENT:
        assert len(without_suppressions(source)) == len(source)
