"""The programs that benchmarks work on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.mutants import MUTATIONS, mutant
from rlcf.records import Program, Task
from rlcf.tasks.builtin import load_builtin
from rlcf.tasks.loading import load_completions, load_tasks

DATA = Path("../shared/data")


def canonical_programs(data: Path = DATA) -> tuple[str, list[str]]:
    """Where they come from, and whole programs: MBJP with its references, or the built-in tasks where it is missing."""
    origin, tasks = _tasks(data)
    return origin, [Program.of(t, t.canonical_solution).source for t in tasks if t.canonical_solution]


def programs_with_tests(data: Path = DATA) -> tuple[str, list[Program]]:
    """The same with their tests."""
    origin, tasks = _tasks(data)
    return origin, [with_test(t, t.canonical_solution) for t in tasks if t.canonical_solution]


def sample_programs(data: Path = DATA) -> tuple[list[str], list[Program]]:
    """Task ids and whole programs with their tests, of MBJP's published samples; nothing where they are missing."""
    path = data / "mbjp-samples.jsonl"
    if not path.is_file():
        return [], []
    tasks = load_tasks(str(data / "mbjp.jsonl"))
    by_id = {t.task_id: t for t in tasks}
    samples = load_completions(path, tasks)
    return [s.task_id for s in samples], [with_test(by_id[s.task_id], s.completion) for s in samples]


def completions(data: Path, count: int, seed: int) -> Iterator[Program]:
    """`count` programs with their tests: references and published samples in one sequence, every second one broken or
    changed somewhere."""
    _, tasks = _tasks(data)
    path = data / "mbjp-samples.jsonl"
    written = [(t, t.canonical_solution) for t in tasks if t.canonical_solution]
    if path.is_file():
        by_id = {t.task_id: t for t in tasks}
        written += [(by_id[s.task_id], s.completion) for s in load_completions(path, tasks)]
    rng = random.Random(seed)
    for n in range(count):
        task, completion = written[n % len(written)]
        if (n + n // len(written)) % 2:
            completion = mutant(completion, rng.choice(list(MUTATIONS)), rng) or completion
        yield with_test(task, completion)


def _tasks(data: Path) -> tuple[str, list[Task]]:
    path = data / "mbjp.jsonl"
    return ("MBJP", load_tasks(str(path))) if path.is_file() else ("built-in", load_builtin("builtin:java"))


def with_test(task: Task, completion: str) -> Program:
    """The program of a completion, with its task's test."""
    return Program.of(task, completion).with_test(task.test or "")


def variants(programs: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """`count` programs, every second one broken or changed somewhere, with names that no other one has."""
    rng = random.Random(seed)
    for n in range(count):
        source = programs[n % len(programs)]
        if n % 2:
            source = mutant(source, rng.choice(list(MUTATIONS)), rng) or source
        yield f"{source}\nclass Extra{n} {{ int field{n}; void method{n}(int parameter{n}) {{ field{n} = {n}; }} }}\n"
