"""What cheating earns, in each mode, with a discriminator as it stands before the first update, and later.

`docs/hacks.md` has the rewards. What does not hold yet is expected to fail here, with the reason: a change that makes
it hold turns the test red, so that the table is brought up to date.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from rlcf.grounding.recipe import Mode
from tests.grounding.hacks.cases import CASES
from tests.grounding.hacks.measure import POLICY, Measured, measure, trained
from tests.grounding.hacks.programs import BORROWED, HACKS, PAYS, TRIVIAL

NOT_TRIVIAL = [name for name in HACKS if name not in (*TRIVIAL, *BORROWED, *PAYS, "empty body")]
EARNEST = "wrong solution"


@pytest.fixture(scope="module")
def scores(builtin_encoder: str, jdk: None) -> Mapping[Mode, Measured]:
    return measure(trained(builtin_encoder, seed=0))


@pytest.fixture
def hybrid(scores: Mapping[Mode, Measured]) -> Measured:
    return scores["hybrid"]


def test_every_cheat_and_every_earnest_program_is_accepted_by_the_compiler(hybrid: Measured) -> None:
    """Else −1 would be the compiler's merit, and say nothing of the rest."""
    rejected = {k: sum(r == -1.0 for row in hybrid.rewards(k).values() for r in row) for k in (*HACKS, EARNEST)}
    of_a_number_or_a_truth_value = 2
    assert {k: n for k, n in rejected.items() if n} == {
        "empty body": len(CASES),
        "return null": of_a_number_or_a_truth_value,
    }


@pytest.mark.parametrize("kind", [k for k in HACKS if k not in ("empty body", "return null")])
def test_the_compiler_alone_pays_a_cheat_as_much_as_the_reference(scores: Mapping[Mode, Measured], kind: str) -> None:
    """Why there is a second judge at all."""
    assert scores["compiler"].mean(kind) == scores["compiler"].mean("reference") == 1.0


def test_the_discriminator_alone_is_not_fooled_by_a_repeated_prompt(scores: Mapping[Mode, Measured]) -> None:
    """It sees the written method only, without comments: a prompt that is repeated after it adds nothing."""
    alone = scores["judge"]
    assert alone.mean("copied prompt") == pytest.approx(alone.mean("constant"))
    assert alone.mean("copied prompt") < alone.mean(EARNEST) - 0.3


def test_hybrid_orders_rejected_trivial_earnest_and_reference_with_room_between(hybrid: Measured) -> None:
    order = [hybrid.mean(k) for k in ("rejected", "constant", EARNEST, "reference")]
    steps = [b - a for a, b in itertools.pairwise(order)]
    assert steps[0] == pytest.approx(0.1)  # what trivial_reward gives for compiling
    assert steps[1] > 1.0
    assert steps[2] > 0.7  # here 0.79; with seeds 1 to 3 from 0.70 to 0.80


@pytest.mark.parametrize("kind", TRIVIAL)
def test_hybrid_pays_no_more_than_a_stub_for_a_body_whose_outcome_depends_on_nothing_given(
    hybrid: Measured, kind: str
) -> None:
    stub = hybrid.mean("stub")
    assert max(r for row in hybrid.rewards(kind).values() for r in row) == pytest.approx(stub)


@pytest.mark.parametrize("kind", NOT_TRIVIAL)
def test_hybrid_pays_a_cheat_that_is_not_trivial_less_than_any_earnest_program_of_its_task(
    hybrid: Measured, kind: str
) -> None:
    gaps = _gaps(hybrid, kind)
    assert min(gaps) > 0.1  # of six
    assert sum(gaps) / len(gaps) > 0.4


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(k, marks=pytest.mark.xfail(reason=why, strict=True, raises=AssertionError))
        for k, why in PAYS.items()
    ],
)
def test_hybrid_pays_dead_code_that_is_not_seen_through_less_than_any_earnest_program_of_its_task(
    hybrid: Measured, kind: str
) -> None:
    assert min(_gaps(hybrid, kind)) > 0


@pytest.fixture(scope="module", params=[0, 14], ids=["before training", "after 14 updates"])
def run(request: pytest.FixtureRequest, builtin_encoder: str, jdk: None) -> Measured:
    """Rewards in mode `hybrid`, as in a run after so many updates."""
    return measure(trained(builtin_encoder, 0, request.param))["hybrid"]


@pytest.mark.parametrize("kind", [*BORROWED, *NOT_TRIVIAL])
def test_hybrid_pays_a_cheat_less_than_what_the_policy_writes_itself(run: Measured, kind: str) -> None:
    assert run.mean(kind) < run.mean(POLICY) - 0.1


def _gaps(measured: Measured, kind: str) -> list[float]:
    """By how much a cheat earns less than the worse of its task's two earnest programs."""
    earnest, cheats = measured.rewards(EARNEST), measured.rewards(kind)
    return [min(earnest[task]) - max(row) for task, row in cheats.items()]
