"""Nothing that a program says of itself silences Python's checker."""

from __future__ import annotations

import pytest

from rlcf.config.languages import PythonOptions
from rlcf.languages.python import Python
from rlcf.languages.python.suppressions import without_suppressions
from tests.languages.installed import require

WRONG = "def f(x: int) -> int:\n    return unknown"
SILENT = [
    f"{WRONG}  # type: ignore\n",
    f"{WRONG}  # a note # type:ignore\n",
    f"{WRONG}  # ty: ignore[unresolved-reference]\n",
    f"# type: ignore\n{WRONG}\n",
    f"# ty: ignore\n{WRONG}\n",
    f'# /// script\n# [tool.ty.rules]\n# unresolved-reference = "ignore"\n# ///\n{WRONG}\n',
    f"from typing import no_type_check\n\n\n@no_type_check\n{WRONG}\n",
    f"import typing\n\n\n@typing.no_type_check\n{WRONG}\n",
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
    "source", ["x = 1  # ignore the type: it is one\n", "def f(type: ignore) -> None: ...\n", 'x = "type: ignore"\n']
)
def test_what_silences_nothing_stays(source: str) -> None:
    assert without_suppressions(source) == source


def test_places_stay() -> None:
    for source in SILENT:
        assert len(without_suppressions(source)) == len(source)
