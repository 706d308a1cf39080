"""The files in recipes/accelerate are such as accelerate reads."""

from __future__ import annotations

from pathlib import Path

import pytest

config_args = pytest.importorskip("accelerate.commands.config.config_args")

FILES = sorted((Path(__file__).parents[1] / "recipes" / "accelerate").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_accelerate_knows_every_key(path: Path) -> None:
    config = config_args.load_config_from_file(str(path))
    assert config.num_processes == 2
