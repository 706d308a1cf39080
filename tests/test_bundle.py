"""`scripts/bundle` and `scripts/run-arms`: what a machine without a network gets."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
import tarfile
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from rlcf.models.builtin import BUILTIN_ENCODERS, BUILTIN_MODELS

SCRIPTS = Path(__file__).parents[1] / "scripts"
CONTENT = random.Random(0).randbytes(1_000_003)


def _script(name: str) -> Any:
    spec = spec_from_loader(name, SourceFileLoader(name, str(SCRIPTS / name)))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bundle, run_arms = _script("bundle"), _script("run-arms")


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """`CONTENT` in parts of at most 100,000 bytes, written in pieces of many lengths."""
    written, start = bundle.Parts(tmp_path, limit=100_000), 0
    for length in (1, 99_999, 100_000, 300_001, 7, len(CONTENT)):
        written.write(CONTENT[start : start + length])
        start += length
    written.close()
    paths: list[Path] = written.paths
    return paths


def test_parts_are_within_the_limit_and_join_to_the_same_bytes(tmp_path: Path, parts: list[Path]) -> None:
    assert [path.stat().st_size for path in parts] == [100_000] * 10 + [3]
    assert bundle.LIMIT == 60 * 1024 * 1024
    assert run_arms.sound_parts(tmp_path) == parts
    joined = run_arms.Joined(parts)
    assert b"".join(iter(lambda: joined.read(70_001), b"")) == CONTENT


def test_the_sums_are_those_that_sha256sum_reads(tmp_path: Path, parts: list[Path]) -> None:
    lines = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert lines[1] == f"{hashlib.sha256(CONTENT[100_000:200_000]).hexdigest()}  part-01"
    assert len(lines) == len(parts)


@pytest.mark.parametrize(("damage", "word"), [("flip", "damaged"), ("cut", "damaged"), ("remove", "missing")])
def test_a_damaged_or_missing_part_is_one_line_that_names_it(
    tmp_path: Path, parts: list[Path], damage: str, word: str
) -> None:
    content = parts[4].read_bytes()
    parts[4].write_bytes(content[:-1] if damage == "cut" else bytes([content[0] ^ 1]) + content[1:])
    if damage == "remove":
        parts[4].unlink()
    shutil.copy(SCRIPTS / "run-arms", tmp_path)
    command = [sys.executable, str(tmp_path / "run-arms"), "--root", str(tmp_path / "rlcf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"run-arms: {tmp_path / 'part-04'} is {word}: copy it again\n"
    assert not (tmp_path / "rlcf").exists()


def test_every_builtin_model_and_encoder_can_be_packed() -> None:
    packages = {name: package.replace("_", "-") for name, (package, _) in (BUILTIN_MODELS | BUILTIN_ENCODERS).items()}
    assert packages == bundle.PACKAGES


def _stand_in_for_rlcf(root: Path, text: str) -> None:
    """What `train` starts in place of rlcf; `$run` is the run directory that it names."""
    program = root / "venv/bin/rlcf"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nrun="{root}/runs/a"\nmkdir -p "$run/checkpoints"\n{text}', encoding="utf-8")
    program.chmod(0o755)


def test_an_arm_is_interrupted_at_the_limit_goes_on_later_and_its_small_files_are_kept(tmp_path: Path) -> None:
    root, run = tmp_path / "rlcf", tmp_path / "rlcf/runs/a"
    running = """
        sleep 60 &
        trap "kill $!; echo interrupted; exit 130" INT
        echo 1 >>"$run/metrics.jsonl"
        echo "$@"
        wait
        """
    _stand_in_for_rlcf(root, running)
    arm = ["demo.toml", "--set", "train.seed=1"]
    assert run_arms.train(arm, run, root, {}, time.monotonic() + 3) == "cut off by the time limit"
    assert run_arms.train(arm, run, root, {}, time.monotonic()) == "not started: no time left"
    finished = 'echo 2 >>"$run/metrics.jsonl"\necho \'{"state": "finished"}\' >"$run/run.json"\n'
    _stand_in_for_rlcf(root, finished)
    assert run_arms.train(arm, run, root, {}, time.monotonic() + 60) == "finished"
    _stand_in_for_rlcf(root, "exit 3")
    assert run_arms.train(arm, run, root, {}, time.monotonic() + 60) == "finished before"

    run_arms.collect(run, tmp_path / "out", set())
    with tarfile.open(tmp_path / "out/a.tar.gz") as tar:
        assert tar.getnames() == ["a/metrics.jsonl", "a/run.json", "a/log.txt"]
        tar.extractall(tmp_path / "out")
    assert (tmp_path / "out/a/metrics.jsonl").read_text(encoding="utf-8") == "1\n2\n"
    log = (tmp_path / "out/a/log.txt").read_text(encoding="utf-8")
    assert log == f"train demo.toml --set train.seed=1 --out {run} --resume\ninterrupted\n"


def test_an_arm_that_fails_says_where_its_output_is(tmp_path: Path) -> None:
    _stand_in_for_rlcf(tmp_path, "echo broken >&2; exit 2")
    run = tmp_path / "runs/a"
    assert run_arms.train(["demo.toml"], run, tmp_path, {}, time.monotonic() + 60) == (
        f"failed with exit code 2: see {run}.log"
    )
    assert (tmp_path / "runs/a.log").read_text(encoding="utf-8") == "broken\n"
