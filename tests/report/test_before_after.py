"""Changes between before and after, and the sentence made of them."""

from __future__ import annotations

from typing import Any

from rlcf.report.before_after import COMPILE, LENGTH, NONTRIVIAL, PREFERENCE, RELATIVE_LENGTH, TRIVIAL, compare
from rlcf.report.facts import facts
from rlcf.report.headline import cautions, lead
from rlcf.report.load import Evaluation, RunData, load_runs


def made(before: list[dict[str, Any]] | None, after: list[dict[str, Any]] | None, **known: Any) -> RunData:
    sides = [None if rows is None else Evaluation(known.get("summary", {}), rows) for rows in (before, after)]
    tasks = {f"t{n}": {"task_id": f"t{n}", "canonical_solution": "x" * 20} for n in range(10)}
    return RunData("made", known.get("run", {}), known.get("config", {}), [], {}, tasks, *sides, None)


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


def test_without_a_summary_the_values_come_from_the_samples():
    found = compare(made(rows(3), rows(6)))
    assert found[COMPILE.key].before.value == 0.3
    assert found[COMPILE.key].after.value == 0.6
    assert round(found[COMPILE.key].change.value, 9) == 0.3


def test_the_summarys_value_and_interval_are_shown_as_written():
    summary = {"compile_rate": {"value": 0.3, "low": 0.11, "high": 0.55}}
    estimate = compare(made(rows(3), None, summary=summary))[COMPILE.key].before
    assert (estimate.value, estimate.low, estimate.high) == (0.3, 0.11, 0.55)


def test_the_interval_of_a_change_pairs_the_tasks():
    change = compare(made(rows(3), rows(6)))[COMPILE.key].change
    assert 0 <= change.low < 0.3 < change.high <= 0.8
    same = compare(made(rows(5), rows(5)))[COMPILE.key].change
    assert (same.low, same.value, same.high) == (0, 0, 0)


def test_a_change_has_no_interval_where_the_samples_do_not_give_the_summarys_value():
    summary = {"compile_rate": {"value": 0.9}}
    change = compare(made(rows(3), rows(6), summary=summary))[COMPILE.key].change
    assert change.low is None


def test_unscored_samples_count_in_no_rate():
    found = compare(made(rows(4, unscored=2), None))
    assert found[COMPILE.key].before.value == 4 / 8


def test_preference_is_the_mean_over_samples_that_have_one():
    assert compare(made(rows(4), None))[PREFERENCE.key].before.value == -0.5


def test_what_compiles_and_is_not_trivial_is_counted_apart():
    found = compare(made(rows(5, trivial=2), None))
    assert found[TRIVIAL.key].before.value == 0.2
    assert found[NONTRIVIAL.key].before.value == 0.3


def test_length_is_also_measured_against_the_references():
    assert compare(made(rows(5), None))[RELATIVE_LENGTH.key].before.value == 0.5
    assert compare(made(rows(5), None))[LENGTH.key].before.value == 50


def test_the_sentence_says_what_rose_with_triviality_and_length_beside_it():
    run = made(rows(3), rows(6, trivial=1, tokens=41))
    sentence = lead(run, compare(run)).replace("\N{NO-BREAK SPACE}", " ")
    assert sentence == (
        "Compile rate on 10 held-out tasks rose from 30.0 % to 60.0 % (+30.0 points); "
        "trivial programs 0.0 % → 10.0 %; mean length 50.0 → 41.0 tokens; preference −0.50 → −0.50."
    )


def test_the_sentence_says_what_fell_and_what_stayed():
    fell, stayed = made(rows(6), rows(3)), made(rows(3), rows(3))
    assert "fell from" in lead(fell, compare(fell))
    assert "stayed at" in lead(stayed, compare(stayed))


def test_a_collapse_is_called_one():
    run = made(rows(3, tokens=57), rows(10, trivial=9, tokens=10, unscored=0))
    text = " ".join(cautions(run, compare(run))).replace("\N{NO-BREAK SPACE}", " ")
    assert "Trivial programs rose by +90.0 points" in text
    assert "shrank to 17.5 %" in text


def test_a_change_that_may_be_chance_is_said_to_be():
    run = made(rows(5), [*rows(6)[::-1][:9], rows(6)[0] | {"compiled": False}])
    assert any("may be chance" in text for text in cautions(run, compare(run)))


def test_a_sound_run_gets_no_caution():
    run = made(rows(1), rows(9))
    assert cautions(run, compare(run)) == []


def test_the_facts_name_model_algorithm_reward_seed_and_duration(run):
    (data,) = load_runs([run])
    known = {label: value.replace("\N{NO-BREAK SPACE}", " ") for label, value in facts(data)}
    assert known["Model"] == "builtin:smollm2-135m"
    assert known["Algorithm"] == "ppo"
    assert known["Reward"] == "hybrid"
    assert known["Seed"] == "1"
    assert known["Updates"] == "13"
    assert known["Rollouts"] == "832, 1 unscored (0.1 %)"
    assert known["Duration"] == "41 min 7 s"
    assert known["Command"] == "rlcf train 'recipes/mbjp ppo.toml'"


def test_facts_that_are_not_known_are_left_out():
    assert facts(made(None, None)) == [("Updates", "0")]


def test_a_run_that_is_not_through_shows_how_far_it_is():
    assert ("Updates", "0 of 40") in facts(made(None, None, config={"train": {"updates": 40}}))


def test_a_run_that_learns_from_references_is_told_by_its_cross_entropy():
    metrics = [{"update": 2, "rollouts": 0, "reward": None, "compile_rate": None, "cross_entropy": 1.25}]
    run = RunData("r", {}, {}, metrics, {}, {}, None, None, None)
    assert lead(run, {}) == "No evaluation yet. In update 2, the references' cross-entropy is 1.25 nats a token."
