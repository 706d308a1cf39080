"""Where a sample ends: at its program's end, or at a token with which the model ends a text or a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ProgramEnd = Callable[[str, str], int | None]
"""`Language.program_end`: (prompt, completion) → characters of the completion that are the program, or `None`."""


@dataclass(frozen=True, slots=True)
class Stops:
    """What ends a sample."""

    ids: frozenset[int]
    """Tokens with which the model says that it has ended."""
    program_end: ProgramEnd | None = None
    """`None` for an answer, which ends with the model's turn."""
    may_end: frozenset[int] = frozenset()
    """The tokens after which `program_end` is asked."""


def program_stops(model: Any, tokenizer: Any, program_end: ProgramEnd, end_marks: str | None) -> Stops:
    """The stops of a program; see `Language.program_end` and `Language.end_marks`."""
    if end_marks is None:
        return Stops(_end_of_text(model, tokenizer))
    return Stops(_end_of_text(model, tokenizer), program_end, _tokens_with(tokenizer, end_marks))


def answer_stops(model: Any, tokenizer: Any) -> Stops:
    """The stops of an answer: the end of a text, and of a turn as the chat template writes it."""
    mark = "the answer"
    talk = [{"role": "user", "content": "a question"}, {"role": "assistant", "content": mark}]
    behind = tokenizer.apply_chat_template(talk, tokenize=False).rpartition(mark)[2]
    first = tokenizer(behind.lstrip(), add_special_tokens=False)["input_ids"][:1]
    return Stops(_end_of_text(model, tokenizer) | (set(first) & set(tokenizer.all_special_ids)))


def _tokens_with(tokenizer: Any, marks: str) -> frozenset[int]:
    """The token ids whose text holds one of `marks`; all of them when `marks` is empty."""
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    return frozenset(i for i, p in enumerate(pieces) if not marks or (p and any(m in p for m in marks)))


def _end_of_text(model: Any, tokenizer: Any) -> frozenset[int]:
    configured = getattr(model.generation_config, "eos_token_id", None)
    ids = configured if isinstance(configured, list) else [configured]
    return frozenset(i for i in [*ids, tokenizer.eos_token_id] if i is not None)
