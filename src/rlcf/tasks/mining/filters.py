"""Which methods make no task, and why; those that their own text tells of are in `candidates.py`."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rlcf.languages.base import Language
from rlcf.languages.projects import Replacement, SourceProject, Surveyor
from rlcf.records import Task
from rlcf.tasks.mining.candidates import Candidate
from rlcf.tasks.mining.duplicates import copies
from rlcf.tasks.mining.surveyed import Surveyed

_COPIES = {
    "exact": "exact copy of another",
    "near": "near copy of another",
    "known": "copy of a task that is left out on purpose",
}


class Chosen:
    """The candidates that are left, and what became of the others."""

    def __init__(self, found: list[Candidate]) -> None:
        self.kept = found
        self.dropped: Counter[str] = Counter()
        self.examples: dict[str, list[Candidate]] = {}

    def drop(self, reasons: Iterable[str | None]) -> None:
        """Drops the candidates that have a reason."""
        left = []
        for candidate, reason in zip(self.kept, list(reasons), strict=True):
            if reason is None:
                left.append(candidate)
            else:
                self.dropped[reason] += 1
                if len(shown := self.examples.setdefault(reason, [])) < 2:
                    shown.append(candidate)
        self.kept = left


def twins(kept: Sequence[Candidate]) -> list[str | None]:
    """Those with an id that another one has. No two methods that compile in one class do."""
    numbers = Counter(candidate.task_id for candidate in kept)
    return ["another has its name and signature" if numbers[c.task_id] > 1 else None for c in kept]


def bad_stubs(
    surveyor: Surveyor,
    project: SourceProject,
    texts: Mapping[Path, str],
    state: Surveyed,
    kept: Sequence[Candidate],
    language: Language,
) -> list[str | None]:
    """For each candidate, what is wrong with its stub, if something is. What is known stays so."""
    keys: list[str] = []
    unknown: dict[str, Replacement] = {}
    of_all = state.digest
    for candidate in kept:
        path = project.root / candidate.path
        alone, with_others = (f"{candidate.task_id} {digest}" for digest in (state.digests[path], of_all))
        key = alone if alone in state.stubs else with_others
        if key not in state.stubs:
            stub = _stub(candidate, language)
            body = Replacement(path, candidate.start, candidate.end, stub or "")
            key = alone if surveyor.is_hidden(texts[path], body) else with_others
            if stub:
                unknown[key] = body
            else:
                state.stubs[key] = "no stub can be made"
        keys.append(key)
    if unknown:
        good = surveyor.survey_replaced(texts, list(unknown.values()), (state.classes, *state.built))
        why = (None if is_good else "its stub does not compile" for is_good in good)
        state.stubs |= zip(unknown, why, strict=True)
    return [state.stubs[key] for key in keys]


def _stub(candidate: Candidate, language: Language) -> str | None:
    """As `Language.stub` gives it, told from the method alone: long files need not be read for each."""
    return language.stub(Task(candidate.task_id, candidate.header, language=language.name))


def copied(kept: Sequence[Candidate], without: Sequence[Task]) -> list[str | None]:
    """Those that are copies of an earlier one, or of a task's reference."""
    known = [_without_end(task.canonical_solution) for task in without if task.canonical_solution]
    found = copies([_without_end(c.body) for c in kept], known)
    return [_COPIES[found[i]] if i in found else None for i in range(len(kept))]


def _without_end(code: str) -> str:
    """The code without the braces at its end: a benchmark's references may close the class as well."""
    return code.rstrip("} \t\r\n")


def not_compared(without: Mapping[str, Sequence[Task]]) -> Iterable[str]:
    """A line for each file with tasks of which no copy can be found."""
    for name, tasks in without.items():
        if missing := sum(not task.canonical_solution for task in tasks):
            have = f"{missing} of {len(tasks)} tasks have no reference"
            yield f"{name}: {have}, so nothing can be compared with them"


def beyond(kept: Sequence[Candidate], limit: int, seed: int) -> list[str | None]:
    """All but `limit` candidates, drawn by their ids."""
    order = sorted(kept, key=lambda c: hashlib.sha256(f"{seed} {c.task_id}".encode()).digest())
    chosen = {c.task_id for c in order[:limit]}
    return [None if c.task_id in chosen else f"beyond the limit of {limit}" for c in kept]
