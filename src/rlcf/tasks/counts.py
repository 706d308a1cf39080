"""How many tasks come from where, and under what licence."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rlcf.records import Task

_BUILTIN = re.compile(r"(rlcf \S+\.tasks) \S+")


def count_origins(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Objects with `source`, `split` and `licence`, each of which may be `None`, and `tasks`; the most tasks first."""
    counted = Counter((_source(task.source), task.split, task.licence) for task in tasks)
    return [
        {"source": source, "split": split, "licence": licence, "tasks": count}
        for (source, split, licence), count in sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
    ]


def _source(source: str | None) -> str | None:
    """A built-in task's source ends with its family: there are hundreds, of few tasks each."""
    builtin = _BUILTIN.fullmatch(source or "")
    return builtin[1] if builtin else source
