"""Verdicts on bodies in the files of Python projects: equal to those of ty over the whole project, and how fast.

python -m benchmarks.python_context CORPUS… [--variants N] [--samples SAMPLES] [--rounds N] [--seed N] [--json]

A CORPUS is what `rlcf tasks mine` has written. Of its tasks variants of the body are drawn: the original, and changes
as people and models make them. A variant is judged by the warm checker, and by `ty check`, started for it alone, over
all modules of the project with the file replaced. An error counts that the project does not have as it is. Compared are
the status, the places and codes of all errors in the file, and those in other files. Rates are verdicts for each second
of processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import statistics
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.check_rate import processor_s
from rlcf.config.languages import PythonOptions
from rlcf.languages.python import find_ty
from rlcf.languages.python.in_project import ProjectChecker
from rlcf.languages.python.workspace import Workspace
from rlcf.records import Program, Task, Verdict
from rlcf.tasks.loading import load_completions, load_tasks
from rlcf.tasks.projects import project_options

Place = tuple[str, str, int, int]
"""Path, code, line and column of an error."""
_CALL = re.compile(r"(?<=[\w\])]\()(?=[^)])")
_METHOD = re.compile(r"(?<=\.)[a-z_]\w*(?=\()")
_NAME = re.compile(r"(?<![\w.\"'])[a-z_]\w*\b(?!\s*[=(\"'])")
_ATTRIBUTE = re.compile(r"(?<=self\.)\w+")
_MARK = re.compile(r"[()\[\]:,]")


def main() -> None:
    """Prints for each corpus how many verdicts are equal, which are not, and the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS")
    parser.add_argument("--variants", type=int, default=200, help="of each corpus (default: %(default)s)")
    parser.add_argument("--samples", type=Path, help="a model's bodies, of one CORPUS")
    parser.add_argument("--rounds", type=int, default=3, help="of the measurement of speed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for corpus in options.corpora:
        result = measure(corpus, options)
        print(json.dumps(result) if options.json else "\n".join(f"{k:<24} {v}" for k, v in result.items()), flush=True)


def measure(corpus: Path, options: argparse.Namespace) -> dict[str, object]:
    """What is told of one corpus."""
    tasks = load_tasks(corpus / "tasks.jsonl")
    told = project_options(tasks)
    assert isinstance(told, PythonOptions)
    told = told.model_copy(update={"suppressions": True})
    made = variants(tasks, options.variants, random.Random(options.seed))
    if options.samples:
        known = {task.task_id: task for task in tasks}
        samples = load_completions(options.samples)
        made += [("model", known[s.task_id], s.completion) for s in samples if s.task_id in known]
    programs = [Program.of(task, body) for _, task, body in made]
    with ProjectChecker(find_ty(), 1, 60.0, told) as checker:
        verdicts = checker.check_programs(programs)
        backwards = checker.check_programs(programs[::-1])[::-1]
        assert [v.diagnostics for v in backwards] == [v.diagnostics for v in verdicts], "the order changed a verdict"
        rates = [_rate(checker, programs) for _ in range(options.rounds)]
        memory = _resident(checker.pids())
    cold = Cold(told)
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
        "rejected_for_others": sum(not v.accepted and all(d.line == 0 for d in _errors(v)) for v in verdicts),
        "warm_per_cpu_s": round(statistics.median(rates), 1),
        "cold_per_cpu_s": round(len(made) / seconds, 1),
        "times": round(statistics.median(rates) * seconds / len(made), 1),
        "resident_mib": memory,
        "differences": len(differences),
        "which": differences[:10],
    }


def variants(tasks: Sequence[Task], count: int, rng: random.Random) -> list[tuple[str, Task, str]]:
    """Kind, task and body; a quarter of the bodies are as they are."""
    made: list[tuple[str, Task, str]] = []
    while len(made) < count:
        task, kind = rng.choice(tasks), rng.choice([*CHANGES, "original", "original", "another"])
        body = task.canonical_solution or ""
        if kind == "another":
            changed: str | None = rng.choice(tasks).canonical_solution
        else:
            changed = body if kind == "original" else CHANGES[kind](body, rng)
        if changed is not None:
            made.append((kind, task, changed))
    return made


