"""Changes between two evaluations, and the sentences made of them."""

from __future__ import annotations

from typing import Any

from rlcf.evaluation.compare import Compared
from rlcf.report.facts import run_facts
from rlcf.report.load import EvaluationData, RunData, load_runs
from rlcf.report.sides import of_run
from rlcf.report.words import cautions, run_lead


def made(before: list[dict[str, Any]] | None, after: list[dict[str, Any]] | None, **known: Any) -> RunData:
    tasks = {f"t{n}": {"task_id": f"t{n}", "canonical_solution": "x" * 20} for n in range(10)}
    sides = [None if rows is None else EvaluationData("", rows, tasks, {}, []) for rows in (before, after)]
    return RunData("made", known.get("run", {}), known.get("config", {}), [], {}, tasks, *sides, {})


def compare(run: RunData) -> dict[str, Compared]:
    sides = of_run(run)
    return {one.metric.key: one for one in sides.compared} if sides else {}


def lead(run: RunData) -> str:
    return run_lead(run, of_run(run)).replace("\N{NO-BREAK SPACE}", " ")


def doubts(run: RunData) -> str:
    sides = of_run(run)
    return " ".join(cautions(sides)).replace("\N{NO-BREAK SPACE}", " ") if sides else ""


def rows(accepted: int, *, trivial: int = 0, tokens: int = 50, unscored: int = 0) -> list[dict[str, Any]]:
    """Ten tasks with a sample each; the first `accepted` compile, the first `trivial` of them are trivial."""
    samples: list[dict[str, Any]] = [
        {
            "task_id": f"t{n}",
            "completion": "y" * 10,
            "compiled": n < accepted,
            "trivial": n < trivial,
            "executed": False,
            "passed": False,
            "tokens": tokens,
            "preference": -0.5 if n < accepted else None,
        }
        for n in range(10)
    ]
    for row in samples[len(samples) - unscored :]:
        row["compiled"] = row["trivial"] = row["preference"] = None
    return samples


def test_the_values_come_from_the_samples():
    found = compare(made(rows(3), rows(6)))
    assert found["compile_rate"].a.value == 0.3
    assert found["compile_rate"].b.value == 0.6
    assert round(found["compile_rate"].difference.value, 9) == 0.3


def test_the_interval_of_a_change_pairs_the_tasks():
    change = compare(made(rows(3), rows(6)))["compile_rate"].difference
    assert 0 <= change.low < 0.3 < change.high <= 0.8
    same = compare(made(rows(5), rows(5)))["compile_rate"].difference
    assert (same.low, same.value, same.high) == (0, 0, 0)


def test_unscored_samples_count_in_no_rate():
    found = compare(made(rows(4, unscored=2), None))
    assert found["compile_rate"].a.value == 4 / 8


def test_preference_is_the_mean_over_samples_that_have_one():
    assert compare(made(rows(4), None))["preference"].a.value == -0.5


def test_what_compiles_and_is_not_trivial_is_counted_apart():
    found = compare(made(rows(5, trivial=2), None))
    assert found["trivial_rate"].a.value == 0.2
    assert found["nontrivial_rate"].a.value == 0.3


def test_length_is_also_measured_against_the_references():
    assert compare(made(rows(5), None))["relative_length"].a.value == 0.5
    assert compare(made(rows(5), None))["mean_tokens"].a.value == 50


def test_the_sentence_says_what_changed_with_triviality_and_length_beside_it():
    assert lead(made(rows(3), rows(6, trivial=1, tokens=41))) == (
        "On 10 held-out tasks, before → after training: compile rate 30.0 % → 60.0 % (+30.0 points); "
        "trivial 0.0 % → 10.0 % (+10.0 points); mean length 50.0 → 41.0 tokens (−9.0); pass@1 0.0 % → 0.0 % "
        "(0.0 points); preference −0.50 → −0.50 (0.00)."
    )


def test_a_collapse_is_called_one():
    text = doubts(made(rows(3, tokens=57), rows(10, trivial=9, tokens=10)))
    assert "Trivial programs after training: +90.0 points" in text
    assert "Programs after training have 17.5 % of the others' length" in text


def test_programs_as_long_as_the_references_are_not_called_short():
    as_long = [row | {"completion": "y" * 18} for row in rows(9, tokens=20)]
    assert doubts(made(rows(1, tokens=57), as_long)) == ""
    assert "of the others' length" in doubts(made(rows(1, tokens=57), rows(9, tokens=20)))


def test_programs_that_compile_and_pass_less_are_called_so():
    before = [row | {"passed": True} for row in rows(3)]
    assert "pass@1 after training: −100.0 points. More programs compile, and fewer are right." in doubts(
        made(before, rows(6))
    )


def test_triviality_that_fell_with_the_compile_rate_is_no_reason_to_doubt_the_rise_before():
    assert "Trivial" not in doubts(made(rows(3, trivial=3), rows(6)))


def test_a_change_that_may_be_chance_is_said_to_be():
    run = made(rows(5), [*rows(6)[::-1][:9], rows(6)[0] | {"compiled": False}])
    assert "The difference in compile rate may be chance" in doubts(run)


def test_a_sound_run_gets_no_caution():
    assert doubts(made(rows(1), rows(9))) == ""


def test_the_facts_name_model_algorithm_reward_seed_and_duration(run):
    (data,) = load_runs([run])
    known = {label: value.replace("\N{NO-BREAK SPACE}", " ") for label, value in run_facts(data)}
    assert known["Model"] == "builtin:smollm2-135m"
    assert known["Algorithm"] == "ppo"
    assert known["Reward"] == "hybrid"
    assert known["Seed"] == "1"
    assert known["Updates"] == "13"
    assert known["Rollouts"] == "832, 1 unscored (0.1 %)"
    assert known["From start to end"] == "41 min 7 s"
    assert known["Command"] == "rlcf train 'recipes/mbjp ppo.toml'"


def test_facts_that_are_not_known_are_left_out():
    assert run_facts(made(None, None)) == [("Updates", "0")]


def test_a_run_that_is_not_through_shows_how_far_it_is():
    config = {"train": {"updates": 40}}
    assert ("Updates", "0 of 40") in run_facts(made(None, None, config=config))
    ended = run_facts(made(None, None, config=config, run={"state": "finished"}))
    assert ("Updates", "0") in ended, "train.max_tokens ended it"


def test_a_run_that_learns_from_references_is_told_by_its_cross_entropy():
    metrics = [{"update": 2, "rollouts": 0, "reward": None, "compile_rate": None, "cross_entropy": 1.25}]
    run = RunData("r", {}, {}, metrics, {}, {}, None, None, {})
    assert lead(run) == "No evaluation yet. In update 2: cross-entropy 1.250."


def test_a_task_whose_triviality_is_unknown_is_counted_and_in_no_rate():
    unknown = [row | {"trivial": None if row["compiled"] else False} for row in rows(4)]
    sides = of_run(made(unknown, None))
    assert sides is not None
    assert ("Triviality unknown", [4, None]) in sides.counts
    assert "trivial_rate" not in compare(made(unknown, None))
    assert "triviality not measured" in lead(made(unknown, None))
