"""Ends, closing and stubs of languages whose blocks stand in braces; without the grammar, none of them is known."""

from __future__ import annotations

from rlcf.languages.syntax import Grammar, block_end, open_blocks
from rlcf.records import Task

_STUB = 'throw new Error("not implemented");'


def program_end(grammar: Grammar, context: str, completion: str, suffix: str) -> int | None:
    """See `Language.program_end`."""
    try:
        return block_end(grammar, context, completion, suffix)
    except ImportError:
        return None


def closing(grammar: Grammar, source: str) -> str:
    """See `Language.closing`."""
    try:
        return "}" * open_blocks(grammar, source)
    except ImportError:
        return ""


def stub(grammar: Grammar, task: Task, body: str = _STUB) -> str | None:
    """A body that throws an error; `None` where the task opens no block."""
    try:
        blocks = open_blocks(grammar, task.context, task.suffix)
    except ImportError:
        return None
    return f"\n    {body}\n{'}' * blocks}\n" if blocks or task.suffix else None
