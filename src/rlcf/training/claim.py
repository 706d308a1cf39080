"""Who may write to a run directory: one process at a time, and only for the run that is in it."""

import contextlib
import os
import platform
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import torch

from rlcf import __version__
from rlcf.config import Recipe
from rlcf.errors import ConfigError
from rlcf.storage.atomic import LEFTOVERS, remove_leftovers, write_json
from rlcf.storage.jsonl import read_json, read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir
from rlcf.training import distributed


def require_claimable(directory: RunDir, recipe: Recipe, resume: bool) -> None:
    """Refuses a directory that this run must not write to. A run without a finished update may go on without `resume`.

    Raises:
        ConfigError: it holds another run, or something that is no run, or another process writes there.
    """
    if directory.lock.exists():
        with directory.locked():  # refuses before a model is loaded for nothing
            pass
    _require_same_run(directory, recipe, resume)


def _require_same_run(directory: RunDir, recipe: Recipe, resume: bool) -> None:
    root = directory.root
    if not directory.config.exists():
        if root.exists() and (
            not root.is_dir() or any(p != directory.lock and not p.match(LEFTOVERS) for p in root.iterdir())
        ):
            raise ConfigError(f"{root} is there already and holds no run: name another --out")
        return
    if not resume and read_jsonl_tail_safe(directory.metrics):
        raise ConfigError(f"{root} holds a run already: add --resume to go on with it, or name another --out")
    found, wanted = _flat(read_json(directory.config)), _flat(recipe.model_dump(mode="json"))
    other = [key for key in {**wanted, **found} if found.get(key, found) != wanted.get(key, wanted)]
    if not other:
        return
    keys = ", ".join(other[:3]) + (" …" if len(other) > 3 else "")
    if found.keys() != wanted.keys():
        versions = read_json(directory.run).get("versions") if directory.run.exists() else None
        by = versions.get("rlcf") if isinstance(versions, dict) else None
        raise ConfigError(
            f"{root} was made by rlcf {by or 'of another version'}, whose recipes have other keys ({keys}): "
            "go on with that version, or name another --out"
        )
    raise ConfigError(f"{root} was made by another recipe ({keys}): name another --out")


def _flat(tables: dict[str, Any]) -> dict[str, Any]:
    named = ((name, table if isinstance(table, dict) else {"": table}) for name, table in tables.items())
    return {f"{name}.{key}": value for name, table in named for key, value in table.items()}


@contextlib.contextmanager
def claimed(directory: RunDir, recipe: Recipe, resume: bool, command: str) -> Iterator[None]:
    """Makes the run's directory and keeps others out of it. A new run that fails before its first update is removed.

    Raises:
        ConfigError: see `require_claimable`; or another process writes there.
        KeyboardInterrupt: its text says what is kept.
    """
    existed = directory.root.exists()
    with directory.locked():
        _require_same_run(directory, recipe, resume)
        new = not directory.config.exists()
        remove_leftovers(directory.root)
        write_json(directory.config, recipe.model_dump(mode="json"))
        _write_run(directory, _facts(recipe, command))
        try:
            yield
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_kept(directory, resume)) from None
        except Exception:
            if new and not read_jsonl_tail_safe(directory.metrics):
                for path in sorted(directory.root.iterdir(), key=lambda path: path == directory.config):  # that last
                    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
                if not existed:
                    directory.root.rmdir()
            raise


def is_finished(directory: RunDir) -> bool:
    """Whether the run in it has nothing left to do."""
    return directory.run.is_file() and read_json(directory.run).get("state") == "finished"


def mark_finished(directory: RunDir) -> None:
    """Writes to `run.json` that nothing is left to do."""
    _write_run(directory, {"state": "finished", "finished": _now()})


def _kept(directory: RunDir, resume: bool) -> str:
    updates = directory.checkpoint_updates()
    after = f"update {updates[-1]}" if updates else "the samples drawn so far"
    again = "the same command goes on" if resume else "the same command with --resume goes on"
    return f"everything up to {after} is kept in {directory.root}; {again}"


def _write_run(directory: RunDir, facts: dict[str, Any]) -> None:
    """Writes `run.json`: what stands there already, overridden by `facts`."""
    old = read_json(directory.run) if directory.run.exists() else {}
    write_json(directory.run, {**old, **facts, "started": old.get("started") or facts.get("started")})


def _facts(recipe: Recipe, command: str) -> dict[str, Any]:
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.processor() or platform.machine()
    return {
        "command": command,
        "state": "running",
        "started": _now(),
        "finished": None,
        "seed": recipe.train.seed,
        "processes": distributed.world_size(),
        "machine": f"{device}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {
            "rlcf": __version__,
            "python": platform.python_version(),
            **{package: version(package) for package in ("torch", "transformers", "peft")},
        },
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
