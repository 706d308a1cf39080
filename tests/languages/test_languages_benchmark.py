"""`benchmarks.languages` measures what it says, on a few programs."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from benchmarks.languages.__main__ import measure
from benchmarks.languages.cases import NAME, REFERENCE, TOKEN, make_cases
from benchmarks.languages.equality import compare
from benchmarks.languages.yardsticks import Answer

from rlcf.languages.python import Python, find_ty
from tests.languages.examples.python import PYTHON

NOWHERE = Path("nowhere")


def test_programs_are_references_and_mutants_of_them_and_the_same_for_a_seed() -> None:
    cases = make_cases("python", NOWHERE, PYTHON, 30, seed=0)
    assert [case.source for case in cases] == [
        case.source for case in make_cases("python", NOWHERE, PYTHON, 30, seed=0)
    ]
    assert len({case.source for case in cases[:30]}) == 30
    assert {case.kind for case in cases[:30]} == {REFERENCE, NAME, TOKEN}


@pytest.mark.skipif(find_ty() is None, reason="ty is missing: pip install 'rlcf[python]'")
def test_python_is_measured_and_its_warm_checker_says_what_ty_check_says() -> None:
    options = argparse.Namespace(count=6, cold=2, rounds=1, workers=1, seed=0, data=NOWHERE)
    result = measure("python", options)
    assert result["differences"] == []
    assert result["ratio"] > 0
    assert result["worker_mib"] > 0
    assert result["references rejected"] == {}


@pytest.mark.skipif(find_ty() is None, reason="ty is missing: pip install 'rlcf[python]'")
def test_a_difference_is_found_in_every_order() -> None:
    cases = make_cases("python", NOWHERE, PYTHON, 3, seed=0)[:3]
    with Python().checker(workers=1) as checker:
        (found,) = compare(checker, cases[:1], [Answer("rejected", "no-such-code", 0)], seed=0)
    assert str(found) == (
        f"{cases[0].name}: cold rejected: no-such-code at 0; warm accepted (in sequence, reversed, shuffled)"
    )
