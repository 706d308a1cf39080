"""Evaluated samples read back: our `results.jsonl`, and the files that mxeval and human-eval write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlcf.errors import DataError
from rlcf.evaluation.metrics import Result
from rlcf.evaluation.summary import word_count
from rlcf.storage.jsonl import read_jsonl

RESULTS = "results.jsonl"
_FLAGS = ("compiled", "executed", "passed", "trivial", "finished")
_NUMBERS = ("tokens", "preference", "seconds")


def is_evaluation(path: Path) -> bool:
    """Whether `path` is a folder that `rlcf evaluate` left."""
    return (path / RESULTS).is_file()


def load_results(path: Path) -> list[Result]:
    """Evaluated samples, in file order, of an evaluation's folder or of a results file (`.jsonl`, `.jsonl.gz`).

    mxeval and human-eval write the sample with `passed` and `result`. They do not say whether it compiled or ran to
    its end, nor whether it is trivial: these stay `None`. Lengths are then counted in words and signs.

    Raises:
        DataError: the path holds no results, or names the line and the field that is wrong.
    """
    file = path / RESULTS if path.is_dir() else path
    if path.is_dir() and not file.is_file():
        raise DataError(f"{path} holds no {RESULTS}: name a folder that `rlcf evaluate` left, or a results file")
    rows = [_row(file, number, row) for number, row in read_jsonl(file)]
    if not rows:
        raise DataError(f"{file}: holds no result")
    return rows


def _row(path: Path, number: int, found: Mapping[str, Any]) -> Result:
    for name in ("task_id", "completion"):
        if not isinstance(found.get(name), str):
            raise DataError(f"{path}:{number}: {name!r} must be a string, found {_kind(found, name)}")
    if "compiled" not in found and "passed" not in found:
        raise DataError(f"{path}:{number}: has neither 'compiled' nor 'passed': a results file is needed, not samples")
    for name in _FLAGS:
        if found.get(name) is not None and not isinstance(found[name], bool):
            raise DataError(f"{path}:{number}: {name!r} must be true or false, found {_kind(found, name)}")
    for name in _NUMBERS:
        if found.get(name) is not None and (isinstance(found[name], bool) or not isinstance(found[name], int | float)):
            raise DataError(f"{path}:{number}: {name!r} must be a number, found {_kind(found, name)}")
    row = {**dict.fromkeys((*_FLAGS, *_NUMBERS, "status")), "detail": "", "diagnostics": [], **found}
    if row["tokens"] is None:
        row["tokens"] = word_count(row["completion"])
    if "compiled" not in found:  # from elsewhere: all that is known is whether it passed
        row |= {"status": None, "detail": str(found.get("result", ""))}
    return row


def _kind(found: Mapping[str, Any], name: str) -> str:
    return "nothing" if found.get(name) is None else type(found[name]).__name__
