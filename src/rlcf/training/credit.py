"""Token-level credit: the weight of a rejected program's negative advantage at each of its tokens.

What it estimates and where it errs: `docs/concepts.md`, *Token-level credit*.
"""

from bisect import bisect_right
from typing import Any

from rlcf.generation.engine import Sample
from rlcf.models.batches import trailing_space
from rlcf.records import Program, Task, Verdict


def credit_weights(task: Task, sample: Sample, verdict: Verdict | None, tokenizer: Any, before: float) -> list[float]:
    """A weight for each token of `sample`: `before` for what stands before the line of the first error, else 1.

    1 throughout where no error tells the tokens apart: the program is not rejected, the first error stands outside the
    completion or has no place, or the program has no end, and would be rejected whatever stands in it.
    """
    weights = [1.0] * len(sample.token_ids)
    if before < 1 and verdict is not None and verdict.status == "rejected" and sample.finished:
        fault = first_fault(Program.of(task, sample.text), verdict)
        if fault is not None:
            spared = _tokens_before(fault, task, sample, tokenizer)
            weights[:spared] = [before] * spared
    return weights


def first_fault(program: Program, verdict: Verdict) -> int | None:
    """Where the line of the first error begins, after its indentation, in characters of the completion.

    The line is taken for the statement: an error often points into the middle of one. `None` where the first error
    stands outside the completion, or an error has no place.
    """
    errors = [d for d in verdict.diagnostics if d.severity == "error"]
    if not errors:
        return None
    first = min(errors, key=lambda d: -1 if d.offset is None else d.offset)
    place = program.in_completion(first)
    if place is None or place.offset is None:
        return None
    line = program.completion[place.offset - (place.column - 1) : place.offset]
    return place.offset - len(line.lstrip())


def _tokens_before(fault: int, task: Task, sample: Sample, tokenizer: Any) -> int:
    """How many of the sample's tokens end at or before `fault`.

    A token has no text of its own (a character may be spread over several, and some decoders put spaces between), so
    the text of the first n tokens is measured.
    """

    def text(tokens: int) -> str:
        ids = sample.token_ids[:tokens]
        return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    space = trailing_space(task.context)
    if text(len(sample.token_ids)).startswith(space):
        fault += len(space)  # the policy repeated it, and the completion is without it
    return bisect_right(range(len(sample.token_ids) + 1), fault, key=lambda n: len(text(n))) - 1
