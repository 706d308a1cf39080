"""Evaluated samples read back: our `results.jsonl`, and the files that mxeval and human-eval write."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from rlcf.errors import DataError
from rlcf.evaluation.metrics import Result
from rlcf.evaluation.summary import word_count
from rlcf.storage.jsonl import read_jsonl, read_jsonl_tail_safe
from rlcf.tasks.loading import wrong_field

RESULTS, SUMMARY, ABOUT = "results.jsonl", "summary.json", "evaluation.json"


class _Fields(BaseModel):
    """Those that are needed or counted."""

    model_config = ConfigDict(strict=True)

    task_id: str
    completion: str
    compiled: bool | None = None
    executed: bool | None = None
    passed: bool | None = None
    trivial: bool | None = None
    finished: bool | None = None
    exact: bool | None = None
    copied: bool | None = None
    reference_copied: bool | None = None
    tokens: float | None = None
    seconds: float | None = None
    preference: float | None = None
    reward: float | None = None
    status: str | None = None
    detail: str = ""
    diagnostics: list[dict[str, Any]] = []
    components: dict[str, float | None] = {}


_OPTIONAL = ("compiled", "executed", "passed", "trivial", "finished", "tokens", "seconds", "preference", "status")


def is_evaluation(path: Path) -> bool:
    """Whether `path` is a folder that `rlcf evaluate` wrote."""
    return (path / RESULTS).is_file()


def load_results(path: Path) -> list[Result]:
    """Evaluated samples, in file order, of an evaluation's folder or of a results file (`.jsonl`, `.jsonl.gz`).

    mxeval and human-eval write the sample with `passed` and `result`. They do not say whether it compiled or ran to
    its end, nor whether it is trivial: these stay `None`. Lengths are then counted in words and signs.

    Raises:
        DataError: the path holds no results, or names the line and the field that is wrong.
    """
    if path.is_dir() and not is_evaluation(path):
        raise DataError(f"{path} holds no {RESULTS}: name a folder that `rlcf evaluate` wrote, or a results file")
    file = path / RESULTS if path.is_dir() else path
    found = enumerate(read_jsonl_tail_safe(file), start=1) if path.is_dir() else read_jsonl(file)
    rows = [_result(f"{file}:{number}", row) for number, row in found]
    if not rows:
        raise DataError(f"{file}: holds no result")
    return rows


def _result(where: str, found: dict[str, Any]) -> Result:
    try:
        _Fields.model_validate(found)
    except ValidationError as error:
        raise DataError(wrong_field(where, error)) from error
    if "compiled" not in found and "passed" not in found:
        raise DataError(f"{where}: has neither 'compiled' nor 'passed': a results file is needed, not samples")
    row = {**dict.fromkeys(_OPTIONAL), "detail": "", "diagnostics": [], **found}
    if row["tokens"] is None:
        row["tokens"] = word_count(row["completion"])
    if "compiled" not in found:  # from elsewhere: all that is known is whether it passed
        row |= {"status": None, "detail": str(found.get("result", ""))}
    return row
