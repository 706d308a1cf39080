"""A run directory has one writer, and holds one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rlcf.config import Recipe, make_recipe
from rlcf.errors import ConfigError, DataError, StorageError
from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.storage.jsonl import append_jsonl
from rlcf.storage.rundir import RunDir
from rlcf.training.claim import claimed, mark_finished, require_claimable
from rlcf.training.run import RunListener, train

_HOLD = """
import sys
from pathlib import Path
from rlcf.storage.rundir import RunDir
with RunDir(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


AGAIN = "the same command with --resume goes on"


def _claim(root: Path, recipe: Recipe | None = None, resume: bool = False, updates: int = 0) -> RunDir:
    run = RunDir(root)
    with claimed(run, recipe or make_recipe({}), resume, "rlcf train r.toml"):
        for update in range(1, updates + 1):
            append_jsonl(run.metrics, {"update": update})
    return run


def _json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def test_a_run_says_what_was_run_and_when_it_was_first_started(tmp_path: Path) -> None:
    run = _claim(tmp_path / "run", updates=1)
    write_json(run.run, {**_json(run.run), "started": "long ago"})
    _claim(run.root, resume=True)
    assert {k: _json(run.run)[k] for k in ("state", "started", "command")} == {
        "state": "running",
        "started": "long ago",
        "command": "rlcf train r.toml",
    }
    mark_finished(run)
    assert _json(run.run)["state"] == "finished"
    assert _json(run.config) == Recipe().model_dump(mode="json")


def test_a_run_with_updates_goes_on_only_when_it_is_told_to_and_with_its_own_recipe(tmp_path: Path) -> None:
    run = _claim(tmp_path / "run", updates=1)
    with pytest.raises(ConfigError, match="holds a run already: add --resume"):
        _claim(run.root)
    with pytest.raises(ConfigError, match=r"another recipe \(language\.release, train\.seed\): name another --out"):
        _claim(run.root, make_recipe({}, ["train.seed=5", "language.release=11"]), resume=True)
    _claim(run.root, resume=True)


def test_a_folder_or_file_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    for root in (tmp_path, tmp_path / "letter.txt"):
        with pytest.raises(ConfigError, match="is there already and holds no run: name another --out"):
            require_claimable(RunDir(root), Recipe(), resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("existed", [False, True])
def test_a_new_run_that_fails_before_its_first_update_leaves_nothing(tmp_path: Path, existed: bool) -> None:
    run = RunDir(tmp_path / "run")
    if existed:
        run.root.mkdir()
    for _ in range(2):
        _end(run, StorageError("the disk is full"), write=run.evaluation("before") / "samples.jsonl")
    assert list(tmp_path.rglob("*")) == ([run.root] if existed else [])


def _end(run: RunDir, error: BaseException, write: Path | None = None, resume: bool = False) -> str:
    """What a run says that writes a file and ends with an error."""
    with pytest.raises(type(error)) as caught, claimed(run, Recipe(), resume, command=""):  # noqa: PT012
        if write is not None:
            write_jsonl(write, [{"update": 1}])
        raise error
    return str(caught.value)


def test_a_run_that_fails_later_or_was_resumed_or_interrupted_stays(tmp_path: Path) -> None:
    later, resumed, interrupted = (RunDir(tmp_path / name) for name in ("later", "resumed", "interrupted"))
    _end(later, StorageError("full"), write=later.metrics)
    said = _end(interrupted, KeyboardInterrupt(), write=interrupted.evaluation("before") / "samples.jsonl")
    assert said == f"everything up to the samples drawn so far is kept in {interrupted.root}; " + AGAIN
    _claim(resumed.root)
    _end(resumed, StorageError("full"), resume=True)
    assert all(run.config.is_file() for run in (later, resumed, interrupted))


def test_a_run_that_was_killed_before_its_first_update_is_no_obstacle(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    for part in (run.root / ".config.json.99-1.part", run.checkpoints / ".update-0001.99-1.part"):
        part.mkdir(parents=True)
        _claim(run.root)
        assert not part.exists()


def test_an_interruption_says_the_last_update_that_is_kept(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    for update in (9, 12):
        run.checkpoint(update).mkdir(parents=True)
    write_json(run.config, Recipe().model_dump(mode="json"))
    assert _end(run, KeyboardInterrupt()) == f"everything up to update 12 is kept in {run.root}; " + AGAIN
    resumed = _end(run, KeyboardInterrupt(), resume=True)  # as `rlcf demo` always is, which has no --resume
    assert resumed == f"everything up to update 12 is kept in {run.root}; the same command goes on"


def test_a_second_writer_is_refused_in_one_line_that_names_the_first_until_that_one_is_gone(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    first = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(run.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    )
    assert first.stdin is not None
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == b"locked\n"
        with pytest.raises(
            ConfigError, match=rf"^process {first.pid} on \S+ is training in .*: wait for it, or"
        ) as caught:
            _claim(run.root)
        assert "\n" not in str(caught.value)
        assert [path.name for path in run.root.iterdir()] == ["run.lock"]
    finally:
        first.kill()
        first.wait(timeout=60)
    assert run.lock.read_text(encoding="utf-8").startswith(f"process {first.pid} ")
    _claim(run.root)


def test_a_run_of_rlcf_0_1_is_one_line_that_names_the_version(tmp_path: Path) -> None:
    run = _claim(tmp_path / "run", updates=1)
    config = _json(run.config)
    config["generation"]["batch_rows"] = config["generation"].pop("batch_size")
    del config["language"]
    write_json(run.config, config)
    write_json(run.run, {"versions": {"rlcf": "0.1.0"}})
    with pytest.raises(
        ConfigError, match=r"was made by rlcf 0\.1\.0, whose recipes have other keys \(language"
    ) as caught:
        _claim(run.root, resume=True)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[]", '{"a": ' * 100_000, "\x00"])
def test_a_damaged_run_is_one_line_that_names_the_file(tmp_path: Path, content: str) -> None:
    run = _claim(tmp_path / "run", updates=1)
    for path in (run.run, run.config):
        kept = path.read_bytes()
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match=rf"{path.name}: ") as caught:
            _claim(run.root, resume=True)
        assert "\n" not in str(caught.value)
        path.write_bytes(kept)
    write_json(run.config, {"policy": 3, "train": []})
    with pytest.raises(
        ConfigError, match=r"recipes have other keys .*: go on with that version, or name another --out"
    ):
        _claim(run.root, resume=True)


def test_a_finished_run_stays_as_it_is(tmp_path: Path) -> None:
    run, recipe = _claim(tmp_path / "run", updates=1), make_recipe({})
    mark_finished(run)
    before, said = _json(run.run), list[str]()
    train(run.root, recipe, cast(RunListener, SimpleNamespace(say=said.append)), resume=True)
    assert _json(run.run) == before
    assert said == [f"{run.root} holds this run, and it is finished: name another --out to run it again"]
