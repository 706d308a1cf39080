"""What an update's row says of rollouts of every kind."""

from __future__ import annotations

from rlcf.generation.engine import Sample
from rlcf.records import Score, Verdict
from rlcf.training.rollouts import Rollout, Rollouts
from rlcf.training.update_metrics import measure
from tests.tiny import TASK

_SECONDS = {"generate": 2.0, "check": 0.0, "discriminate": 0.0}
_REJECTED = Score(-1.0, Verdict("rejected", methods=()), trivial=False, components={"compiler": -1.0, "style": None})
_ACCEPTED = Score(0.5, Verdict("accepted"), preference=-0.2, trivial=False, components={"compiler": 1.0, "style": 0.0})
_TRIVIAL = Score(-0.9, Verdict("accepted"), preference=-0.8, trivial=True, components={"compiler": 1.0, "style": -1.0})
_UNKNOWN = Score(0.7, Verdict("accepted"), preference=0.1, trivial=None, components={"compiler": 1.0, "style": 0.4})
_UNSCORED = Score(None, components={"compiler": None, "style": None})


def _measured(*scores: Score) -> dict[str, object]:
    rollouts = [Rollout(TASK, (1,), Sample("a;}}", (1, 2), finished=True), score) for score in scores]
    return measure(1, Rollouts(rollouts), {}, None, _SECONDS)


def test_a_program_whose_triviality_is_not_known_is_counted_apart() -> None:
    row = _measured(_REJECTED, _ACCEPTED, _TRIVIAL, _UNKNOWN, _UNSCORED)
    assert (row["rollouts"], row["unscored"], row["triviality_unknown"]) == (5, 1, 1)
    assert row["compile_rate"] == 3 / 4
    assert row["trivial_rate"] == 1 / 3  # of the rejected, the accepted and the trivial one
    assert row["rewards"] == {"rejected": -1.0, "trivial": -0.9, "accepted": 0.6, "reference": None}


def test_where_the_triviality_of_no_accepted_program_is_known_there_is_no_share_of_trivial_ones() -> None:
    row = _measured(_REJECTED, _UNKNOWN)
    assert (row["trivial_rate"], row["triviality_unknown"]) == (None, 1)
    assert _measured(_REJECTED)["trivial_rate"] == 0.0


def test_the_mean_of_each_component_is_over_the_rollouts_that_it_scored() -> None:
    components = _measured(_REJECTED, _ACCEPTED, _UNKNOWN, _UNSCORED)["components"]
    assert components == {"compiler": 1 / 3, "style": 0.2}
    assert Rollout(TASK, (1,), Sample("", (), False), _REJECTED).row()["components"] == {
        "compiler": -1.0,
        "style": None,
    }
