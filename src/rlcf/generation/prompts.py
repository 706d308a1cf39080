"""How a task is put to a model: as a text to go on with, with what follows it, or as a question in a chat."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlcf.config.recipe import FimMode
from rlcf.errors import ConfigError
from rlcf.generation.fim import fim_ids, fim_tokens, first_lines, gap_ids
from rlcf.generation.question import question
from rlcf.languages.registry import spoken_name
from rlcf.models.batches import inner_ids, trailing_space
from rlcf.models.causal import CAUSAL
from rlcf.models.failures import loading
from rlcf.models.kind import InfillTokens, ModelKind
from rlcf.records import Task
from rlcf.tasks.mining.keys import after_keys
from rlcf.tasks.mining.prompts import tail


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is shown."""

    ids: tuple[int, ...]
    """Tokens, at least one."""
    fim: InfillTokens | None = None
    """Of a prompt that asks for the middle of a text, or for what fills a gap in it."""
    kind: ModelKind = CAUSAL
    """Of the model that it is for."""

    @property
    def end_ids(self) -> frozenset[int]:
        """The tokens with which a model ends what it writes here, beside those that end a text."""
        return self.fim.end_ids if self.fim else frozenset()


@dataclass(frozen=True, slots=True)
class Prompting:
    """How a task is put to the model."""

    examples: str = ""
    """Solved examples, as source text, that the model reads before each prompt (few-shot): an empty line is between
    them, as in a file of several programs."""
    chat: bool = False
    """Ask for the program through the model's chat template, and extract it from the answer."""
    fim: FimMode = "auto"
    """`auto`: show what follows the completion where there is such a text, and the tokenizer has the tokens for it. Not
    with `examples`, nor with `chat`. An encoder-decoder with these tokens is asked to fill a gap also where nothing
    follows, for that is what it was trained on."""
    kind: ModelKind = CAUSAL
    """Of the model: `Policy.kind`."""

    def prompt(self, tokenizer: Any, task: Task) -> Prompt:
        """What the model is shown for `task`; see `question_ids` for the errors."""
        if self.chat:
            return self._of([*question_ids(tokenizer, task.prompt, spoken_name(task.language)), *self.kind.start_ids])
        shown, after = task.prompt, task.suffix
        if self.examples.strip():
            shown, after = f"{self.examples.rstrip()}\n\n{task.prompt.lstrip()}", ""
        return self._infilling(tokenizer, shown, after) or self._of(self.kind.prompt_ids(tokenizer, shown))

    def _infilling(self, tokenizer: Any, before: str, after: str) -> Prompt | None:
        """The prompt that shows what follows too; `None` where the model is to go on with the text before."""
        if self.fim == "off":
            return None
        if spans := self.kind.span_tokens(tokenizer):
            return self._of(gap_ids(tokenizer, spans, before, first_lines(tokenizer, after)), spans)
        marks = fim_tokens(tokenizer) if after and self.kind.marks_parts else None
        if marks and (after := first_lines(tokenizer, after)):
            return self._of(fim_ids(tokenizer, marks, before, after), marks)
        return None

    def _of(self, ids: Sequence[int], tokens: InfillTokens | None = None) -> Prompt:
        return Prompt(tuple(ids), tokens, self.kind)


def editor_prompt(tokenizer: Any, before: str, after: str, context_tokens: int = 512, fim: FimMode = "auto") -> Prompt:
    """What a decoder-only model that was trained on tasks of `rlcf tasks mine` expects at a cursor.

    Args:
        before: the text before the cursor. Its trailing white space is not shown: the model writes it again.
        after: the text after the cursor.
        context_tokens: how much of `before` is shown, as in `rlcf tasks mine`: of what stands after the last text that
            looks like a key, the last whole lines that have no more tokens than this. What follows the cursor comes on
            top, up to the next such text, with `SUFFIX_TOKENS` at most.
        fim: `policy.fim` of the model's recipe.
    """
    before = before[after_keys(before, len(before)) :]
    shown = tail(before, context_tokens, lambda text: len(tokenizer(text, add_special_tokens=False)["input_ids"]))
    return Prompting(fim=fim).prompt(tokenizer, Task("", shown, suffix=after))


