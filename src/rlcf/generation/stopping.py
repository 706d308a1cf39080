"""Where a sample ends: at its program's end, or at a token with which the model ends a text or an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.generation.prompts import chat_text
from rlcf.languages.base import Language

if TYPE_CHECKING:
    from rlcf.models.policy import Policy


ProgramEnd = Callable[[str, str, str], int | None]
"""`Language.program_end`: (context, completion, suffix) → how many characters of the completion, or `None`."""


@dataclass(frozen=True, slots=True)
class StopConditions:
    """What ends a sample."""

    end_ids: frozenset[int]
    """Tokens with which the model ends the text."""
    program_end: ProgramEnd | None = None
    """`None`: the text ends with one of `end_ids` only, and is finished then."""
    closing_ids: frozenset[int] = frozenset()
    """The tokens after which `program_end` is called: those that hold a closing mark."""
    ends_with_text: bool = False
    """Whether a program may also end where its text does."""


def program_stop(policy: Policy, language: Language) -> StopConditions:
    """Stops a program of `language`: at its end, where the language has closing marks, and at the end of the text."""
    if language.end_marks is None:
        return StopConditions(_end_of_text(policy))
    marks = _tokens_with(policy, language.end_marks)
    return StopConditions(_end_of_text(policy), language.program_end, marks, language.ends_with_text)


def answer_stop(policy: Policy) -> StopConditions:
    """Stops an answer: at the end of the text, or of the message as the chat template writes it."""
    tokenizer, mark = policy.tokenizer, "the answer"
    chat = [{"role": "user", "content": "a question"}, {"role": "assistant", "content": mark}]
    after = chat_text(tokenizer, chat).rpartition(mark)[2]
    first = tokenizer(after.lstrip(), add_special_tokens=False)["input_ids"][:1]
    return StopConditions(_end_of_text(policy) | (set(first) & set(tokenizer.all_special_ids)))


def _tokens_with(policy: Policy, marks: str) -> frozenset[int]:
    """The token ids whose text holds one of `marks`; all of them when `marks` is empty."""
    tokenizer = policy.tokenizer
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    return frozenset(i for i, p in enumerate(pieces) if not marks or (p and any(m in p for m in marks)))


def _end_of_text(policy: Policy) -> frozenset[int]:
    configured = getattr(policy.model.generation_config, "eos_token_id", None)
    ids = configured if isinstance(configured, list) else [configured]
    return frozenset(i for i in [*ids, policy.tokenizer.eos_token_id] if i is not None)
