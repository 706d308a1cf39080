"""Which tasks are held out: whole files, whole packages, or the youngest files."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal

from rlcf.errors import DataError

SplitBy = Literal["file", "package", "time"]


def held_out(paths: Sequence[str], share: float, by: SplitBy, ages: Mapping[str, int], seed: int = 0) -> frozenset[str]:
    """The files whose tasks are held out: whole groups, together no more than `share` of the tasks, and at least one.

    Args:
        paths: the file of each task.
        ages: for `time`: when each file came into the project, in seconds; others are the youngest.

    Raises:
        DataError: by time, and it is not known when the files came.
    """
    counts = Counter(paths)
    if by == "time" and not any(path in ages for path in counts):
        raise DataError("--split time needs the project's git history: it tells when a file came; take file or package")
    groups: dict[str, list[str]] = {}
    for path in counts:
        groups.setdefault(str(PurePosixPath(path).parent) if by == "package" else path, []).append(path)
    if by == "time":
        order = sorted(groups, key=lambda group: (-ages.get(group, math.inf), group))
    else:
        order = sorted(groups, key=lambda group: hashlib.sha256(f"{seed} {group}".encode()).digest())
    chosen: list[str] = []
    left = share * len(paths)
    for group in order:
        size = sum(counts[path] for path in groups[group])
        if size <= left or (by == "time" and left > 0):
            chosen += groups[group]
            left -= size
    if not chosen and share > 0 and len(groups) > 1:
        chosen = groups[min(order, key=lambda group: sum(counts[path] for path in groups[group]))]
    return frozenset(chosen)
