"""Training on code that stands in a file: with a prefix that the model is not shown, and with a suffix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rlcf.config import make_recipe
from rlcf.generation.engine import Sample
from rlcf.generation.torch_engine import TorchEngine
from rlcf.grounding import Grounding
from rlcf.languages.base import Checker
from rlcf.languages.registry import load_language
from rlcf.records import Program
from rlcf.training.credit import credit_weights, first_fault
from rlcf.training.references import reference_batch, with_sound_references
from rlcf.training.rollouts import roll_out
from tests.tiny import PROMPT, TASK, tiny_policy

_SUFFIX = " static int g ( ) { return 1; } }"
_TASK = replace(TASK, prefix="import java.util.List; " + PROMPT, suffix=_SUFFIX, canonical_solution="a;}")


@pytest.mark.usefixtures("jdk")
def test_rollouts_end_before_the_suffix_and_are_checked_with_it() -> None:
    recipe = make_recipe(
        {
            "generation": {"max_new_tokens": 6, "temperature": 1.0},
            "grounding": {"mode": "compiler", "workers": 1},
            "train": {"group_size": 64},
        }
    )
    policy = tiny_policy()
    with Grounding(recipe.grounding, None) as grounding:
        rollouts = roll_out(policy, TorchEngine(policy), grounding, [_TASK], recipe, 1, lambda _: None)
        assert with_sound_references(grounding, [_TASK]) == ([_TASK], None)
        left, note = with_sound_references(grounding, [_TASK, replace(_TASK, task_id="b", canonical_solution="a;}}")])
    assert left == [_TASK]
    assert note is not None
    texts = {r.sample.text for r in rollouts.rollouts if r.score.verdict and r.score.verdict.accepted}
    assert {"a;}", "1;}"} <= texts
    assert not any(text.endswith("}}") for text in texts)  # the suffix closes the class
    assert [s.reward for s in rollouts.references] == [1.0]
    batch = rollouts.batch(policy)
    assert batch.prompts.ids.shape[0] == 1
    shown = policy.tokenizer.decode(batch.prompts.ids[0])
    assert "import" not in shown


def test_a_reference_is_learnt_up_to_where_the_suffix_takes_over() -> None:
    policy = tiny_policy()
    whole = replace(_TASK, canonical_solution="a;}} ")  # as a task of the whole class would have it
    batch = reference_batch(policy, load_language("java"), [_TASK, whole], max_tokens=10)
    assert batch.completions.ids[0].tolist() == batch.completions.ids[1].tolist()


def test_an_error_in_the_suffix_says_nothing_of_the_completions_tokens(java_checker: Checker) -> None:
    tokenizer, broken = tiny_policy().tokenizer, replace(_TASK, suffix=" int h ( ) { return x; } }")
    for task, text, place in ((broken, "a;}", None), (_TASK, "a + x;}", 0)):
        program = Program.of(task, text)
        (verdict,) = java_checker.check([program.source])
        assert verdict.status == "rejected"
        assert first_fault(program, verdict) == place
        sample = Sample(text, tuple(tokenizer(text.replace(";}", ";}}"))["input_ids"]), finished=True)
        assert set(credit_weights(task, sample, verdict, tokenizer, 0.2)) == {1.0}
