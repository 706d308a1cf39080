"""The reward function as OpenRLHF loads and calls it (`openrlhf/utils/agent.py` of 0.11)."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from rlcf.errors import CheckerUnavailable, DataError
from rlcf.grounding import Grounding
from rlcf.integrations import scoring
from rlcf.integrations.openrlhf import grounding_reward, openrlhf_row
from rlcf.records import Task, Verdict
from rlcf.tasks.builtin import load_builtin
from tests.tiny import tiny_policy

RECIPE = Path(__file__).parents[2] / "recipes" / "openrlhf" / "reward.py"
TASKS = load_builtin("builtin:java")[:2]
FIRST, SECOND = TASKS
ENDS = ["<|endoftext|>", "<|im_end|>"]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    scoring.close_all()


def _experiences(reward_func: Any, rows: list[tuple[str, str]], texts: list[str]) -> list[dict[str, torch.Tensor]]:
    """What OpenRLHF makes of the rollouts of its prompts and labels: each asked for in a thread, as lists of one."""

    async def execute(prompt: str, label: str, text: str) -> dict[str, torch.Tensor]:
        info = await asyncio.to_thread(reward_func, [prompt + text], [prompt], [label])
        score = info.get("scores")
        logged = {
            key: torch.tensor([value.flatten()[0].item() if isinstance(value, torch.Tensor) else value])
            for key, value in (info.get("extra_logs") or {}).items()
        }
        return {"reward": torch.tensor([info["rewards"]]), "score": torch.tensor([score]), **logged}

    async def gather() -> list[dict[str, torch.Tensor]]:
        return await asyncio.gather(*(execute(*row, text) for row, text in zip(rows, texts, strict=True)))

    return asyncio.run(gather())


def _rows(*tasks: Task, chat: bool = False) -> list[tuple[str, str]]:
    """What `preprocess_data` reads of a data set with `--data.label_key label`."""
    return [(row["input"], row["label"]) for row in (openrlhf_row(task, chat) for task in tasks)]


def _module(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location("reward_func", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)  # not in sys.modules
    return module


@pytest.mark.usefixtures("jdk")
def test_the_recipe_writes_the_data_set_and_gives_the_rewards(tmp_path: Path) -> None:
    policy = tiny_policy()
    policy.save(tmp_path / "model")
    file = tmp_path / "reward.py"
    recipe = RECIPE.read_text(encoding="utf-8")
    file.write_text(recipe.replace('"HuggingFaceTB/SmolLM2-135M"\n', f'"{tmp_path}/model"\n'), encoding="utf-8")
    subprocess.run([sys.executable, str(file), str(tmp_path / "train.jsonl")], check=True)
    rows = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    trained_on = [task for task in load_builtin("builtin:java") if task.split != "heldout"]
    assert rows == [{"input": task.prompt.rstrip(), "label": task.task_id} for task in trained_on]
    task, end = trained_on[0], policy.tokenizer.eos_token
    texts = [f"\n{task.canonical_solution}{end}", f"nonsense{end}"]
    good, bad = _experiences(_module(file).reward_func, _rows(task, task), texts)
    assert (good["reward"].tolist(), good["score"].tolist()) == ([1.0], [1.0])
    assert (bad["reward"].tolist(), bad["score"].tolist()) == ([-1.0], [0.0])
    assert [(e["compile"].item(), e["trivial"].item()) for e in (good, bad)] == [(1.0, 0.0), (0.0, 0.0)]


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The completions of each batch that is checked, all of them accepted."""
    batches: list[list[str]] = []

    def check(self: Grounding, programs: Any) -> list[Verdict | None]:
        batches.append([program.completion for program in programs])
        return [Verdict("accepted")] * len(programs)

    monkeypatch.setattr(Grounding, "check", check)
    return batches


def test_what_stands_in_special_tokens_is_no_part_of_the_program(checked: list[list[str]]) -> None:
    task = Task("p", "def f(x):\n", language="python")
    prompt = task.prompt.rstrip()
    texts = ["\n    return x\n" + end for end in ("", "<|endoftext|>", "<|im_end|>\n<|endoftext|>")]
    experiences = _experiences(grounding_reward([task], ENDS), [(prompt, "p")] * 3, texts)
    assert [text for batch in checked for text in batch] == ["    return x\n"] * 3
    assert all(math.isnan(e["trivial"].item()) for e in experiences)


def test_an_instruct_model_is_asked_and_its_answer_read(checked: list[list[str]]) -> None:
    ((asked, label),) = _rows(FIRST, chat=True)
    assert asked.startswith("Complete this java program.")
    prompt = f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n"  # what the chat template makes of it
    answer = f"Here:\n```java\n{FIRST.prompt}{FIRST.canonical_solution}```<|im_end|>"
    _experiences(grounding_reward(TASKS, ENDS, chat=True), [(prompt, label)], [answer])
    assert [text.strip() for text in checked[0]] == [(FIRST.canonical_solution or "").strip()]


def test_calls_from_many_threads_are_gathered_into_batches(checked: list[list[str]]) -> None:
    texts = [f"\n return {number};" for number in range(24)]
    _experiences(grounding_reward(TASKS, ENDS), _rows(FIRST, SECOND) * 12, texts)
    assert sum(map(len, checked)) == 24
    assert len(checked) < 24


def test_a_rollout_that_cannot_be_read_has_no_reward() -> None:
    """OpenRLHF logs the error, and has no reward for the rollout."""
    reward_func = grounding_reward(TASKS, ENDS)
    with pytest.raises(DataError, match="the label 'none' is the id of no task that grounding_reward was given"):
        reward_func(["a"], ["a"], ["none"])
    with pytest.raises(DataError, match=r"does not begin with its prompt 'class A'.*raise data.max_len"):
        reward_func(["A { int f() { return 1; } }"], ["class A"], [FIRST.task_id])


def test_a_compiler_that_fails_is_no_reward(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Grounding, "check", lambda _, programs: [None] * len(programs))
    monkeypatch.setattr(scoring, "_PAUSES_S", (0.0,) * 3)
    with pytest.raises(CheckerUnavailable, match="could not be scored"):
        grounding_reward(TASKS, ENDS)([FIRST.prompt + "x"], [FIRST.prompt], [FIRST.task_id])


@pytest.mark.usefixtures("jdk")
def test_a_task_of_a_project_is_checked_in_it(tmp_path: Path) -> None:
    (tmp_path / "Helper.java").write_text("class Helper { static int one() { return 1; } }", encoding="utf-8")
    (tmp_path / "project.toml").write_text(
        'name = "p"\nsources = "sources.jsonl"\n[language]\nname = "java"\nsource_path = ["."]\n', encoding="utf-8"
    )
    inside = Task("a", "class A {\n    int f() {", suffix="\n}", path="A.java", project=str(tmp_path / "project.toml"))
    outside = replace(inside, task_id="b", path=None, project=None)
    reward_func = grounding_reward([inside, outside], ENDS, workers=1)
    texts = [" return Helper.one(); }<|endoftext|>"] * 2
    assert [e["compile"].item() for e in _experiences(reward_func, _rows(inside, outside), texts)] == [1.0, 0.0]
