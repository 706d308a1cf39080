"""Completions → compiled, executed, passed, trivial; one result each, and a summary."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcf.evaluation.agreement import agreements
from rlcf.evaluation.execute import ExecutionOptions, Executors
from rlcf.evaluation.metrics import Result
from rlcf.evaluation.results import ABOUT, RESULTS, SUMMARY
from rlcf.evaluation.summary import summarise, word_count
from rlcf.evaluation.warnings import warnings
from rlcf.languages.base import Language
from rlcf.records import Completion, Execution, Score, Task, Verdict
from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.storage.jsonl import append_jsonl, read_json, read_jsonl_tail_safe
from rlcf.tasks.copying import copying

if TYPE_CHECKING:
    from rlcf.evaluation.references import CheckedReferences

Scorer = Callable[[Sequence[Task], Sequence[str], Sequence[Verdict]], Sequence[Score]]
"""Scores completions whose verdicts are known: `Grounding.score_checked`."""
Pair = tuple[Task, Completion]

_BATCH = 512
"""Samples evaluated and written together: what an interruption loses at most."""


def evaluate(
    tasks: Sequence[Task],
    completions: Sequence[Completion],
    options: ExecutionOptions | None = None,
    *,
    tokens: Sequence[int] | None = None,
    score: Scorer | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
    language: Language | None = None,
    folder: Path | None = None,
    about: Mapping[str, Any] | None = None,
) -> list[Result]:
    """One result for each completion, in order; `docs/run-directory.md` names the fields.

    Text after a program's end is cut first, as generation does it.

    Args:
        options: how programs are checked and run.
        tokens: length of each completion in the model's tokens; by default words and signs are counted.
        score: adds reward, preference and components. It gets the samples in batches of `_BATCH`.
        on_progress: called with the number of samples evaluated so far; the first call says how many were there.
        language: that of all tasks, where it is loaded already; by default each task's own.
        folder: where `results.jsonl` grows batch by batch. An interrupted call goes on there when it is repeated.
        about: what was evaluated and how, for `evaluation.json` in the folder. What an interrupted call left is used
            where tasks, completions, options and `about["grounding"]` are the same.

    Raises:
        CheckerUnavailable: the compiler is missing.
        SandboxUnavailable: programs cannot be run safely here.
        KeyboardInterrupt: with a folder, its text says what is kept.
    """
    options = options or ExecutionOptions()
    by_id = {task.task_id: task for task in tasks}
    pairs = [(by_id[c.task_id], c) for c in completions]
    facts, rows = dict(about or {}), list[Result]()
    try:
        with Executors([task for task, _ in pairs], options, language) as executors:
            if folder:  # which is left as it was where a tool is missing
                facts |= _facts(pairs, tokens, options, facts.get("grounding"))
                rows = _opened(folder, facts, len(pairs))
            on_progress(len(rows))
            for batch in _batches(pairs[len(rows) :], executors, (tokens or [])[len(rows) :], score):
                if folder:
                    append_jsonl(folder / RESULTS, *batch)
                rows += batch
                on_progress(len(rows))
    except KeyboardInterrupt:
        if folder is None:
            raise
        kept = f"{len(rows)} of {len(pairs)} results are kept in {folder}; the same command goes on after them"
        raise KeyboardInterrupt(kept) from None
    if folder:
        write_json(folder / ABOUT, facts | {"finished": True})
    return rows


def write_evaluation(
    folder: Path, rows: Sequence[Result], tasks: Sequence[Task] = (), references: CheckedReferences | None = None
) -> dict[str, Any]:
    """Writes `results.jsonl` and `summary.json`; returns the summary.

    Args:
        tasks: all that were to be attempted; the summary's `warnings` say what is missing.
        references: what became of their references, where these were run first.
    """
    write_jsonl(folder / RESULTS, rows)
    summary = summarise(rows, {task.task_id: task.canonical_solution for task in tasks})
    if found := agreements(rows):
        summary["agreement"] = {name: asdict(one) for name, one in found.items()}
    if references is not None:
        summary["references"] = references.to_json()
    if tasks:
        summary["warnings"] = warnings(tasks, rows, references)
    write_json(folder / SUMMARY, summary)
    return summary


def with_references(score: Scorer) -> Scorer:
    """A scorer that leaves out the completions of tasks without a reference to compare with."""

    def scored(tasks: Sequence[Task], texts: Sequence[str], verdicts: Sequence[Verdict]) -> list[Score]:
        chosen = [i for i, task in enumerate(tasks) if task.canonical_solution]
        found = score([tasks[i] for i in chosen], [texts[i] for i in chosen], [verdicts[i] for i in chosen])
        by_place = dict(zip(chosen, found, strict=True))
        return [by_place.get(i, Score(None)) for i in range(len(tasks))]

    return scored


def _facts(
    pairs: Sequence[Pair], tokens: Sequence[int] | None, options: ExecutionOptions, scorer: Any
) -> dict[str, Any]:
    inputs = [*(astuple(record) for pair in pairs for record in pair), tokens, astuple(options), scorer]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "inputs": hashlib.sha256(json.dumps(inputs, default=str).encode()).hexdigest()[:16],
    }


def _opened(folder: Path, facts: Mapping[str, Any], total: int) -> list[Result]:
    """The whole batches that an interrupted call with the same inputs left; what else is there is overwritten."""
    about = read_json(folder / ABOUT) if (folder / ABOUT).exists() else {}
    rows: list[Result] = []
    if about.get("finished") is False and about.get("inputs") == facts["inputs"]:
        rows = read_jsonl_tail_safe(folder / RESULTS)
        rows = rows if len(rows) == total else rows[: len(rows) - len(rows) % _BATCH]
    write_json(folder / ABOUT, {**facts, "finished": False})
    write_jsonl(folder / RESULTS, rows)
    return rows


def _batches(
    pairs: Sequence[Pair],
    executors: Executors,
    tokens: Sequence[int],
    score: Scorer | None,
) -> Iterator[list[Result]]:
    for start in range(0, len(pairs), _BATCH):
        batch = pairs[start : start + _BATCH]
        texts = [executors.cut(task, c.completion) for task, c in batch]
        executed = executors.run([(task, text) for (task, _), text in zip(batch, texts, strict=True)])
        scores: Sequence[Score | None] = [None] * len(batch)
        if score is not None:
            scores = score([t for t, _ in batch], texts, [verdict for verdict, _ in executed])
        lengths = tokens[start : start + _BATCH] or map(word_count, texts)
        samples = zip(batch, texts, executed, lengths, scores, strict=True)
        yield [
            _row(executors.language(pair[0]), *pair, text, *outcome, length, scored)
            for pair, text, outcome, length, scored in samples
        ]


def _row(
    language: Language,
    task: Task,
    completion: Completion,
    text: str,
    verdict: Verdict,
    execution: Execution | None,
    tokens: int,
    score: Score | None,
) -> Result:
    row = {
        "task_id": task.task_id,
        "completion": text,
        "cut": len(completion.completion[len(text) :].strip()),
        "compiled": verdict.accepted,
        "executed": execution.executed if execution else None,
        "passed": execution.passed if execution else None,
        "status": execution.status if execution else verdict.status,
        "detail": execution.detail if execution else "",
        "seconds": round(execution.seconds, 3) if execution else None,
        "trivial": verdict.trivial(task),
        "tokens": tokens,
        "finished": completion.finished,
        "preference": score.preference if score and verdict.accepted else None,
        "diagnostics": [asdict(d) for d in verdict.diagnostics[:5]],
        **copying(language, task, text),
    }
    return row if score is None else row | {"reward": score.reward, "components": dict(score.components)}
