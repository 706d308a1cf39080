"""A mined corpus checked again: which references and stubs do not compile, and how long that takes.

python -m benchmarks.corpus CORPUS… [--rounds N] [--json]

A CORPUS is what `rlcf tasks mine` has written. All references and stubs are checked in their files by one worker. A
round is a pass over the references. The first one compiles the file around each body once, later ones need it no more.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from rlcf.languages.registry import load_language
from rlcf.records import Program
from rlcf.tasks.loading import load_tasks, the_language
from rlcf.tasks.projects import project_options


def main() -> None:
    """Prints a line for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS")
    parser.add_argument("--rounds", type=int, default=2, help="(default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for corpus in options.corpora:
        told = {"corpus": corpus.name, **measure(corpus, options.rounds)}
        print(json.dumps(told) if options.json else ", ".join(f"{k}: {v}" for k, v in told.items()), flush=True)


def measure(corpus: Path, rounds: int) -> dict[str, object]:
    """What is told of one corpus."""
    tasks = load_tasks(str(corpus / "tasks.jsonl"))
    language = load_language(the_language(tasks))
    references = [Program.of(task, task.canonical_solution or "") for task in tasks]
    stubs = [Program.of(task, stub) for task in tasks if (stub := language.stub(task)) is not None]
    seconds: list[float] = []
    with language.checker(1, 60.0, project_options(tasks)) as checker:
        checker.check_programs(references[:1])
        for _ in range(rounds):
            started = time.perf_counter()
            verdicts = checker.check_programs(references)
            seconds.append(round(time.perf_counter() - started, 1))
        rejected_stubs = sum(not verdict.accepted for verdict in checker.check_programs(stubs))
    return {
        "tasks": len(tasks),
        "stubs": len(stubs),
        "references_rejected": sum(not verdict.accepted for verdict in verdicts),
        "stubs_rejected": rejected_stubs,
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
