"""What benchmarks of verdicts in the files of a project share: variants of bodies, and the comparison.

A variant is judged by the warm checker, twice and in two orders, and by the compiler's command, started for it alone
over all files of the project with the file replaced. An error counts that the project does not have as it is. Compared
are the status, the places and codes of all errors in the file, and whether there are errors in other files. Rates are
verdicts for each second of processor time.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import statistics
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.languages.speed import worker_mib, workers_cpu_s
from rlcf.config.languages import LanguageOptions
from rlcf.languages.tree_checker import TreeChecker
from rlcf.languages.tree_folder import TreeFolder
from rlcf.records import Diagnostic, Program, Task, Verdict
from rlcf.tasks.loading import load_completions, load_tasks
from rlcf.tasks.projects import project_options

Place = tuple[str, str, int, int]
"""Path, code, line and column of an error."""
Change = Callable[[str, random.Random], str | None]
"""Another body; `None` where the body has nothing to change."""


class Cold(ABC):
    """The compiler's command, started for each variant."""

    def __init__(self, folder: TreeFolder) -> None:
        self.folder = folder
        self.known = self.all()

    @abstractmethod
    def all(self) -> set[Place]:
        """All errors in the project as it is in the folder."""

    def comparable(self, mine: set[Place], cold: set[Place]) -> tuple[set[Place], set[Place]]:
        """The errors in the file that both tell of, where the command leaves some out."""
        return mine, cold

    def difference(self, task: Task, program: Program, verdict: Verdict) -> str:
        """What the two do not agree on; no text where they do."""
        assert task.path is not None
        file = self.folder.root / task.path
        original = file.read_bytes()
        file.write_bytes(program.source.encode("utf-8", "replace"))
        try:
            found = self.all()
        finally:
            file.write_bytes(original)
        first, last = program.source.count("\n", 0, program.start), program.source.count("\n", 0, program.end)
        longer = program.source.count("\n") - original.decode().count("\n")
        elsewhere = {each for each in found if each[0] != task.path} - self.known
        fresh = set()
        for path, code, line, column in found:
            if path == task.path:
                moved = (path, code, line - longer if line - 1 > last else line, column)
                inside = first <= line - 1 <= last
                fresh |= {(path, code, line, column)} if inside or moved not in self.known else set()
        mine = {(task.path, d.code, d.line, d.column) for d in errors(verdict) if d.line}
        mine, fresh = self.comparable(mine, fresh)
        if mine != fresh:
            return f"in the file {sorted(mine ^ fresh)[:3]}"
        caused = sum(d.line == 0 for d in errors(verdict))
        if (caused > 0) != bool(elsewhere) and not fresh:
            return f"elsewhere {caused} errors, the command: {sorted(elsewhere)[:3]}"
        return "" if verdict.accepted == (not fresh and not elsewhere) else f"{verdict.status}"


def run(
    doc: str | None,
    changes: Mapping[str, Change],
    checker: Callable[[LanguageOptions], TreeChecker],
    cold: Callable[[LanguageOptions], Cold],
) -> None:
    """Prints for each corpus how many verdicts are equal, which are not, and the rates."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS")
    parser.add_argument("--variants", type=int, default=200, help="of each corpus (default: %(default)s)")
    parser.add_argument("--samples", type=Path, help="a model's bodies, of one CORPUS")
    parser.add_argument("--rounds", type=int, default=3, help="of the measurement of speed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for corpus in options.corpora:
        result = measure(corpus, options, changes, checker, cold)
        print(json.dumps(result) if options.json else "\n".join(f"{k:<24} {v}" for k, v in result.items()), flush=True)


def measure(
    corpus: Path,
    options: argparse.Namespace,
    changes: Mapping[str, Change],
    start_checker: Callable[[LanguageOptions], TreeChecker],
    start_cold: Callable[[LanguageOptions], Cold],
) -> dict[str, object]:
    """What is told of one corpus."""
    tasks = load_tasks(corpus / "tasks.jsonl")
    told = project_options(tasks)
    assert told is not None
    told = told.model_copy(update={"suppressions": True})
    made = variants(tasks, changes, options.variants, random.Random(options.seed))
    if options.samples:
        known = {task.task_id: task for task in tasks}
        samples = load_completions(options.samples)
        made += [("model", known[s.task_id], s.completion) for s in samples if s.task_id in known]
    programs = [Program.of(task, body) for _, task, body in made]
    with start_checker(told) as checker:
        verdicts = checker.check_programs(programs)
        backwards = checker.check_programs(programs[::-1])[::-1]
        assert [v.diagnostics for v in backwards] == [v.diagnostics for v in verdicts], "the order changed a verdict"
        rates = [_rate(checker, programs) for _ in range(options.rounds)]
        memory = round(worker_mib(checker) or 0)
    cold = start_cold(told)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    differences = []
    for (kind, task, _), program, verdict in zip(made, programs, verdicts, strict=True):
        if why := cold.difference(task, program, verdict):
            differences.append(f"{task.task_id} {kind}: {why}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "corpus": corpus.name,
        "variants": len(made),
        "kinds": dict(Counter(kind for kind, _, _ in made)),
        "accepted": sum(v.accepted for v in verdicts),
        "rejected_for_others": sum(not v.accepted and all(d.line == 0 for d in errors(v)) for v in verdicts),
        "warm_per_cpu_s": round(statistics.median(rates), 1),
        "cold_per_cpu_s": round(len(made) / seconds, 1),
        "times": round(statistics.median(rates) * seconds / len(made), 1),
        "resident_mib": memory,
        "differences": len(differences),
        "which": differences[:10],
    }


def variants(
    tasks: Sequence[Task], changes: Mapping[str, Change], count: int, rng: random.Random
) -> list[tuple[str, Task, str]]:
    """Kind, task and body; some bodies are as they are, and some are those of other tasks."""
    made: list[tuple[str, Task, str]] = []
    while len(made) < count:
        task, kind = rng.choice(tasks), rng.choice([*changes, "original", "original", "another"])
        body = task.canonical_solution or ""
        if kind == "another":
            changed: str | None = rng.choice(tasks).canonical_solution
        else:
            changed = body if kind == "original" else changes[kind](body, rng)
        if changed is not None:
            made.append((kind, task, changed))
    return made


def replaced(pattern: re.Pattern[str], by: Callable[[str], str]) -> Change:
    """Another text in the place of one that a pattern finds."""

    def change(body: str, rng: random.Random) -> str | None:
        found = list(pattern.finditer(body))
        if not found:
            return None
        match = rng.choice(found)
        return body[: match.start()] + by(match[0]) + body[match.end() :]

    return change


def line(text: str) -> Change:
    """One more line at the beginning."""

    def change(body: str, _: random.Random) -> str | None:
        indent = re.match(r"[ \t]+", body)
        return None if indent is None else f"{indent[0]}{text}\n{body}"

    return change


def errors(verdict: Verdict) -> list[Diagnostic]:
    """What rejects a program."""
    return [d for d in verdict.diagnostics if d.severity == "error"]


def _rate(checker: TreeChecker, programs: Sequence[Program]) -> float:
    before = workers_cpu_s(checker)
    checker.check_programs(programs)
    return len(programs) / (workers_cpu_s(checker) - before)
