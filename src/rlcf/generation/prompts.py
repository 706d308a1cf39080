"""How a task is put to a model: as a text to go on with, or as a question through the model's chat template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlcf.errors import ConfigError
from rlcf.models.batches import prompt_ids
from rlcf.models.failures import loading
from rlcf.records import Task
from rlcf.tasks.mining.prompts import tail

_QUESTION = """\
Complete this {language} program. Answer with the complete program in one code block, and with nothing else.

```{language}
{prompt}
```"""


@dataclass(frozen=True, slots=True)
class Prompting:
    """How a task is put to the model."""

    examples: str = ""
    """Solved examples, as source text, that the model reads before each prompt (few-shot): an empty line is between
    them, as in a file of several programs."""
    chat: bool = False
    """Ask for the program through the model's chat template, and extract it from the answer."""

    def ids(self, tokenizer: Any, task: Task) -> tuple[int, ...]:
        """The tokens that the model is shown for `task`; see `question_ids` for the errors."""
        if self.chat:
            return tuple(question_ids(tokenizer, task.prompt, task.language))
        shown = f"{self.examples.rstrip()}\n\n{task.prompt.lstrip()}" if self.examples.strip() else task.prompt
        return tuple(prompt_ids(tokenizer, shown))


def question_ids(tokenizer: Any, prompt: str, language: str) -> list[int]:
    """The tokens of a chat in which the user asks for the program that `prompt` begins, up to where the model answers.

    Raises:
        ConfigError: the tokenizer has no chat template.
        ModelError: its template fails.
    """
    if not tokenizer.chat_template:
        raise ConfigError(f"the tokenizer of {tokenizer.name_or_path} has no chat template: leave out --chat")
    question = {"role": "user", "content": _QUESTION.format(language=language, prompt=prompt.rstrip())}
    text = chat_text(tokenizer, [question], add_generation_prompt=True)
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
    room = limit - max_new_tokens
    fitted, cut = [], 0
    for task in tasks:
        shown, length = task.prompt, len(prompting.ids(tokenizer, task))
        if length > room:
            around = length - len(prompt_ids(tokenizer, task.prompt))  # the examples before it
            shown = tail(task.prompt, room - around, lambda text: len(prompt_ids(tokenizer, text))) or task.prompt
        cut += shown is not task.prompt
        fitted.append(task if shown is task.prompt else replace(task, prompt=shown, prefix=task.context))
    return fitted, cut


def cut_note(cut: int) -> str:
    """What to tell a person of prompts that `fit_prompts` cut."""
    return f"{cut} prompts are too long for the model's context: it is shown their last lines"


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
