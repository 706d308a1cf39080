"""Training on fill-in-the-middle prompts: rollouts, imitated references and evaluations are shown the same."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from rlcf.config import Recipe, make_recipe
from rlcf.generation.engine import Progress
from rlcf.generation.prompts import Prompting, editor_prompt
from rlcf.generation.torch_engine import TorchEngine
from rlcf.grounding import Grounding
from rlcf.languages.registry import load_language
from rlcf.storage.jsonl import read_json
from rlcf.storage.rundir import RunDir
from rlcf.training import run
from rlcf.training.references import reference_batch
from rlcf.training.rollouts import roll_out
from rlcf.training.run import make_trainer
from tests.fim_tokenizers import tiny_fim_policy
from tests.languages.python_language import Python
from tests.tiny import PROMPT, TASK
from tests.training.listening import Silent

_SUFFIX = " static int g ( ) { return 1; } }"
_TASK = replace(TASK, prefix="import java.util.List; " + PROMPT, suffix=_SUFFIX, canonical_solution="a;}")


class _Quiet:
    """Shows nothing of the samples of an evaluation."""

    def sampling(self, title: str, total: int) -> AbstractContextManager[Progress]:
        return nullcontext(lambda *_: None)


def _recipe(**tables: object) -> Recipe:
    given = {
        "generation": {"max_new_tokens": 6, "temperature": 1.0},
        "grounding": {"mode": "compiler", "workers": 1},
        "train": {"group_size": 64, "updates": 1, "tasks_per_update": 1},
    }
    return make_recipe(given | tables)


@pytest.mark.usefixtures("jdk")
def test_a_rollout_is_shown_what_follows_and_stops_at_the_end_of_the_method() -> None:
    policy, recipe, java = tiny_fim_policy(), _recipe(), load_language("java")
    with Grounding(recipe.grounding, None) as grounding:
        rollouts = roll_out(policy, TorchEngine(policy), grounding, [_TASK], recipe, 1, lambda _: None).rollouts
    expected = editor_prompt(policy.tokenizer, PROMPT, _SUFFIX)
    assert expected.fim is not None
    assert {r.prompt_ids for r in rollouts} == {expected.ids}
    texts = {r.sample.text for r in rollouts if r.score.verdict and r.score.verdict.accepted}
    assert {"a;}", "1;}"} <= texts
    for sample in (r.sample for r in rollouts):
        assert "<|" not in sample.text
        by_model = sample.token_ids[-1] in expected.end_ids | {policy.tokenizer.eos_token_id}
        if sample.finished and not by_model:
            assert java.program_end(_TASK.context, sample.text, _SUFFIX) == len(sample.text)
        assert sample.finished or len(sample.token_ids) == 6
    assert any(r.sample.token_ids[-1] in expected.end_ids for r in rollouts)


@pytest.mark.parametrize("fim", ["auto", "off"])
def test_a_reference_is_learnt_after_the_prompt_of_the_rollouts(fim: str) -> None:
    policy, recipe = tiny_fim_policy(), _recipe(policy={"fim": fim})
    prompting = Prompting(fim=recipe.policy.fim)
    whole = replace(TASK, prompt=PROMPT + "a + ")
    batch = reference_batch(policy, load_language("java"), [_TASK, whole, _TASK], 10, prompting)
    shown = [ids[mask == 1].tolist() for ids, mask in zip(batch.prompts.ids, batch.prompts.mask, strict=True)]
    assert shown == [list(prompting.prompt(policy.tokenizer, task).ids) for task in (_TASK, whole)]
    assert ("<|fim_middle|>" in policy.tokenizer.convert_ids_to_tokens(shown[0])) == (fim == "auto")
    assert "<|fim_middle|>" not in policy.tokenizer.convert_ids_to_tokens(shown[1])
    assert batch.completions.prompt_index.tolist() == [0, 1, 0]


def test_a_reference_in_a_language_without_closing_marks_ends_as_the_model_ends_a_middle() -> None:
    policy = tiny_fim_policy()
    policy.tokenizer.add_tokens(["<|endoftext|>"])
    policy.model.resize_token_embeddings(len(policy.tokenizer), mean_resizing=False)
    batch = reference_batch(policy, Python(), [replace(_TASK, canonical_solution="a + b;}}")], 10)
    written = policy.tokenizer.convert_ids_to_tokens(batch.completions.ids[0].tolist())
    assert written == ["a", "+", "b;}}", "<|endoftext|>"]


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize(("fim", "said"), [("auto", True), ("off", None)])
@pytest.mark.parametrize("algorithm", ["grpo", "sft"])
def test_all_of_a_run_is_shown_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str, fim: str, said: bool | None
) -> None:
    """Also the references that an update imitates, and the samples of the evaluations."""
    table = {"name": algorithm} | ({"imitation_coefficient": 1.0} if algorithm == "grpo" else {})
    recipe = _recipe(algorithm=table, policy={"fim": fim, "training": "full"}, train={"group_size": 2, "updates": 1})
    trainer, _ = make_trainer(recipe, RunDir(tmp_path), [_TASK], tiny_fim_policy())
    ids = list(Prompting(fim=recipe.policy.fim).prompt(trainer.policy.tokenizer, _TASK).ids)
    assert (said is True) == (len(ids) > len(PROMPT.split()))
    learnt: list[list[int]] = []
    update = trainer.learner.update

    def recorded(batch, remaining, imitated=None):  # type: ignore[no-untyped-def]
        learnt.extend(b.prompts.ids[0].tolist() for b in (batch, imitated) if b is not None)
        return update(batch, remaining, imitated)

    monkeypatch.setattr(trainer.learner, "update", recorded)
    with trainer.grounding:
        trainer.run(Silent())
    run._sample(trainer, [_TASK], "after", _Quiet())
    assert learnt == [ids] * (2 if algorithm == "grpo" else 1)
    samples = RunDir(tmp_path).evaluation("after") / "samples.jsonl.settings.json"
    assert read_json(samples)["fim"] is said
