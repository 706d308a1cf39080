"""The folder that `rlcf tasks mine` writes: tasks, sources, the project's code, the project file, a recipe.

The same project gives the same bytes. Nothing in the folder refers to the project's own folder, save `root`, for
people; jars stay where they are.
"""

from __future__ import annotations

import datetime
import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rlcf.config.languages import LanguageOptions
from rlcf.errors import ConfigError
from rlcf.languages.registry import language_names, load_language
from rlcf.storage.atomic import as_json, as_toml, whole_folder, write_bytes
from rlcf.tasks.mining.mine import Mined, MiningOptions
from rlcf.tasks.projects import PROJECT_FILE

SOURCES, TASKS, RECIPE, FUNNEL, PAGE = "sources.jsonl.gz", "tasks.jsonl", "recipe.toml", "funnel.json", "report.html"
_WRITTEN = {SOURCES, TASKS, RECIPE, FUNNEL, PAGE, PROJECT_FILE}


def require_replaceable(out: Path) -> None:
    """Raises `ConfigError` where `out` holds anything that `write_mined` has not written: it would be lost."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file: name a folder with --out")
    written = _WRITTEN | {load_language(name).archive for name in language_names()}
    other = sorted(path.name for path in out.iterdir() if path.name not in written) if out.is_dir() else []
    if other:
        raise ConfigError(f"{out} holds something else ({other[0]}), which would be lost: name another --out")


def write_mined(out: Path, mined: Mined, options: MiningOptions, recipe: str, page: str) -> None:
    """Writes the folder whole, with `recipe` and `page`, or leaves what is there; see `require_replaceable`."""
    require_replaceable(out)
    with whole_folder(out) as folder:
        write_bytes(folder / PAGE, page.encode())
        write_bytes(folder / load_language(options.language).archive, mined.archive)
        rows = ({"path": path, "text": mined.texts[path]} for path in sorted(mined.texts))
        write_bytes(folder / SOURCES, gzip.compress("".join(as_json(r) + "\n" for r in rows).encode(), mtime=0))
        write_bytes(folder / TASKS, "".join(as_json(row) + "\n" for row in _rows(mined)).encode())
        write_bytes(folder / PROJECT_FILE, project_toml(mined).encode())
        write_bytes(folder / RECIPE, recipe.encode())
        write_bytes(folder / FUNNEL, (json.dumps(funnel(mined, options), indent=2) + "\n").encode())


def _rows(mined: Mined) -> Iterator[dict[str, Any]]:
    for task in mined.tasks:
        assert task.path is not None
        assert task.prefix is not None
        assert task.canonical_solution is not None
        start = len(task.prefix)
        row: dict[str, Any] = {
            "task_id": task.task_id,
            "prompt": task.prompt,
            "language": task.language,
            "entry_point": task.entry_point,
            "split": task.split,
            "path": task.path,
            "project": PROJECT_FILE,
            "start": start,
            "end": start + len(task.canonical_solution),
            "source": task.source,
            "licence": task.licence,
        }
        if task.path in mined.created:
            day = datetime.datetime.fromtimestamp(mined.created[task.path], datetime.UTC).date()
            row["created"] = day.isoformat()
        yield {key: value for key, value in row.items() if value is not None}


def project_toml(mined: Mined) -> str:
    """The text of `project.toml`."""
    project = mined.project
    language = load_language(project.options.name)
    options = _options(language.mined_options(project, Path(language.archive)))
    lines = [
        "# Written by rlcf tasks mine. Commands that read the tasks of this folder find here what their programs need.",
        f"name = {as_toml(project.root.name)}",
        f"root = {as_toml(str(project.root))}",
        f"sources = {as_toml(SOURCES)}",
        "",
        "[language]",
        *(f"{key} = {as_toml(value)}" for key, value in options.items()),
    ]
    return "\n".join(lines) + "\n"


def _options(options: LanguageOptions) -> dict[str, Any]:
    """Those that are not the default."""
    default = type(options)(name=options.name).model_dump(mode="json")
    return {k: v for k, v in options.model_dump(mode="json").items() if k == "name" or v != default[k]}


def funnel(mined: Mined, options: MiningOptions) -> dict[str, Any]:
    """How many methods were found, how many were dropped for which reason, and how many tasks there are."""
    return {
        "project": mined.project.root.name,
        "found": mined.found,
        "dropped": dict(mined.dropped),
        "tasks": {split: sum(t.split == split for t in mined.tasks) for split in ("train", "heldout")},
        "files": {"with_tasks": len(mined.texts), "left_out": dict(mined.left_out)},
        "notes": [*mined.project.notes, *mined.advice],
        "context": options.context,
        "context_tokens": options.context_tokens,
        "examples": {reason: [_example(c.task_id, c.body) for c in shown] for reason, shown in mined.examples.items()},
    }


def _example(name: str, body: str) -> Mapping[str, str]:
    return {"task_id": name, "body": body[:400]}
