"""References run with their own tests: a test that its reference fails says nothing about other programs."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rlcf.errors import Unsupported
from rlcf.evaluation.evaluate import evaluate
from rlcf.evaluation.execute import ExecutionOptions
from rlcf.languages.registry import load_language
from rlcf.records import Completion, Task


@dataclass(frozen=True, slots=True)
class FailedReference:
    """A task whose reference does not pass its test."""

    task_id: str
    status: str
    """As in `results.jsonl`: `failed`, `rejected`, `timeout` and so on."""
    detail: str


@dataclass(frozen=True, slots=True)
class CheckedReferences:
    """What became of the references of an evaluation's tasks."""

    checked: int
    """References that were run: those of tasks with a test."""
    failed: tuple[FailedReference, ...]

    def without_tests(self, tasks: Sequence[Task]) -> list[Task]:
        """The tasks, without the test where the reference fails it: then no execute rate and no pass@k counts it."""
        failed = {one.task_id for one in self.failed}
        return [replace(task, test=None) if task.task_id in failed else task for task in tasks]

    def to_json(self) -> dict[str, Any]:
        """What `summary.json` holds."""
        return {"checked": self.checked, "failed": [asdict(one) for one in self.failed]}


def tested_references(tasks: Sequence[Task]) -> list[Completion]:
    """The references that can be run with a test, as completions of their tasks."""
    return [Completion(t.task_id, t.canonical_solution) for t in tasks if t.test and t.canonical_solution]


def check_references(
    tasks: Sequence[Task],
    options: ExecutionOptions | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> CheckedReferences:
    """Runs each reference with its test, as `evaluate` runs a completion. Tasks that lack one of the two are left out.

    Raises:
        Unsupported: the language has no runner.
        CheckerUnavailable: the compiler is missing.
        SandboxUnavailable: programs cannot be run safely here.
    """
    languages = [load_language(name) for name in dict.fromkeys(task.language for task in tasks)]
    if not any(language.can_run for language in languages):
        names = " and ".join(language.name for language in languages)
        raise Unsupported(f"references in {names} cannot be run: leave out --check-references")
    rows = evaluate(tasks, tested_references(tasks), options, on_progress=on_progress)
    failed = [FailedReference(row["task_id"], row["status"], row["detail"]) for row in rows if not row["passed"]]
    return CheckedReferences(len(rows), tuple(failed))
