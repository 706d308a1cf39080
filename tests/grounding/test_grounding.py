"""The grounding function with a real compiler and a real encoder."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

import rlcf
from rlcf.config import CalibrationName, DiscriminatorConfig, GroundingConfig
from rlcf.errors import CheckerUnavailable, ConfigError, DataError, ModelError, UserError
from rlcf.grounding.judge import Discriminator, Encoder, Example, load_judge
from rlcf.grounding.judge.training import DiscriminatorTrainer, FitReport
from rlcf.languages.base import Checker
from rlcf.records import Completion, Program, Task, Verdict
from rlcf.tasks.builtin import load_builtin

TASKS = [t for t in load_builtin("builtin:java") if t.split == "train"]
JAVA = rlcf.load_language("java")


@pytest.fixture(scope="module")
def trainer(builtin_encoder: str) -> DiscriminatorTrainer:
    """A discriminator fitted on the training references, as before the first update of a run."""
    import torch

    torch.manual_seed(0)
    discriminator = Discriminator(Encoder.load(builtin_encoder))
    trainer = DiscriminatorTrainer(discriminator, TASKS, JAVA, DiscriminatorConfig(), seed=0)
    trainer.warm_up()
    return trainer


@pytest.fixture
def grounding(trainer: DiscriminatorTrainer, jdk: None) -> rlcf.Grounding:
    return rlcf.Grounding(GroundingConfig(workers=1), trainer.discriminator)


HELD = next(
    t for t in load_builtin("builtin:java") if t.split == "heldout" and (t.canonical_solution or "").count(";") > 4
)


def test_the_reward_orders_rejected_trivial_and_reference(grounding: rlcf.Grounding) -> None:
    with grounding:
        stub, reference = JAVA.stub(HELD) or "", HELD.canonical_solution or ""
        rejected, trivial, best = grounding.score([HELD] * 3, ["nonsense", stub, reference])
    assert (rejected.reward, trivial.reward, best.reward) == (-1.0, -0.9, pytest.approx(1.0))
    assert (rejected.preference, best.preference) == (None, pytest.approx(0.0))
    assert trivial.trivial
    assert trivial.preference is not None
    assert trivial.preference < -0.3


def test_records_of_many_tasks_are_scored_in_their_own_order(grounding: rlcf.Grounding) -> None:
    completions = [Completion(t.task_id, t.canonical_solution or "") for t in reversed(TASKS[:4])]
    with grounding:
        scores = grounding.score(TASKS[:4], completions)
    assert [s.reward for s in scores] == pytest.approx([1.0] * 4)


def test_a_compiler_that_fails_leaves_completions_unscored_and_is_asked_again(
    grounding: rlcf.Grounding, monkeypatch: pytest.MonkeyPatch
) -> None:
    with grounding, monkeypatch.context() as broken:
        grounding.score([HELD], ["x"])

        def fail(self: Checker, programs: Sequence[Program]) -> list[Verdict]:
            raise CheckerUnavailable("the machine is out of memory")

        broken.setattr(type(grounding._checker), "check_programs", fail)
        [score] = grounding.score([HELD], [HELD.canonical_solution or ""])
        assert (score.reward, score.verdict) == (None, None)
        broken.undo()
        [score] = grounding.score([HELD], [HELD.canonical_solution or ""])
        assert score.reward == pytest.approx(1.0)


def test_a_saved_grounding_function_gives_the_same_scores(grounding: rlcf.Grounding, tmp_path: Path) -> None:
    texts = ["        return null;\n    }\n}", HELD.canonical_solution or "", JAVA.stub(HELD) or ""]
    with grounding:
        grounding.save(tmp_path / "judge")
        expected = [s.reward for s in grounding.score([HELD] * 3, texts)]
    with rlcf.Grounding.load(tmp_path) as loaded:
        assert [s.reward for s in loaded.score([HELD] * 3, texts)] == pytest.approx(expected)


@pytest.mark.parametrize("calibration", get_args(CalibrationName))
def test_a_saved_grounding_function_keeps_its_calibration(
    builtin_encoder: str, jdk: None, tmp_path: Path, calibration: CalibrationName
) -> None:
    trainer = _trainer(builtin_encoder, calibration)
    texts = ["        return null;\n    }\n}", HELD.canonical_solution or "", JAVA.stub(HELD) or "", "nonsense"]
    with rlcf.Grounding(GroundingConfig(workers=1), trainer.discriminator) as grounding:
        grounding.save(tmp_path)
        expected = [s.reward for s in grounding.score([HELD] * 4, texts)]
    with rlcf.Grounding.load(tmp_path) as loaded:
        assert loaded.judge is not None
        assert loaded.judge.calibration == calibration
        assert [s.reward for s in loaded.score([HELD] * 4, texts)] == pytest.approx(expected)


def test_a_discriminator_of_a_calibration_that_nobody_knows_is_one_line(
    trainer: DiscriminatorTrainer, tmp_path: Path
) -> None:
    trainer.discriminator.save(tmp_path)
    file = tmp_path / "judge.json"
    described = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**described, "calibration": "isotonic"}), encoding="utf-8")
    with pytest.raises(ModelError, match="unknown calibration 'isotonic'") as error:
        load_judge(tmp_path)
    assert "\n" not in str(error.value)


def test_pairwise_pays_what_compiles_the_preference_even_when_it_is_trivial(builtin_encoder: str, jdk: None) -> None:
    discriminator = _trainer(builtin_encoder, "pairwise").discriminator
    with rlcf.Grounding(GroundingConfig(workers=1, components={"judge": 1.0}), discriminator) as grounding:
        scores = grounding.score([HELD] * 3, ["nonsense", JAVA.stub(HELD) or "", HELD.canonical_solution or ""])
    rejected, trivial, reference = scores
    assert trivial.trivial
    assert trivial.reward == pytest.approx(trivial.preference)
    assert (rejected.reward, reference.reward) == (-1.0, 0.0)


def test_group_rank_compares_the_completions_of_one_call(builtin_encoder: str, jdk: None) -> None:
    """Each of two programs of a task gets its rank, in whatever order the tasks of the batch come."""
    other = next(t for t in TASKS if (t.canonical_solution or "").count(";") > 4)
    discriminator = _trainer(builtin_encoder, "group_rank").discriminator
    references = [HELD.canonical_solution or "", other.canonical_solution or ""]
    texts = ["        int unused = 0;\n" + r for r in references] + references
    with rlcf.Grounding(GroundingConfig(workers=1, components={"judge": 1.0}), discriminator) as grounding:
        scores = grounding.score([HELD, other, HELD, other], texts)
    assert [s.verdict and s.verdict.status for s in scores] == ["accepted"] * 4
    assert not any(s.trivial for s in scores)
    ranks = sorted(s.reward for s in scores if s.reward is not None)
    assert ranks == pytest.approx([-0.9 + 1.9 * p for p in (0.25, 0.25, 0.75, 0.75)])


def test_the_compiler_alone_needs_no_judge(jdk: None) -> None:
    with rlcf.Grounding.load(mode="compiler") as grounding:
        scores = grounding.score([HELD, HELD], [JAVA.stub(HELD) or "", "nonsense"])
    assert [s.reward for s in scores] == [1.0, -1.0]


def test_a_task_in_another_language_is_refused_and_not_rejected() -> None:
    other = Task("p", "def f(x):\n", language="python", canonical_solution="    return x\n", entry_point="f")
    with rlcf.Grounding.load(mode="compiler") as grounding:
        with pytest.raises(DataError, match=r"task 'p' is in 'python', and this grounding function is for 'java'"):
            grounding.score([HELD, other], ["x", "    return x\n"])
        with pytest.raises(DataError, match=r"make one with language='python'$"):
            grounding.score([HELD, other], [Completion("p", "    return x\n")])


def test_a_task_may_name_the_table_of_its_language_or_its_name() -> None:
    table = str(Path(__file__).parents[2] / "recipes" / "languages" / "ocaml.toml")
    with rlcf.Grounding.load(mode="compiler", language=table) as grounding:
        grounding.check = lambda programs: [Verdict("accepted") for _ in programs]  # type: ignore[method-assign]
        scores = grounding.score([Task("1", "", "ocaml"), Task("2", "", table)], ["a", "a"])
        assert [s.reward for s in scores] == [1.0, 1.0]
        with pytest.raises(DataError, match=r"task '3' is in 'java', and this grounding function is for 'ocaml'"):
            grounding.score([Task("3", "")], ["a"])


def test_that_a_judge_is_needed_is_said_without_torch() -> None:
    code = """if True:
        import sys
        sys.modules["torch"] = None  # as if it were not there
        import rlcf
        try:
            rlcf.Grounding.load(mode="hybrid")
        except rlcf.errors.ConfigError as error:
            print(error)
    """
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stdout == "grounding mode 'hybrid' needs a judge; mode 'compiler' needs none\n", ended.stderr


def test_mistakes_are_one_line(grounding: rlcf.Grounding, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown grounding mode 'tests'"):
        rlcf.Grounding.load(mode="tests")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="holds no grounding function"):
        rlcf.Grounding.load(tmp_path)
    with pytest.raises(ConfigError, match="needs a judge"):
        rlcf.Grounding.load(mode="hybrid")
    with pytest.raises(ConfigError, match=r"^grounding: workers = '2': input should be a valid integer$"):
        rlcf.Grounding.load(mode="compiler", workers="2")  # type: ignore[arg-type]
    with grounding, pytest.raises(UserError, match="unknown task 'z'"):
        grounding.score([HELD], [Completion("z", "")])
    bare = Task("bare", "class A {\n    int f() {\n", entry_point="f")
    with grounding, pytest.raises(UserError, match="'bare' has no canonical_solution"):
        grounding.score([bare], ["        return 1 + 1;\n    }\n}"])


def test_preference_is_antisymmetric_and_0_for_equal_programs(trainer: DiscriminatorTrainer) -> None:
    example = Example.of(JAVA, HELD, JAVA.stub(HELD) or "")
    turned = replace(example, program=example.reference, reference=example.program)
    equal = replace(example, program=example.reference)
    g = trainer.discriminator.preference([example, turned, equal]).tolist()
    assert g[0] == pytest.approx(-g[1])
    assert g[2] == 0.0
    assert -1 < g[0] < 0 < g[1] < 1


def test_warming_up_teaches_references_from_stubs_on_tasks_not_fitted_on(trainer: DiscriminatorTrainer) -> None:
    held = [t for t in load_builtin("builtin:java") if t.split == "heldout"]
    examples = [Example.of(JAVA, t, JAVA.stub(t) or "", trivial=True) for t in held]
    measured = trainer.measure(examples)
    assert measured["accuracy"] is not None
    assert measured["accuracy"] > 0.95


WRONG = [Example.of(JAVA, t, "        return x;\n    }\n}") for t in TASKS[:32]]


def test_a_fitted_discriminator_does_not_saturate(trainer: DiscriminatorTrainer) -> None:
    """However long it is fitted on the same programs, g keeps its distance from −1."""
    for _ in range(5):
        trainer.refresh(WRONG)
    accepted = trainer.measure(WRONG)["accepted"]
    assert accepted is not None
    assert -0.8 < accepted < -0.2


def test_pairwise_learns_from_generated_programs_only_and_saturates(builtin_encoder: str) -> None:
    """What `least_squares` is there to prevent; see the test above."""
    trainer = _trainer(builtin_encoder, "pairwise")
    assert trainer.warm_up() == FitReport(loss=None, steps=0)
    for _ in range(5):
        assert trainer.refresh(WRONG).steps == 30
    accepted = trainer.measure(WRONG)["accepted"]
    assert accepted is not None
    assert accepted < -0.98


def test_a_margin_is_kept_between_reference_generated_and_stub(builtin_encoder: str) -> None:
    trainer = _trainer(builtin_encoder, "margin")
    first = trainer.refresh(WRONG).loss
    for _ in range(5):
        last = trainer.refresh(WRONG).loss
    assert first is not None
    assert last is not None
    assert last < first / 2
    measured = trainer.measure(WRONG)
    assert measured["accepted"] is not None
    assert measured["stub"] is not None
    assert measured["stub"] < measured["accepted"] < -0.3


def _trainer(encoder: str, calibration: CalibrationName) -> DiscriminatorTrainer:
    """Of a discriminator that has not been fitted."""
    import torch

    torch.manual_seed(0)
    config = DiscriminatorConfig(calibration=calibration)
    return DiscriminatorTrainer(Discriminator(Encoder.load(encoder)), TASKS[:32], JAVA, config, seed=0)


def test_a_trainers_state_goes_on_where_it_stood(builtin_encoder: str) -> None:
    import torch

    def fresh() -> DiscriminatorTrainer:
        torch.manual_seed(0)
        discriminator = Discriminator(Encoder.load(builtin_encoder))
        config = DiscriminatorConfig(warmup_steps=2, refresh_steps=2, batch_size=8)
        return DiscriminatorTrainer(discriminator, TASKS[:16], JAVA, config, seed=0)

    one = fresh()
    one.warm_up()
    state, rng = one.state_dict(), torch.get_rng_state()
    one.refresh([])
    other = fresh()
    other.load_state_dict(state)
    torch.set_rng_state(rng)
    other.refresh([])
    for a, b in zip(one.discriminator.mlp.parameters(), other.discriminator.mlp.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("grounding.json", "{"),
        ("grounding.json", "[]"),
        ("grounding.json", '{"format": 3, "mode": "hybrid", "trivial_reward": true}'),
        ("grounding.json", '{"format": 3, "mode": "hybrid", "components": {"compiler": -1}}'),
        ("judge.json", ""),
        ("judge.json", "{}"),
        ("judge.json", '{"name": "discriminator", "encoder": 1, "hidden": 128, "calibration": "margin"}'),
        (
            "judge.json",
            '{"name": "discriminator", "encoder": "builtin:minilm", "hidden": "wide", "calibration": "margin"}',
        ),
        ("judge.json", '{"name": "discriminator", "encoder": "builtin:minilm", "hidden": 64, "calibration": "margin"}'),
        ("mlp.safetensors", "\x00" * 20),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it(
    trainer: DiscriminatorTrainer, tmp_path: Path, file: str, text: str
) -> None:
    rlcf.Grounding(GroundingConfig(workers=1), trainer.discriminator).save(tmp_path / "judge")
    (tmp_path / "judge" / file).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        rlcf.Grounding.load(tmp_path)
    assert str(tmp_path / "judge") in str(error.value)
    assert "\n" not in str(error.value)


def test_truncated_weights_are_one_line(trainer: DiscriminatorTrainer, tmp_path: Path) -> None:
    trainer.discriminator.save(tmp_path)
    weights = tmp_path / "mlp.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match="cannot load the judge in") as error:
        load_judge(tmp_path)
    assert "\n" not in str(error.value)


def test_a_discriminator_of_another_version_saw_other_texts_and_is_refused(
    trainer: DiscriminatorTrainer, jdk: None, tmp_path: Path
) -> None:
    """Version 0.1 wrote no format."""
    rlcf.Grounding(GroundingConfig(workers=1), trainer.discriminator).save(tmp_path)
    saved = json.loads((tmp_path / "grounding.json").read_text(encoding="utf-8"))
    del saved["format"]
    (tmp_path / "grounding.json").write_text(json.dumps(saved), encoding="utf-8")
    with pytest.raises(ModelError, match="whose judge read other texts") as error:
        rlcf.Grounding.load(tmp_path)
    assert "\n" not in str(error.value)
    with rlcf.Grounding.load(tmp_path, mode="compiler") as compiler:
        assert compiler.score([HELD], [HELD.canonical_solution or ""])[0].reward == 1.0


def test_components_of_the_saved_mode_are_kept(tmp_path: Path) -> None:
    config = GroundingConfig(mode="compiler", components={"compiler": 2.0}, trivial_reward=-0.5)
    rlcf.Grounding(config, None).save(tmp_path)
    loaded = rlcf.Grounding.load(tmp_path, mode="compiler")
    assert (loaded.config.components, loaded.config.trivial_reward) == ({"compiler": 2.0}, -0.5)


def test_neither_an_unknown_triviality_nor_an_unknown_size_is_held_against_a_program(
    trainer: DiscriminatorTrainer,
) -> None:
    """As in a language whose compiler says nothing of methods: the reward is then that of the whole progress."""
    text = HELD.canonical_solution or ""
    with rlcf.Grounding(GroundingConfig(workers=1, cache_verdicts=False), trainer.discriminator) as grounding:
        [known] = grounding.score([HELD], [text])
        [unknown] = grounding.score_checked([HELD], [text], [Verdict("accepted")])
    assert (known.trivial, unknown.trivial) == (False, None)
    assert unknown.reward == known.reward == pytest.approx(1.0)
