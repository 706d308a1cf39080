"""The programs: references, mutants of them, and the examples of the contract suite with their hostile texts."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.languages.sql_tasks import sql_tasks
from rlcf.languages.self_check import Examples
from rlcf.records import Program, Task
from rlcf.tasks.builtin import BUILTIN_SETS, load_builtin
from rlcf.tasks.loading import load_tasks

FILES: dict[str, tuple[str, ...]] = {
    "cpp": ("mbxp-cpp.jsonl",),
    "go": ("humaneval-x-go.jsonl",),
    "java": ("mbjp.jsonl",),
    "javascript": ("mbxp-javascript.jsonl",),
    "kotlin": ("mbxp-kotlin.jsonl",),
    "python": ("mbxp-python.jsonl",),
    "rust": ("humaneval-x-rust.jsonl",),
    "systemverilog": ("verilog-eval.jsonl",),
    "typescript": ("mbxp-typescript.jsonl",),
}
"""Published tasks with references, for each language; a file that is not there is left out."""

_SQL_TASKS = 400
REFERENCE, NAME, TOKEN, EXAMPLE, HOSTILE = "reference", "name mutant", "token mutant", "example", "hostile"

_PIECE = re.compile(
    r"""(?P<skipped> //[^\n]* | \#[^\n]* | /\*.*?(?:\*/|\Z) | \"\"\".*?(?:\"\"\"|\Z) | "(?:[^"\\\n]|\\.)*"?
        | '(?:[^'\\\n]|\\.)*'? | `[^`]*`? | \s+ | \d[\w.]* )
      | (?P<word> [^\W\d]\w* ) | (?P<mark> . )""",
    re.VERBOSE | re.DOTALL,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEYWORDS = _words("""
    abstract always and as assert assign async auto await begin bool boolean break byte case catch char
    class const continue def default defer del delete do double elif else end endcase endmodule enum except
    export extends extern false final finally float fn for from fun func function global go goto if impl
    implements import in initial input int integer interface is lambda let logic long loop map match mod
    module mut namespace new nil None not null number of or output override package parameter pass posedge
    private protected pub public raise range reg register return self short signed sizeof static string
    String struct super switch template this throw throws trait true True False try type typedef typename
    typeof undefined union unsigned use using val var virtual void volatile when where while wire with yield
""")
"""Of all languages together: none of them is renamed."""


@dataclass(frozen=True, slots=True)
class Case:
    """A program to be asked about."""

    name: str
    kind: str
    """`REFERENCE`, `NAME`, `TOKEN`, `EXAMPLE` or `HOSTILE`."""
    source: str


def tasks_of(language: str, data: Path) -> list[Task]:
    """The tasks with a reference: published ones, and rlcf's own where there are some."""
    tasks = [t for name in FILES.get(language, ()) if (data / name).is_file() for t in load_tasks(data / name)]
    if language == "c":
        tasks = [written for task in tasks_of("cpp", data) if (written := in_c(task)) is not None]
    if language == "sql":
        tasks = sql_tasks(_SQL_TASKS, seed=0)
    if f"builtin:{language}" in BUILTIN_SETS:
        tasks += load_builtin(f"builtin:{language}")
    return [task for task in tasks if task.canonical_solution is not None]


_CPP_HEAD = "#include <bits/stdc++.h>\nusing namespace std;\n"
_C_HEAD = "".join(f"#include <{name}.h>\n" for name in ("limits", "math", "stdbool", "stdio", "stdlib", "string"))
_OF_CPP = re.compile(r"vector|string|map|set<")


def in_c(task: Task) -> Task | None:
    """A task in C++ as one in C, where gcc takes its reference; there are no published tasks in C."""
    prompt = task.prompt.replace(_CPP_HEAD, _C_HEAD)
    if _OF_CPP.search(prompt.rstrip().rpartition("\n")[2]) or task.canonical_solution is None:
        return None
    command = ["gcc", "-fsyntax-only", "-Werror=implicit-function-declaration", "-x", "c", "-"]
    told = subprocess.run(command, input=(prompt + task.canonical_solution).encode(), capture_output=True, check=False)
    return replace(task, task_id=f"{task.task_id} in C", language="c", prompt=prompt) if told.returncode == 0 else None


def references(language: str, data: Path) -> list[Case]:
    """The tasks' references as programs."""
    return [Case(t.task_id, REFERENCE, _program(t, t.canonical_solution or "")) for t in tasks_of(language, data)]


def make_cases(language: str, data: Path, examples: Examples, count: int, seed: int) -> list[Case]:
    """All examples, and `count` different programs, or as many as there are: references in an order drawn by `seed`,
    each with a name mutant and a token mutant; then more mutants."""
    tasks = tasks_of(language, data) or list(examples.tasks)
    random.Random(seed).shuffle(tasks)
    cases: dict[str, Case] = {}
    for turn in range(50):
        for task in tasks:
            for case in _variants(task, turn, seed):
                cases.setdefault(case.source, case)
        if len(cases) >= count:
            break
    return [*list(cases.values())[:count], *_examples(examples)]


def _variants(task: Task, turn: int, seed: int) -> Iterator[Case]:
    solution = task.canonical_solution
    if solution is None:
        return
    if turn == 0:
        yield Case(task.task_id, REFERENCE, _program(task, solution))
    for kind, change in _MUTATIONS.items():
        changed = change(solution, random.Random(f"{seed} {task.task_id} {turn}"))
        if changed is not None:
            yield Case(f"{task.task_id}, {kind} {turn}", kind, _program(task, changed))


def _examples(examples: Examples) -> Iterator[Case]:
    sources = [*examples.accepted, *examples.warned, *(example.source for example in examples.rejected)]
    yield from (Case(f"example {n}", EXAMPLE, source) for n, source in enumerate(sources))
    yield from (Case(f"hostile text {n}", HOSTILE, source) for n, source in enumerate(examples.hostile))


def _program(task: Task, completion: str) -> str:
    return Program.of(task, completion).source


def _renamed(solution: str, rng: random.Random) -> str | None:
    """One identifier of the solution has another name in one place."""
    words = [m for m in _PIECE.finditer(solution) if m.lastgroup == "word" and m[0] not in _KEYWORDS]
    if not words:
        return None
    word = rng.choice(words)
    return f"{solution[: word.start()]}{word[0]}_renamed{solution[word.end() :]}"


def _deleted(solution: str, rng: random.Random) -> str | None:
    """One punctuation mark of the solution is missing."""
    marks = [m for m in _PIECE.finditer(solution) if m.lastgroup == "mark"]
    if not marks:
        return None
    mark = rng.choice(marks)
    return solution[: mark.start()] + solution[mark.end() :]


_MUTATIONS: dict[str, Callable[[str, random.Random], str | None]] = {NAME: _renamed, TOKEN: _deleted}
