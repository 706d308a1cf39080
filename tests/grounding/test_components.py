"""Components of the reward: each gives a score of its own, and a new one is a class."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

import rlcf
from rlcf.config import GroundingConfig
from rlcf.config.reading import make_recipe
from rlcf.errors import ConfigError, ToolError
from rlcf.grounding.components import COMPONENTS, Component, needs_reference
from rlcf.grounding.judge import Discriminator, Encoder
from rlcf.records import Task, Verdict
from rlcf.tasks.builtin import load_builtin
from rlcf.training.run import training_tasks
from tests.tiny import TASK

HELD = next(t for t in load_builtin("builtin:java") if t.split == "heldout")
REFERENCE = HELD.canonical_solution or ""
STUB = rlcf.load_language("java").stub(HELD) or ""


class LengthShare(Component):
    """1 for a program as long as the reference, less for a shorter one."""

    name = "length_share"
    needs_reference = True

    def score(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict]
    ) -> list[float | None]:
        lengths = [len(t.canonical_solution or "") for t in tasks]
        return [min(1.0, len(c) / n) for c, n in zip(completions, lengths, strict=True)]


class Silent(Component):
    """Never has anything to say."""

    name = "silent"
    optional = True

    def score(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict]
    ) -> list[float | None]:
        return [None] * len(tasks)


class Broken(Component):
    """Its tool always fails."""

    name = "broken"

    def score(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict]
    ) -> list[float | None]:
        raise ToolError("no such tool")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for component in (LengthShare, Silent, Broken):
        monkeypatch.setitem(COMPONENTS, component.name, component)


@pytest.mark.usefixtures("jdk")
def test_a_component_is_a_class_that_a_recipe_names() -> None:
    config = make_recipe({}, ["grounding.components.length_share=3", "grounding.components.compiler=1"]).grounding
    with rlcf.Grounding(config, None) as grounding:
        scores = grounding.score([HELD] * 3, ["nonsense", STUB, REFERENCE])
    share = len(STUB) / len(REFERENCE)
    assert [s.components for s in scores] == [
        {"compiler": -1.0, "length_share": None},
        {"compiler": 1.0, "length_share": share},
        {"compiler": 1.0, "length_share": 1.0},
    ]
    assert [s.reward for s in scores] == [-1.0, pytest.approx((3 * share + 1) / 4), 1.0]


def test_a_component_that_compares_says_so_for_the_tasks_that_are_trained_on() -> None:
    config = GroundingConfig(components={"length_share": 1.0})
    bare = Task("bare", TASK.prompt)
    assert needs_reference(config)
    assert training_tasks([TASK, bare], needs_reference(config)) == [TASK]
    assert not needs_reference(GroundingConfig(mode="compiler"))


@pytest.mark.usefixtures("jdk")
def test_scores_of_each_component_stand_in_the_score(builtin_encoder: str) -> None:
    discriminator = Discriminator(Encoder.load(builtin_encoder))
    config = GroundingConfig(workers=1, components={"compiler": 1.0, "judge": 1.0})
    with rlcf.Grounding(config, discriminator) as hybrid:
        rejected, stub = hybrid.score([HELD] * 2, ["nonsense", STUB])
    assert rejected.components == {"compiler": -1.0, "judge": None}
    assert stub.components == {"compiler": 1.0, "judge": -0.9}
    alone = GroundingConfig(workers=1, mode="judge")
    with rlcf.Grounding(alone, discriminator) as grounding:
        [score] = grounding.score([HELD], ["nonsense"])
    assert score.components == {"judge": score.preference}
    assert score.reward == score.preference != 0.0


@pytest.mark.usefixtures("jdk")
def test_an_optional_component_that_is_silent_leaves_the_reward_to_the_others() -> None:
    with rlcf.Grounding(GroundingConfig(components={"compiler": 1.0, "silent": 1.0}), None) as grounding:
        [score] = grounding.score([HELD], [REFERENCE])
    assert (score.reward, score.components) == (1.0, {"compiler": 1.0, "silent": None})


@pytest.mark.usefixtures("jdk")
def test_a_component_whose_tool_fails_leaves_what_it_would_have_scored_unscored() -> None:
    with rlcf.Grounding(GroundingConfig(components={"compiler": 1.0, "broken": 1.0}), None) as grounding:
        accepted, rejected = grounding.score([HELD] * 2, [REFERENCE, "nonsense"])
    assert (accepted.reward, rejected.reward) == (None, -1.0)
    assert accepted.verdict is not None
    assert accepted.verdict.accepted


def test_an_unknown_component_is_one_line_that_names_those_there_are() -> None:
    config = GroundingConfig(components={"compilr": 1.0})
    with pytest.raises(ConfigError, match=r"unknown grounding component 'compilr' \(did you mean 'compiler'\?\)"):
        rlcf.Grounding(config, None)
    for text in ("{}", "{compiler = 0}", "{compiler = -1.0}", "{compiler = inf}"):
        with pytest.raises(ConfigError, match=r"grounding\.components"):
            make_recipe({}, [f"grounding.components={text}"])


def test_the_compiler_alone_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None; import rlcf; "
        "rlcf.Grounding.load(mode='compiler').close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
