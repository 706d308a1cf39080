"""Whether a tokenizer can write what a model is to write: some know no braces, and no ends of lines."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from rlcf.generation.prompts import Prompting, completion_ids
from rlcf.records import Task

_SAMPLED = 200


def unwritable_note(tokenizer: Any, tasks: Sequence[Task], prompting: Prompting) -> str | None:
    """One line on references that the tokenizer cannot write, and the signs that it loses; `None` where it can.

    T5's own tokenizer is such a one: its model would be trained to write what no compiler accepts.
    """
    references = list(islice(((t, t.canonical_solution) for t in tasks if t.canonical_solution), _SAMPLED))
    signs: set[str] = set()
    unwritable = 0
    for task, reference in references:
        ids = completion_ids(tokenizer, task, prompting.prompt(tokenizer, task), reference, ends=False)
        text = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        lost = set(reference.strip()) - set(text)
        unwritable += bool(lost)
        signs |= lost
    if not unwritable:
        return None
    named = ", ".join(map(repr, sorted(signs)[:8])) + (", …" if len(signs) > 8 else "")
    return (
        f"the model's tokenizer cannot write {unwritable} of {len(references)} references: it loses {named}; "
        "a model that was trained on code may lose none"
    )
