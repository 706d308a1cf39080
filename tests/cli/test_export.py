"""`rlcf export`: the folder it writes, and what it says where it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rlcf.config import PolicyConfig
from rlcf.models.builtin import quiet_transformers
from rlcf.models.policy import Policy
from rlcf.storage.atomic import write_json
from rlcf.storage.rundir import RunDir
from tests.cli.test_cli import rlcf
from tests.report.conftest import write_run
from tests.tiny import PROMPT, tiny_policy


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a tiny model, with its adapter."""
    root = tmp_path_factory.mktemp("runs")
    quiet_transformers()
    tiny_policy().save(root / "base")
    policy = PolicyConfig(model=str(root / "base"), lora_rank=2)
    Policy.load(policy, device="cpu").save(write_run(root / "run", updates=2) / "adapter")
    write_json(
        RunDir(root / "run").data, {"trained_on": [{"source": "s", "split": "train", "licence": "MIT", "tasks": 9}]}
    )
    _edit(RunDir(root / "run").config, policy=policy.model_dump(mode="json"), language={"name": "java"})
    return root / "run"


def _edit(path: Path, **values: Any) -> None:
    write_json(path, {**json.loads(path.read_text(encoding="utf-8")), **values})


def _refused(code: int, *arguments: str | Path) -> str:
    result = rlcf("export", *map(str, arguments))
    assert (result.returncode, len(result.stderr.splitlines())) == (code, 1), result.stderr
    return result.stderr


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_run_is_exported_as_a_folder_that_transformers_samples_from(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "made" / "my-model"
    result = rlcf("export", str(finished), "--out", str(out))
    assert (result.returncode, result.stderr) == (0, "")
    assert f"{out}: " in result.stdout
    assert "parameters in bfloat16" in result.stdout
    wanted = {"README.md", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json"}
    assert wanted <= _names(out)
    assert not [name for name in _names(out) if "adapter" in name]
    assert _names(out.parent) == {"my-model"}  # no temporary folder is left
    model, tokenizer = AutoModelForCausalLM.from_pretrained(out, dtype="auto"), AutoTokenizer.from_pretrained(out)
    assert model.dtype == torch.bfloat16
    ids = tokenizer(PROMPT.rstrip(), return_tensors="pt", return_token_type_ids=False)
    assert model.generate(**ids, max_new_tokens=3, do_sample=True).shape[1] > ids["input_ids"].shape[1]
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "# my-model\n" in card
    assert "| s | train | MIT | 9 |" in card
    assert "| Compile rate |" in card
    assert str(finished.parent) not in card
    monkeypatch.chdir(out)
    exec(card.split("```python\n")[1].split("```")[0], {})  # what the card says how to load it


def test_the_type_of_the_weights_can_be_chosen_and_a_whole_model_is_exported(finished: Path, tmp_path: Path) -> None:
    run = RunDir(shutil.copytree(finished, tmp_path / "full"))
    shutil.rmtree(run.adapter)
    shutil.copytree(finished.parent / "base", run.model)
    _edit(run.config, policy={"model": str(finished.parent / "base"), "training": "full"})
    result = rlcf("export", str(run.root), "--out", str(tmp_path / "out"), "--dtype", "float16")
    assert result.returncode == 0, result.stderr
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype="auto").dtype == torch.float16
    assert "| Training | full |" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


def test_an_adapter_alone_is_exported_and_its_card_claims_no_results(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()  # an empty folder is as good as none
    result = rlcf("export", str(finished / "adapter"), "--out", str(tmp_path / "out"))
    assert result.returncode == 0, result.stderr
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "is not known here" in card
    assert "## Results" not in card


def test_an_unfinished_run_is_one_line_that_says_what_to_do(finished: Path, tmp_path: Path) -> None:
    run = RunDir(shutil.copytree(finished, tmp_path / "cut"))
    _edit(run.run, state="running")
    message = _refused(2, run.root, "--out", tmp_path / "out")
    assert f"{run.root} is not finished: go on with it (`rlcf train … --resume`, or `rlcf demo` again)" in message
    assert f"or export {run.adapter} without its results" in message
    shutil.rmtree(run.adapter)
    assert "without its results" not in _refused(2, run.root, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_whose_model_was_removed_is_one_line(finished: Path, tmp_path: Path) -> None:
    run = RunDir(shutil.copytree(finished, tmp_path / "empty"))
    shutil.rmtree(run.adapter)
    assert "has no adapter/ and no model/" in _refused(2, run.root, "--out", tmp_path / "out")


def test_what_is_no_run_is_one_line(finished: Path, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no-such", finished.parent / "base"):
        message = _refused(2, path, "--out", tmp_path / "out")
        assert f"{path} is no run directory and no adapter" in message
    write_json(RunDir(tmp_path).run, [])
    assert "run.json" in _refused(2, tmp_path, "--out", tmp_path / "out")


def test_a_base_model_that_is_gone_is_one_line_and_nothing_is_written(finished: Path, tmp_path: Path) -> None:
    adapter = shutil.copytree(finished / "adapter", tmp_path / "adapter")
    _edit(adapter / "adapter_config.json", base_model_name_or_path=str(tmp_path / "gone"))
    assert "which is not here" in _refused(2, adapter, "--out", tmp_path / "out")
    assert _names(tmp_path) == {"adapter"}


def test_a_folder_that_holds_something_is_left_alone(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept", encoding="utf-8")
    assert "is there already and not empty: name another --out" in _refused(2, finished, "--out", tmp_path)
    assert "is a file: name a folder with --out" in _refused(2, finished, "--out", tmp_path / "mine")
    assert _names(tmp_path) == {"mine"}


def test_a_place_that_cannot_be_written_is_one_line(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "out"
    assert f"cannot write {place}: " in _refused(3, finished, "--out", place)


def test_an_unknown_type_of_weights_is_wrong_use(finished: Path, tmp_path: Path) -> None:
    assert "'int4' is not one of" in _refused(2, finished, "--out", tmp_path / "out", "--dtype", "int4")
