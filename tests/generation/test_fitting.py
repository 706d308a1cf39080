"""Prompts that do not fit into the model's context are shown by their last lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rlcf.errors import ConfigError
from rlcf.generation.prompts import Prompting, check_room, cut_note, fit_prompts
from rlcf.models.policy import Policy
from rlcf.records import Program, Task
from tests.tiny import tiny_policy

LINES = "".join(f"int x{i} = {i};\n" for i in range(50))
LONG = Task("long", f"class A {{\n{LINES}int f() {{\n", canonical_solution="return 1; } }")
SHORT = Task("short", "class A { int f() {", canonical_solution="return 1; } }")


@pytest.fixture
def policy() -> Policy:
    made = tiny_policy()
    made.model.config.max_position_embeddings = 120
    return made


def test_only_what_is_too_long_is_cut_and_the_compiler_sees_all(policy: Policy) -> None:
    (long, short), cut = fit_prompts(policy.model, policy.tokenizer, [LONG, SHORT], 20)
    assert (short, cut) == (SHORT, 1)
    assert LONG.prompt.endswith(long.prompt)
    assert long.prompt.startswith("int x")
    assert Program.of(long, "return 1; } }") == Program.of(LONG, "return 1; } }")
    length = len(Prompting().prompt(policy.tokenizer, long).ids)
    assert 80 <= length <= 100
    check_room(policy.model, "long", Prompting().prompt(policy.tokenizer, long).ids, 20)


def test_a_line_that_does_not_fit_by_itself_is_refused_as_before(policy: Policy) -> None:
    task = replace(LONG, prompt=LONG.prompt.replace("\n", " "))
    assert fit_prompts(policy.model, policy.tokenizer, [task], 20) == ([task], 0)
    with pytest.raises(ConfigError, match="do not fit into the model's context of 120"):
        check_room(policy.model, "long", Prompting().prompt(policy.tokenizer, task).ids, 20)


def test_questions_are_left_alone(policy: Policy) -> None:
    assert fit_prompts(policy.model, policy.tokenizer, [LONG], 20, Prompting(chat=True)) == ([LONG], 0)


def test_how_many_is_said() -> None:
    assert cut_note(3) == "prompts that are too long for the model's context, of which it is shown the last lines: 3"
