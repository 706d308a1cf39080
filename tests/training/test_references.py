"""References that the compiler rejects are named and left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rlcf.config import make_recipe
from rlcf.errors import DataError
from rlcf.grounding import Grounding
from rlcf.storage.rundir import RunDir
from rlcf.training.learner import TrainingBatch
from rlcf.training.references import with_sound_references
from rlcf.training.run import make_trainer
from tests.tiny import TASK, tiny_policy
from tests.training.listening import Silent

_BROKEN = replace(TASK, task_id="broken", canonical_solution="x;}}")


@pytest.fixture
def compiler(jdk: None) -> Iterator[Grounding]:
    recipe = make_recipe({"grounding": {"mode": "compiler", "workers": 1}})
    with Grounding(recipe.grounding, None) as grounding:
        yield grounding


def test_a_reference_that_does_not_compile_is_named_with_its_error_and_left_out(compiler: Grounding) -> None:
    sound, note = with_sound_references(compiler, [TASK, _BROKEN])
    assert sound == [TASK]
    assert note is not None
    assert note.startswith("left out 1 of 2 training tasks, whose references the compiler rejects: broken (line 1: ")
    assert "cannot find symbol" in note
    assert "\n" not in note


def test_sound_references_are_not_worth_a_word(compiler: Grounding) -> None:
    assert with_sound_references(compiler, [TASK]) == ([TASK], None)


def test_only_a_few_of_many_are_named(compiler: Grounding) -> None:
    _, note = with_sound_references(compiler, [TASK, *(replace(_BROKEN, task_id=f"b{i}") for i in range(9))])
    assert note is not None
    assert "left out 9 of 10" in note
    assert note.endswith("…")
    assert "b4" in note
    assert "b5" not in note


def test_without_any_sound_reference_there_is_nothing_to_train_on(compiler: Grounding) -> None:
    with pytest.raises(DataError, match=r"no task to train on is left without 1 of 1 training tasks.*broken \(line 1"):
        with_sound_references(compiler, [_BROKEN])


@pytest.mark.parametrize(("broken", "checked"), [(0, 101), (20, 101 + 151)])
def test_of_mined_tasks_a_sample_is_checked_and_all_where_it_is_wrong(
    compiler: Grounding, monkeypatch: pytest.MonkeyPatch, broken: int, checked: int
) -> None:
    mined = [replace(TASK, task_id=f"m{i}", project="shop") for i in range(150)]
    mined[149 - broken : 149] = [replace(_BROKEN, task_id=f"b{i}", project="shop") for i in range(broken)]
    asked: list[int] = []
    check = compiler.check
    monkeypatch.setattr(compiler, "check", lambda programs: asked.append(len(programs)) or check(programs))
    sound, note = with_sound_references(compiler, [TASK, *mined])
    assert sum(asked) == checked
    assert len(sound) == 151 - (broken if len(asked) > 1 else 0)
    assert (note is None) == (len(asked) == 1)


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize(("algorithm", "trained_on"), [("sft", [TASK]), ("ppo", [TASK, _BROKEN])])
def test_references_are_checked_only_where_they_are_used(tmp_path: Path, algorithm: str, trained_on: object) -> None:
    tables = {"grounding": {"mode": "compiler", "workers": 1}, "algorithm": {"name": algorithm}}
    trainer, warnings = make_trainer(make_recipe(tables), RunDir(tmp_path), [TASK, _BROKEN], tiny_policy())
    with trainer.grounding:
        assert trainer.tasks == trained_on
        assert len(warnings) == (1 if algorithm == "sft" else 0)


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize(("imitated", "expected"), [(None, 1), (3, 3)])
def test_an_update_imitates_the_references_of_its_tasks_or_of_as_many_as_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imitated: int | None, expected: int
) -> None:
    tables = {
        "generation": {"max_new_tokens": 5},
        "grounding": {"mode": "compiler", "workers": 1},
        "algorithm": {"name": "grpo", "imitation_coefficient": 1.0, "imitated": imitated},
        "train": {"updates": 2, "tasks_per_update": 1, "group_size": 2},
    }
    trainer, _ = make_trainer(make_recipe(tables), RunDir(tmp_path), [TASK], tiny_policy())
    given: list[int] = []

    def update(batch: TrainingBatch, remaining: float, references: TrainingBatch) -> dict[str, float]:
        given.append(len(references.rewards))
        return {}

    monkeypatch.setattr(trainer.learner, "update", update)
    with trainer.grounding:
        trainer.run(Silent())
    assert given == [expected, expected]