def _replaced(pattern: re.Pattern[str], by: Callable[[str], str]) -> Callable[[str, random.Random], str | None]:
    def change(body: str, rng: random.Random) -> str | None:
        found = list(pattern.finditer(body))
        if not found:
            return None
        match = rng.choice(found)
        return body[: match.start()] + by(match[0]) + body[match.end() :]

    return change


def _line(by: Callable[[str], str]) -> Callable[[str, random.Random], str | None]:
    """One more line at the beginning."""

    def change(body: str, _: random.Random) -> str | None:
        indent = re.match(r"[ \t]+", body)
        return None if indent is None else f"{indent[0]}{by(indent[0])}\n{body}"

    return change


CHANGES: Mapping[str, Callable[[str, random.Random], str | None]] = {
    "renamed": _replaced(_NAME, lambda name: f"{name}_x"),
    "unknown method": _replaced(_METHOD, lambda name: f"{name}_x"),
    "wrong argument": _replaced(_CALL, lambda _: "object(), "),
    "unknown keyword": _replaced(_CALL, lambda _: "nobody_has_this=1, "),
    "attribute": _replaced(_ATTRIBUTE, lambda name: f"{name}_x"),
    "syntax": _replaced(_MARK, lambda _: ""),
    "attribute written": _line(lambda _: "self.written_here = 1"),
    "import": _line(lambda _: "import os.path, xml.dom"),
    "wrong return": _line(lambda _: "return object()"),
    "nothing": lambda body, _: re.sub(r"\S[\s\S]*", "pass", body, count=1),
}


class Cold:
    """`ty check`, started for each variant."""

    def __init__(self, options: PythonOptions) -> None:
        self._workspace = Workspace(options)
        self._known = self._all()

    def difference(self, task: Task, program: Program, verdict: Verdict) -> str:
        """What the two do not agree on; no text where they do."""
        assert task.path is not None
        file = self._workspace.root / task.path
        original = file.read_bytes()
        file.write_bytes(program.source.encode("utf-8", "replace"))
        try:
            found = self._all()
        finally:
            file.write_bytes(original)
        first, last = program.source.count("\n", 0, program.start), program.source.count("\n", 0, program.end)
        longer = program.source.count("\n") - original.decode().count("\n")
        elsewhere = {each for each in found if each[0] != task.path} - self._known
        fresh = set()
        for path, code, line, column in found:
            if path == task.path:
                moved = (path, code, line - longer if line - 1 > last else line, column)
                inside = first <= line - 1 <= last
                fresh |= {(path, code, line, column)} if inside or moved not in self._known else set()
        mine = {(task.path, d.code, d.line, d.column) for d in _errors(verdict) if d.line}
        if mine != fresh:
            return f"in the file {sorted(mine ^ fresh)[:3]}"
        caused = sum(d.line == 0 for d in _errors(verdict))
        if (caused > 0) != bool(elsewhere) and not fresh:
            return f"elsewhere {caused} errors, ty: {sorted(elsewhere)[:3]}"
        return "" if verdict.accepted == (not fresh and not elsewhere) else f"{verdict.status}"

    def _all(self) -> set[Place]:
        """All errors in the project."""
        command = [str(find_ty()), "check", "--output-format", "gitlab", "--no-progress", str(self._workspace.root)]
        environment = {**self._workspace.environment, "TY_MAX_PARALLELISM": "1", "RAYON_NUM_THREADS": "1"}
        done = subprocess.run(
            command, cwd=self._workspace.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        places = set()
        for each in json.loads(done.stdout):
            begin = each["location"]["positions"]["begin"]
            if each["severity"] in ("major", "critical", "blocker"):
                path = os.path.relpath(self._workspace.root / each["location"]["path"], self._workspace.root)
                places.add((path, each["check_name"], begin["line"], begin["column"]))
        return places


def _errors(verdict: Verdict) -> list:  # type: ignore[type-arg]
    return [d for d in verdict.diagnostics if d.severity == "error"]


def _rate(checker: ProjectChecker, programs: Sequence[Program]) -> float:
    before = processor_s(checker.pids())
    checker.check_programs(programs)
    return len(programs) / (processor_s(checker.pids()) - before)


def _resident(pids: Sequence[int]) -> int:
    pages = max(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


if __name__ == "__main__":
    main()
