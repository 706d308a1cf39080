"""`rlcf train` and `rlcf demo`: what a failed, an interrupted and a damaged run leave, and what they say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rlcf.cli.train import demo
from rlcf.errors import ConfigError
from rlcf.languages import registry
from rlcf.languages.base import CHECKING, RUNNING
from rlcf.languages.registry import load_language
from rlcf.storage.atomic import write_json, write_text
from rlcf.storage.jsonl import read_json
from rlcf.storage.rundir import RunDir
from rlcf.tasks.loading import write_tasks
from tests.cli.test_cli import rlcf
from tests.languages.installed import require
from tests.tiny import TASK, tiny_policy


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some minutes of training, on a model and a task that cost nothing."""
    folder = tmp_path_factory.mktemp("recipe")
    tiny_policy().save(folder / "model")
    write_tasks(folder / "tasks.jsonl", [TASK])
    tables = f"""
        policy = {{ model = "{folder / "model"}", lora_rank = 4, lora_layers = 1, dtype = "float32" }}
        tasks = {{ train = "{folder / "tasks.jsonl"}", evaluate = "{folder / "tasks.jsonl"}" }}
        generation = {{ max_new_tokens = 5 }}
        grounding = {{ mode = "compiler", workers = 1 }}
        train = {{ updates = 1000, tasks_per_update = 1, group_size = 4 }}
        evaluation = {{ samples = 1, execute = false }}
    """
    write_text(folder / "recipe.toml", tables)
    return folder / "recipe.toml"


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("policy.model=/no/model", "cannot load the model '/no/model'"),
        ("tasks.evaluate=/no/tasks.jsonl", "cannot read /no/tasks.jsonl: No such file or directory"),
        ("language.class_path=['/no.jar']", "no such file or folder on the class path: /no.jar"),
        ("language.name=python", "the tasks are in 'java' and language.name is 'python': add --set language.name=java"),
        ("generation.max_new_tokens=1000000", "tiny"),  # does not fit into the model's context
    ],
)
def test_a_run_that_fails_before_its_first_update_is_one_line_and_leaves_nothing(
    recipe: Path, tmp_path: Path, setting: str, message: str
) -> None:
    result = rlcf("train", str(recipe), "--out", "run", "--set", setting, cwd=tmp_path)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("jdk")
def test_ctrl_c_says_which_update_is_kept_and_a_second_train_is_refused_meanwhile(recipe: Path, tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    command = [sys.executable, "-m", "rlcf.cli.main", "train", str(recipe), "--out", str(run.root)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 200
        while not run.checkpoint(2).exists():
            assert first.poll() is None, first.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        second = rlcf("train", str(recipe), "--out", str(run.root), "--resume")
        assert (second.returncode, len(second.stderr.splitlines())) == (2, 1)
        assert f"rlcf: process {first.pid} on " in second.stderr
        assert f" is training in {run.root}: wait for it, or name another --out" in second.stderr
        os.kill(first.pid, signal.SIGINT)
        _, stderr = first.communicate(timeout=100)
    finally:
        first.kill()
    kept = max(int(path.name.removeprefix("update-")) for path in run.checkpoints.iterdir())
    last = f"everything up to update {kept} is kept in {run.root}; the same command with --resume goes on"
    assert stderr.splitlines()[-1] == f"rlcf: interrupted; {last}"
    assert first.returncode == 130


@pytest.mark.parametrize("content", ["{", "[]", '{"a": ' * 100_000])
def test_a_damaged_demo_is_one_line_that_names_the_file(tmp_path: Path, content: str) -> None:
    write_text(tmp_path / "demo" / "run.json", content)
    result = rlcf("demo", "--out", "demo", cwd=tmp_path)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith("rlcf: demo/run.json: ")


def test_a_finished_demo_says_what_to_do(tmp_path: Path) -> None:
    write_json(tmp_path / "demo" / "run.json", {"state": "finished"})
    result = rlcf("demo", "--out", "demo", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert "holds a finished demo: see demo/report.html; delete it or name another --out" in result.stdout


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize(
    ("arguments", "folder", "recipe"),
    [
        ([], "runs/demo", ("java", "builtin:java-easy")),
        pytest.param(
            ["--language", "python"],
            "runs/demo-python",
            ("python", "builtin:python"),
        ),
        pytest.param(
            ["--language", "typescript"],
            "runs/demo-typescript",
            ("typescript", "builtin:typescript"),
        ),
    ],
)
def test_the_demo_trains_and_evaluates_on_the_languages_tasks(
    arguments: list[str], folder: str, recipe: tuple[str, str], tmp_path: Path
) -> None:
    require(load_language(recipe[0]), CHECKING, RUNNING)
    tiny_policy().save(tmp_path / "model")
    settings = {
        "policy.model": tmp_path / "model",
        "policy.lora_layers": 1,
        "policy.dtype": "float32",
        "generation.max_new_tokens": 5,
        "grounding.mode": "compiler",
        "train.updates": 1,
        "train.tasks_per_update": 2,
        "train.group_size": 2,
        "algorithm.learn_from": 2,
        "algorithm.imitated": 2,
        "evaluation.samples": 1,
        "evaluation.max_tasks": 2,
        "evaluation.execute": "false",
    }
    given = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    result = rlcf("demo", *arguments, *given, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    config = read_json(tmp_path / folder / "config.json")
    assert (config["language"]["name"], config["tasks"]["train"], config["tasks"]["evaluate"]) == (*recipe, recipe[1])
    assert read_json(tmp_path / folder / "evaluation" / "after" / "summary.json")["tasks"] == 2


def test_a_demo_in_a_language_that_is_not_known_is_one_line(tmp_path: Path) -> None:
    result = rlcf("demo", "--language", "cobol", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("rlcf: unknown language 'cobol'")
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_a_demo_in_a_language_without_built_in_tasks_says_which_have_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.LANGUAGES, "go", registry.LANGUAGES["java"])
    with pytest.raises(ConfigError, match="no built-in tasks in 'go': there are some in java, python, typescript"):
        demo(language="go")
