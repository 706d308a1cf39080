"""The built-in tasks: written for this project, read from `builtin/LANGUAGE/*.tasks`.

A `.tasks` file is meant to be read and edited by people. It holds tasks one after another:

    //// task: clamp; family: clamping; split: train
    class Clamp {
        /** Limits a value to the range from low to high, both included. */
        public static int clamp(int value, int low, int high) {
            //// solution
            return Math.max(low, Math.min(high, value));
        }
    }
    //// test
    Clamp.clamp(5, 1, 3) == 3
    { Clamp c = new Clamp(); check(c != null); }

What stands before `//// solution` is the prompt; what follows it is the reference. A line of the test is a condition
that must hold, or statements in braces that call `check`. Tasks of one family are variants of one idea and share their
split, so that no held-out task is a rewording of a training task. `source` names the file; `easy_*.tasks` has tasks
that small models can solve.

What differs between languages stands beside the tasks: the marker of such lines and the like in `format.toml`, the
program that runs the checks in `test.txt`.
"""

import functools
import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import resources

from rlcf.errors import ConfigError, DataError
from rlcf.records import Task

_FOLDER = resources.files("rlcf.tasks") / "builtin"

BUILTIN_SETS = {
    "builtin:java": "*.tasks",
    "builtin:java-easy": "easy_*.tasks",
    "builtin:python": "*.tasks",
    "builtin:typescript": "*.tasks",
}
"""Which files of the language's folder are in a set."""

_HEADER = r"^{marker} task: (\w+); family: (\w+); split: (train|heldout)\n"
_SOLUTION = r"^ *{marker} solution\n"
_TEST = r"^{marker} test\n"


@dataclass(frozen=True, slots=True)
class TaskFormat:
    """How a language's tasks are written: its `format.toml`, field by field, and its `test.txt`."""

    name: str
    marker: str
    opening: str
    docs: str
    entry_point: str
    needs: str
    condition: str
    test: str
    statements: str | None = None
    """`None`: every line is a condition."""

    def check(self, line: str) -> str:
        """What a line of a task's test becomes."""
        form = self.statements if self.statements and line.startswith("{") else self.condition
        return form.format(line=line)


def load_builtin(name: str) -> list[Task]:
    """The built-in set called `name` (`builtin:java`, or its part `builtin:java-easy`), in file order.

    Raises:
        DataError: there is no such set, or a file breaks the format.
    """
    if name not in BUILTIN_SETS:
        raise DataError(f"unknown task set {name!r}: built in are {', '.join(BUILTIN_SETS)}")
    language = name.partition(":")[2].partition("-")[0]
    files = (f for f in (_FOLDER / language).iterdir() if fnmatch(f.name, BUILTIN_SETS[name]))
    texts = {f.name: f.read_text(encoding="utf-8") for f in sorted(files, key=lambda f: f.name)}
    return [task for file, text in texts.items() for task in parse_tasks(text, file, language)]


def require_builtin(language: str) -> None:
    """Raises `ConfigError` where a language has no built-in tasks."""
    there = sorted({name.partition(":")[2].partition("-")[0] for name in BUILTIN_SETS})
    if language not in there:
        raise ConfigError(f"no built-in tasks in {language!r}: there are some in {', '.join(there)}")


def task_families() -> dict[str, str]:
    """Task id → family, over all built-in sets."""
    return {t.task_id: t.source.rpartition(" ")[2] for s in BUILTIN_SETS for t in load_builtin(s) if t.source}


def parse_tasks(text: str, file: str, language: str) -> list[Task]:
    """The tasks of one `.tasks` file; raises `DataError` with the file and the task that breaks the format."""
    written = task_format(language)
    headers = list(_pattern(_HEADER, written).finditer(text))
    stray = text[: headers[0].start()] if headers else text
    if stray.strip():
        raise DataError(f"{file}: text before the first `{written.marker} task:` line")
    ends = [h.start() for h in headers[1:]] + [len(text)]
    return [_parse_task(h, text[h.end() : e], file, language) for h, e in zip(headers, ends, strict=True)]


@functools.cache
def task_format(language: str) -> TaskFormat:
    """How the tasks of a language that has built-in tasks are written."""
    text, test = ((_FOLDER / language / name).read_text(encoding="utf-8") for name in ("format.toml", "test.txt"))
    return TaskFormat(**tomllib.loads(text), test=test)


def _parse_task(header: re.Match[str], body: str, file: str, language: str) -> Task:
    name, family, split = header.groups()
    written = task_format(language)
    marker, solution_line, test_line = written.marker, _pattern(_SOLUTION, written), _pattern(_TEST, written)
    if f"{marker} task:" in body or len(solution_line.findall(body)) != 1 or len(test_line.findall(body)) != 1:
        raise DataError(f"{file}: task {name!r} needs one `{marker} solution` and one `{marker} test` line")
    program, test = test_line.split(body)
    prompt, solution = solution_line.split(program)
    entry_point = re.search(written.entry_point, prompt, re.DOTALL)
    docs = re.findall(written.docs, prompt, re.DOTALL)
    if entry_point is None or not docs:
        raise DataError(f"{file}: the prompt of task {name!r} needs {written.needs}")
    return Task(
        task_id=f"{written.name}/{name}",
        prompt=written.opening + prompt,
        language=language,
        canonical_solution=solution,
        test=written.test.format(checks="\n".join(map(written.check, test.strip().splitlines()))),
        entry_point=entry_point.group(1),
        description=" ".join(docs[-1].replace("*", " ").split()),
        split=split,
        source=f"rlcf {file} {family}",
        licence="Apache-2.0",
    )


def _pattern(text: str, written: TaskFormat) -> re.Pattern[str]:
    return re.compile(text.replace("{marker}", re.escape(written.marker)), re.MULTILINE)
