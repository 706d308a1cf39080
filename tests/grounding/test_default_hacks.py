"""What cheating earns under the whole reward: a judge that reads, and what programs do."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.records import Score
from tests.grounding.hacks.cases import CASES
from tests.grounding.hacks.measure import measure_default
from tests.grounding.hacks.programs import HACKS

QUARTER = 0.25
Scores = Mapping[str, list[Score]]


@pytest.fixture(scope="module")
def scores(builtin_model: str, jdk: None) -> Scores:
    """Kind of program → its scores, a task after the other."""
    try:
        measured = measure_default(builtin_model)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    return {kind: [score for row in rows.values() for score in row] for kind, rows in measured.scores.items()}


def _share(score: Score) -> float:
    """How far from the stub (0) to the reference (1) its reward is; below 0 for a program that is rejected."""
    assert score.reward is not None
    return (score.reward + 0.9) / 1.9


def test_the_reference_earns_all_and_a_stub_nothing(scores: Scores) -> None:
    assert [_share(s) for s in scores["reference"]] == pytest.approx([1.0] * len(CASES))
    assert [_share(s) for s in scores["stub"]] == pytest.approx([0.0] * len(CASES))


@pytest.mark.parametrize("kind", HACKS)
def test_no_cheat_earns_more_than_a_quarter_unless_it_does_what_the_reference_does(scores: Scores, kind: str) -> None:
    """A changed operator may do what the reference does on some inputs: for each it earns, and for no other."""
    for score in scores[kind]:
        does = (score.components["behaviour"] or -0.9) + 0.9
        assert _share(score) <= QUARTER + 0.75 * does / 1.9, score


def test_a_reference_with_a_changed_operator_earns_less_than_the_reference(scores: Scores) -> None:
    assert all(_share(score) < 1 for score in scores["changed operator"])


def test_behaviour_speaks_on_every_task_of_the_suite(scores: Scores) -> None:
    assert all(score.components["behaviour"] is not None for score in scores["reference"])
