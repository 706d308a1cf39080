"""A T5 through the commands: trained, killed and resumed, sampled from, evaluated, exported."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from rlcf.config import PolicyConfig
from rlcf.models.batches import pad_completions, pad_prompts
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.storage.jsonl import read_json, read_jsonl
from rlcf.storage.rundir import RunDir
from rlcf.tasks.loading import write_tasks
from tests.cli.test_cli import rlcf
from tests.cli.test_kill import finish, kill_when, start
from tests.tiny import PROMPT, TASK, tiny_t5

_TASKS = [
    TASK,
    Task("gap", PROMPT, suffix=" static int g ( ) { return 1; } }", canonical_solution="a;}", entry_point="f"),
]
_POLICIES = {
    "lora": 'training = "lora", lora_rank = 4, lora_layers = 3, dtype = "float32"',
    "full": 'training = "full"',
}

pytestmark = pytest.mark.usefixtures("jdk")


def _recipe(folder: Path, policy: str) -> Path:
    recipe = folder / f"{policy}.toml"
    recipe.write_text(
        f"""
        policy = {{ model = "{folder / "model"}", {_POLICIES[policy]} }}
        tasks = {{ train = "{folder / "tasks.jsonl"}", evaluate = "{folder / "tasks.jsonl"}" }}
        generation = {{ max_new_tokens = 5, temperature = 1.0 }}
        grounding = {{ workers = 1, components = {{ judge = 1.0 }} }}
        algorithm = {{ name = "{"ppo" if policy == "lora" else "grpo"}", learning_rate = 1e-2, minibatches = 2 }}
        train = {{ updates = 4, tasks_per_update = 2, group_size = 8 }}
        evaluation = {{ samples = 1, execute = false }}
        """,
        encoding="utf-8",
    )
    return recipe


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("t5")
    tiny_t5().save(folder / "model")
    write_tasks(folder / "tasks.jsonl", _TASKS)
    return folder


@pytest.fixture(scope="module", params=_POLICIES)
def whole(request: pytest.FixtureRequest, folder: Path) -> RunDir:
    """A finished run."""
    run = RunDir(folder / f"run-{request.param}")
    finish(start(_recipe(folder, request.param), run.root))
    return run


def _trained(run: RunDir) -> Path:
    return run.adapter if run.adapter.is_dir() else run.model


def test_a_run_killed_and_resumed_ends_in_bitwise_the_same_weights(whole: RunDir, tmp_path: Path) -> None:
    cut, recipe = RunDir(tmp_path / "cut"), whole.root.parent / f"{whole.root.name.removeprefix('run-')}.toml"
    kill_when(start(recipe, cut.root), cut.samples(2).parent, cut.samples(2).name)
    finish(start(recipe, cut.root, "--resume"))
    [expected], [found] = ([load_file(p) for p in _trained(run).glob("*.safetensors")] for run in (whole, cut))
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    for update in range(1, 5):
        assert cut.samples(update).read_text(encoding="utf-8") == whole.samples(update).read_text(encoding="utf-8")


def test_the_aligned_judge_reads_with_the_policy_and_scores_every_accepted_program(whole: RunDir) -> None:
    rows = [row for update in range(1, 5) for _, row in read_jsonl(whole.samples(update))]
    accepted = [row for row in rows if row["status"] == "accepted" and not row["trivial"]]
    assert accepted
    assert all(row["components"]["judge"] is not None and -1 < row["preference"] <= 0 for row in accepted)
    assert {row["reward"] for row in rows if row["status"] != "accepted"} == {-1.0}
    described = read_json(whole.judge / "judge.json")
    assert described["name"] == "aligned"


def test_the_trained_model_is_sampled_from_and_evaluated(whole: RunDir, tmp_path: Path) -> None:
    tasks, out = str(whole.root.parent / "tasks.jsonl"), tmp_path / "results"
    given = ["--tasks", tasks, "--model", str(_trained(whole)), "-n", "2", "--max-new-tokens", "5"]
    result = rlcf("evaluate", *given, "--out", str(out), "--grounding", str(whole.root))
    assert result.returncode == 0, result.stdout + result.stderr
    rows = [row for _, row in read_jsonl(out / "samples.jsonl")]
    assert [row["task_id"] for row in rows] == ["tiny", "tiny", "gap", "gap"]
    assert not any("extra_id" in row["completion"] for row in rows)
    assert read_json(out / "samples.jsonl.settings.json")["fim"] is True


@pytest.fixture(scope="module")
def exported(whole: RunDir) -> Path:
    """The folder that the run was exported to."""
    out = whole.root.with_name(f"{whole.root.name}-exported")
    result = rlcf("export", str(whole.root), "--out", str(out), "--dtype", "float32")
    assert result.returncode == 0, result.stdout + result.stderr
    return out


def test_an_exported_model_gives_the_logits_of_the_policy(whole: RunDir, exported: Path) -> None:
    training = "full" if whole.model.is_dir() else "lora"
    config = PolicyConfig(model=str(_trained(whole)), training=training, dtype="float32")
    policy = Policy.load(config, device="cpu")
    tokenizer = AutoTokenizer.from_pretrained(exported)
    model = AutoModelForSeq2SeqLM.from_pretrained(exported, dtype="auto").eval()
    prompts = pad_prompts([policy.kind.prompt_ids(tokenizer, text) for text in (PROMPT, "class A {")], 0)
    batch = prompts, pad_completions([[5, 6, 7], [8, 14]], [0, 1], 0)
    found = Policy(model, tokenizer, "exported", trainable=False).log_probs(*batch).log_probs
    torch.testing.assert_close(found, policy.log_probs(*batch).log_probs, atol=1e-5, rtol=1e-5)
    assert (found - tiny_t5().log_probs(*batch).log_probs).abs().max() > 1e-2


def test_the_card_of_an_exported_model_says_how_to_ask_it(
    exported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = (exported / "README.md").read_text(encoding="utf-8")
    assert 'pipeline_tag: "text2text-generation"' in card
    assert "<extra_id_0>" in card
    assert "vllm" not in card.replace("vLLM and Ollama do not serve such models.", "")
    monkeypatch.chdir(exported)
    code = card.split("```python\n")[1].split("```")[0]
    assert "AutoModelForSeq2SeqLM" in code
    exec(code, {})
    assert capsys.readouterr().out.strip()
