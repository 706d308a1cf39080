"""The programs that benchmarks work on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.mutants import MUTATIONS, mutant
from rlcf.corpus.builtin import load_builtin
from rlcf.corpus.tasks import load_tasks
from rlcf.records import Program

DATA = Path("../shared/data")


def canonical_programs(data: Path = DATA) -> tuple[str, list[str]]:
    """Where they come from, and whole programs: MBJP with its references, or the built-in tasks where it is missing."""
    path = data / "mbjp.jsonl"
    tasks = load_tasks(str(path)) if path.is_file() else load_builtin("builtin:java")
    programs = [Program.of(t, t.canonical_solution).source for t in tasks if t.canonical_solution]
    return ("MBJP" if path.is_file() else "built-in"), programs


def variants(programs: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """`count` programs, every second one broken or changed somewhere, with names that no other one has."""
    rng = random.Random(seed)
    for n in range(count):
        source = programs[n % len(programs)]
        if n % 2:
            source = mutant(source, rng.choice(list(MUTATIONS)), rng) or source
        yield f"{source}\nclass Extra{n} {{ int field{n}; void method{n}(int parameter{n}) {{ field{n} = {n}; }} }}\n"
