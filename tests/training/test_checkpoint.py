"""Checkpoints on a disk that fills up."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from rlcf.errors import StorageError
from rlcf.storage.rundir import RunDir
from rlcf.training.checkpoint import newest_checkpoint, save_checkpoint


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "rlcf-test", str(tmp_path)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk can be made by root only")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_full_disk_is_one_clear_line_and_leaves_the_checkpoint_before(small_disk: Path) -> None:
    run = RunDir(small_disk)
    save_checkpoint(run, 1, {"weights": torch.ones(10)}, keep=2)
    with pytest.raises(StorageError, match=r"update-0002: the disk is full") as error:
        save_checkpoint(run, 2, {"weights": torch.ones(4_000_000)}, keep=2)
    assert "\n" not in str(error.value)
    with newest_checkpoint(run) as state:
        assert state is not None
        assert state["update"] == 1


def test_the_ten_thousandth_checkpoint_is_newer_than_the_one_before(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    for update in (9998, 9999, 10000):
        save_checkpoint(run, update, {}, keep=2)
    assert run.checkpoint_updates() == [9999, 10000]
    with newest_checkpoint(run) as state:
        assert state is not None
        assert state["update"] == 10000
