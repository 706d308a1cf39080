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

An import line and what stands before `//// solution` are the prompt; what follows it is the reference. A line of the
test is a condition that must hold, or statements in braces that call `check`. Tasks of one family are
variants of one idea and share their split, so that no held-out task is a rewording of a training task. `source` names
the file; `easy_*.tasks` has tasks that small models can solve.
"""

import functools
import re
from fnmatch import fnmatch
from importlib import resources

from rlcf.errors import DataError
from rlcf.records import Task

BUILTIN_SETS = {"builtin:java": "*.tasks", "builtin:java-easy": "easy_*.tasks"}
"""Which files of the language's folder are in a set."""

_HEADER = re.compile(r"^//// task: (\w+); family: (\w+); split: (train|heldout)\n", re.MULTILINE)
_SOLUTION = re.compile(r"^ *//// solution\n", re.MULTILINE)
_TEST = re.compile(r"^//// test\n", re.MULTILINE)
_JAVADOC = re.compile(r"/\*\*(.*?)\*/", re.DOTALL)
_METHOD_NAME = re.compile(r"(\w+)\s*\([^()]*\)\s*(?:throws [\w., ]+)?\{\s*$")


def load_builtin(name: str) -> list[Task]:
    """The built-in set called `name` (`builtin:java`, or its part `builtin:java-easy`), in file order.

    Raises:
        DataError: there is no such set, or a file breaks the format.
    """
    if name not in BUILTIN_SETS:
        raise DataError(f"unknown task set {name!r}: built in are {', '.join(BUILTIN_SETS)}")
    language = name.partition(":")[2].partition("-")[0]
    folder = resources.files("rlcf.tasks") / "builtin" / language
    files = sorted((f for f in folder.iterdir() if fnmatch(f.name, BUILTIN_SETS[name])), key=lambda f: f.name)
    return [t for f in files for t in parse_tasks(f.read_text(encoding="utf-8"), f.name, language)]


def task_families() -> dict[str, str]:
    """Task id → family, over all built-in sets."""
    return {t.task_id: t.source.rpartition(" ")[2] for s in BUILTIN_SETS for t in load_builtin(s) if t.source}


def parse_tasks(text: str, file: str, language: str) -> list[Task]:
    """The tasks of one `.tasks` file; raises `DataError` with the file and the task that breaks the format."""
    headers = list(_HEADER.finditer(text))
    stray = text[: headers[0].start()] if headers else text
    if stray.strip():
        raise DataError(f"{file}: text before the first `//// task:` line")
    ends = [h.start() for h in headers[1:]] + [len(text)]
    return [_parse_task(h, text[h.end() : e], file, language) for h, e in zip(headers, ends, strict=True)]


def _parse_task(header: re.Match[str], body: str, file: str, language: str) -> Task:
    name, family, split = header.groups()
    if "//// task:" in body or len(_SOLUTION.findall(body)) != 1 or len(_TEST.findall(body)) != 1:
        raise DataError(f"{file}: task {name!r} needs one `//// solution` and one `//// test` line")
    program, test = _TEST.split(body)
    prompt, solution = _SOLUTION.split(program)
    method, docs = _METHOD_NAME.search(prompt), _JAVADOC.findall(prompt)
    if method is None or not docs:
        raise DataError(f"{file}: the prompt of task {name!r} needs Javadoc and must end in a method's `{{`")
    return Task(
        task_id=f"{language.capitalize()}/{name}",
        prompt="import java.util.*;\n\n" + prompt,
        language=language,
        canonical_solution=solution,
        test=_test_template(language).format(checks="\n".join(map(_check, test.strip().splitlines()))),
        entry_point=method.group(1),
        description=" ".join(docs[-1].replace("*", " ").split()),
        split=split,
        source=f"rlcf {file} {family}",
        licence="Apache-2.0",
    )


@functools.cache
def _test_template(language: str) -> str:
    return (resources.files("rlcf.tasks") / "builtin" / language / "test.txt").read_text(encoding="utf-8")


def _check(line: str) -> str:
    return f"        {line}" if line.startswith("{") else f"        check({line});"
