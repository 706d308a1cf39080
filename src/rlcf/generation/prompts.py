"""How a task is put to a model: as a text to go on with, or as a question through the model's chat template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rlcf.errors import ConfigError
from rlcf.models.batches import prompt_ids
from rlcf.models.failures import loading
from rlcf.records import Task

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


def check_room(model: Any, task_id: str, prompt: Sequence[int], max_new_tokens: int) -> None:
    """Raises `ConfigError` where a task's prompt and a completion do not fit into the model's context."""
    limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    if limit and len(prompt) + max_new_tokens > limit:
        raise ConfigError(
            f"task {task_id!r}: {len(prompt)} tokens of prompt and up to {max_new_tokens} new ones do not fit into the "
            f"model's context of {limit}: lower the limit of new tokens, or shorten the prompt or its examples"
        )
