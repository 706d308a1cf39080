"""How MathQA's tasks are written in a language: `java.toml` and the files beside it."""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from rlcf.errors import UserError, unknown
from rlcf.tasks.mathqa.operations import OPERATIONS, SPELLINGS, constant

_FOLDER = resources.files("rlcf.tasks") / "mathqa"


@dataclass(frozen=True, slots=True)
class Notation:
    """A language's file, field by field."""

    language: str
    value: str
    """The line that names the value of an expression."""
    answer: str
    """The line that returns the value of the last one."""
    body: str
    """What a person writes after the prompt: the `lines`, and the `helpers` that they need."""
    escapes: Mapping[str, str]
    """What stands in a comment in place of other text."""
    helpers: Mapping[str, str]
    """Part of an expression → the function or import that it needs."""
    templates: Mapping[str, str]
    """The prompt, and the test of an answer."""
    operations: Mapping[str, str] = field(default_factory=dict)
    """Operations that are not written as in `operations.toml`."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Parts of `operations.toml` that are written in another way."""

    def expression(self, operation: str, arguments: Sequence[str]) -> str:
        """An operation of the arguments, which are names or literals."""
        own = self.operations.get(SPELLINGS.get(operation, operation))
        return (own or self._word(OPERATIONS[operation])).format(*arguments)

    def argument(self, name: str) -> str:
        """A formula's `n1`, `#0` or `const_100`."""
        known = constant(name)
        return name.replace("#", "t") if known is None else self._word(known[0])

    def prompt(self, text: str) -> str:
        """The text as the comment of a function without parameters."""
        for found, written in self.escapes.items():
            text = text.replace(found, written)
        return self.templates["prompt"].format(text=text)

    def test(self, value: float) -> str:
        """Whether the answer is this value."""
        return self.templates["test"].format(value=value)

    def _word(self, expression: str) -> str:
        for found, written in self.words.items():
            expression = expression.replace(found, written)
        return expression


def notation_names() -> list[str]:
    """The languages in which MathQA's tasks can be written."""
    names = (file.name for file in _FOLDER.iterdir() if file.name.endswith(".toml"))
    return sorted(name.removesuffix(".toml") for name in names if name != "operations.toml")


@functools.cache
def notation(language: str) -> Notation:
    """That of a language.

    Raises:
        UserError: there is none; the message lists those there are.
    """
    if language not in notation_names():
        raise UserError(unknown("language of MathQA tasks", language, notation_names()))
    return Notation(language, **tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