def completion_ids(tokenizer: Any, task: Task, prompt: Prompt, text: str, ends: bool) -> list[int]:
    """The tokens of a completion of `task`, as a model that is shown `prompt` would write them.

    Args:
        ends: the token with which the model ends a completion follows.
    """
    if prompt.fim is None:
        ids, end = prompt.kind.completion_ids(tokenizer, task.prompt, text), tokenizer.eos_token_id
    else:
        ids, end = inner_ids(tokenizer, trailing_space(task.prompt) + text), prompt.fim.end
    return [*ids, end] if ends and end is not None else ids


def question_ids(tokenizer: Any, prompt: str, language: str) -> list[int]:
    """The tokens of a chat in which the user asks for the program that `prompt` begins, up to where the model answers.

    Raises:
        ConfigError: the tokenizer has no chat template.
        ModelError: its template fails.
    """
    if not tokenizer.chat_template:
        raise ConfigError(f"the tokenizer of {tokenizer.name_or_path} has no chat template: leave out --chat")
    asked = {"role": "user", "content": question(prompt, language)}
    text = chat_text(tokenizer, [asked], add_generation_prompt=True)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]  # the template has written them
    return ids


def chat_text(tokenizer: Any, messages: list[dict[str, str]], **options: bool) -> str:
    """The text that the chat template makes of `messages`; see `question_ids` for the errors."""
    with loading(f"the chat template of {tokenizer.name_or_path}", "one for a question and its answer"):
        return str(tokenizer.apply_chat_template(messages, tokenize=False, **options))


def fit_prompts(
    model: Any, tokenizer: Any, tasks: Sequence[Task], max_new_tokens: int, prompting: Prompting | None = None
) -> tuple[list[Task], int]:
    """The tasks with prompts that leave room for a completion, and how many had to be cut.

    Of a prompt that is too long the last whole lines are shown. What the compiler sees stays the same. A prompt of
    which no whole line fits, and a question to a chat model, are left as they are: `check_room` refuses them.
    """
    prompting, limit = prompting or Prompting(), _context(model)
    if limit is None or prompting.chat:
        return list(tasks), 0
    room, kind = limit - max_new_tokens, prompting.kind
    fitted, cut = [], 0
    for task in tasks:
        shown, length = task.prompt, len(prompting.prompt(tokenizer, task).ids)
        if length > room:
            around = length - len(kind.prompt_ids(tokenizer, task.prompt))  # the examples before it, or what follows it
            shown = tail(task.prompt, room - around, lambda text: len(kind.prompt_ids(tokenizer, text))) or task.prompt
        cut += shown is not task.prompt
        fitted.append(task if shown is task.prompt else replace(task, prompt=shown, prefix=task.context))
    return fitted, cut


def cut_note(cut: int) -> str:
    """What to tell a person of prompts that `fit_prompts` cut."""
    return f"prompts that are too long for the model's context, of which it is shown the last lines: {cut}"


def _context(model: Any) -> int | None:
    """The longest sequence of a model, in tokens; `None` where it does not say."""
    limit: int | None = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return limit


def check_room(model: Any, task_id: str, prompt: Sequence[int], max_new_tokens: int) -> None:
    """Raises `ConfigError` where a task's prompt and a completion do not fit into the model's context."""
    limit = _context(model)
    if limit and len(prompt) + max_new_tokens > limit:
        raise ConfigError(
            f"task {task_id!r}: {len(prompt)} tokens of prompt and up to {max_new_tokens} new ones do not fit into the "
            f"model's context of {limit}: lower the limit of new tokens, or shorten the prompt or its examples"
        )
