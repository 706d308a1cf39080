"""The reward functions as verl's reward managers load and call them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rlcf.errors import CheckerUnavailable, DataError
from rlcf.grounding import Grounding
from rlcf.integrations import verl
from rlcf.tasks.builtin import load_builtin

TASKS = load_builtin("builtin:java")[:3]
ROWS = [verl.verl_row(task) for task in TASKS]


@pytest.fixture(scope="module")
def module(jdk: None) -> Iterator[ModuleType]:
    """The file, loaded as verl loads `custom_reward_function.path`: under a name of its own."""
    spec = importlib.util.spec_from_file_location("custom_module", str(verl.__file__))
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules["custom_module"] = loaded
    spec.loader.exec_module(loaded)
    yield loaded
    loaded._close_all()
    del sys.modules["custom_module"]


def _arguments(row: dict[str, Any], text: str) -> dict[str, Any]:
    """What verl's `naive` manager passes, with what it adds to a row's `extra_info` on the way."""
    return {
        "data_source": row["data_source"],
        "solution_str": text,
        "ground_truth": row["reward_model"]["ground_truth"],
        "extra_info": row["extra_info"] | {"num_turns": None, "index": 0},
    }


def test_a_rollout_is_scored_by_name_and_by_place_and_up_to_its_programs_end(module: ModuleType) -> None:
    reference = TASKS[0].canonical_solution or ""
    good = _arguments(ROWS[0], "\n" + reference + "\nand then some")
    assert module.compute_score(**good) == 1.0
    assert module.compute_score(*good.values()) == 1.0
    assert module.compute_score(**_arguments(ROWS[0], "nonsense"), reward_router_address="x") == -1.0


def test_a_batch_is_scored_in_its_own_order(module: ModuleType) -> None:
    rewards = module.compute_scores(
        data_sources=["rlcf"] * 3,
        solution_strs=[TASKS[0].canonical_solution, "nonsense", TASKS[2].canonical_solution],
        ground_truths=[row["reward_model"]["ground_truth"] for row in ROWS],
        extra_infos=[row["extra_info"] for row in ROWS],
    )
    assert rewards == [1.0, -1.0, 1.0]
    assert module.compute_scores([], [], [], []) == []


def test_many_threads_share_one_set_of_compilers(module: ModuleType) -> None:
    calls = [_arguments(row, text) for row in ROWS for text in (row["reward_model"]["ground_truth"], "no") * 4]
    with ThreadPoolExecutor(8) as threads:
        rewards = list(threads.map(lambda call: module.compute_score(**call), calls))
    assert rewards == [1.0, -1.0] * 12
    assert len(module._open) == 1


def _score_in_a_fork(_: int) -> float:
    call = _arguments(ROWS[0], ROWS[0]["reward_model"]["ground_truth"])
    reward = verl.compute_score(**call)
    verl._close_all()
    return reward


@pytest.mark.usefixtures("jdk")
def test_a_forked_process_starts_its_own_compilers_and_leaves_its_parents_alone() -> None:
    """verl's manager `prime` scores in forked processes."""
    assert _score_in_a_fork(0) == 1.0
    verl.compute_score(**_arguments(ROWS[0], "no"))  # the parent's are running
    with get_context("fork").Pool(1) as pool:
        assert pool.map(_score_in_a_fork, [0]) == [1.0]
    assert verl.compute_score(**_arguments(ROWS[1], ROWS[1]["reward_model"]["ground_truth"])) == 1.0
    verl._close_all()


def test_a_run_directory_makes_it_hybrid(tmp_path: Path, builtin_encoder: str, jdk: None) -> None:
    from rlcf.config import GroundingConfig
    from rlcf.grounding.discriminator import Discriminator, Encoder

    discriminator = Discriminator(Encoder.load(builtin_encoder))
    texts = ["        return null;\n    }\n}\n", "        return 0;\n    }\n}\n", TASKS[0].canonical_solution or ""]
    with Grounding(GroundingConfig(), discriminator) as grounding:
        grounding.save(tmp_path / "discriminator")
        expected = [s.reward for s in grounding.score([TASKS[0]] * 3, texts)]
    rewards = [verl.compute_score(**_arguments(ROWS[0], text), grounding=str(tmp_path)) for text in texts]
    verl._close_all()
    assert rewards == pytest.approx(expected)
    assert len(set(rewards)) > 1


def test_a_failing_compiler_ends_the_run_and_is_no_reward(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Grounding) -> None:
        raise CheckerUnavailable("no JDK here")

    monkeypatch.setattr(Grounding, "_start_checker", fail)
    with pytest.raises(CheckerUnavailable, match=r"1 of 1 programs could not be checked: see `rlcf doctor`"):
        verl.compute_score(**_arguments(ROWS[0], "x"), workers=3)


def test_a_row_that_is_not_ours_is_named() -> None:
    for info in (None, {}, {"task_id": "a"}):
        with pytest.raises(DataError, match=r"extra_info needs 'task_id' and 'prompt': make the rows with verl_row"):
            verl.compute_score("gsm8k", "x", "y", info)
