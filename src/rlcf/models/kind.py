"""What a kind of language model is: how it is shown a prompt, read, and continued.

All that differs between decoder-only and encoder-decoder models is behind these classes. `rlcf.models.kinds` decides
which kind a model is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from rlcf.models.batches import CompletionBatch, PromptBatch


@dataclass(frozen=True, slots=True)
class TokenLogProbs:
    """What the model predicts at each completion token, at the temperature given."""

    log_probs: Tensor
    """(B, T) log-probability of each token, in nats; 0 at padding."""
    entropy: Tensor | None
    """(B, T) entropy of the distribution that each token is drawn from, in nats; 0 at padding, or `None`."""
    hidden: Tensor
    """(B, T, H) last hidden state that each token was predicted from, in float32, detached."""


@dataclass(frozen=True, slots=True)
class TokenStates:
    """One completion as a model reads it."""

    states: Tensor
    """(T, H) hidden states of the layer asked for, as unit vectors, on the CPU."""
    log_probs: Tensor
    """(T,) log-probability of each token after the prompt and the tokens before it, in nats, on the CPU."""


@dataclass(frozen=True, slots=True)
class InfillTokens:
    """The tokens of a model that is shown what follows the completion as well."""

    end: int | None
    """Ends a completion in training data; `None` where the tokenizer has nothing for it."""
    end_ids: frozenset[int]
    """All tokens that end a completion. The marks of the parts are among them: none belongs in a completion."""


@dataclass(frozen=True, slots=True)
class SpanTokens(InfillTokens):
    """The tokens of a model that was trained to fill gaps in a text (span infilling)."""

    gap: int
    """Stands for the gap in the text, and begins what the model writes for it."""
    opening: tuple[int, ...]
    """With which the tokenizer begins each text."""
    closing: tuple[int, ...]
    """With which it ends each text, and what the model's own text begins with."""

    def prompt_ids(self, before: Sequence[int], after: Sequence[int] = ()) -> list[int]:
        """The prompt of a text with a gap between the tokens `before` and `after`."""
        return [*self.opening, *before, self.gap, *after, *self.closing, self.gap]


class LogProbModel(ABC):
    """The log-probability that one model gives to each token of completions that are already there."""

    @abstractmethod
    def with_frozen_states(
        self, prompts: PromptBatch, completions: CompletionBatch
    ) -> tuple[PromptBatch, CompletionBatch]:
        """See `Policy.with_frozen_states`."""

    @abstractmethod
    def log_probs(
        self, prompts: PromptBatch, completions: CompletionBatch, temperature: float, with_entropy: bool
    ) -> TokenLogProbs:
        """See `Policy.log_probs`."""


class Continuation(ABC):
    """Samples of one batch, each one token longer after every step. Axes: B samples that have not ended."""

    logits: Tensor
    """(B, V) for the next token of each sample."""

    @abstractmethod
    def keep(self, places: Tensor) -> None:
        """Goes on with the samples at `places` only, in that order. Read `logits` after the next step only."""

    @abstractmethod
    def step(self, tokens: Tensor) -> None:
        """Appends one token (B,) to each sample."""


class StateReader(ABC):
    """Reads completions of one prompt: a hidden state and the log-probability of each token."""

    @abstractmethod
    def read(
        self, model: Any, shown: Sequence[int], written: Sequence[Sequence[int]], layer: float
    ) -> list[TokenStates]:
        """The states of completions; neither `shown` nor any of `written` is empty.

        Args:
            layer: which layer's states, as a share of the depth, from 0 (the embeddings) to 1 (the last layer).
        """

    def read_all(
        self, model: Any, asked: Sequence[tuple[Sequence[int], Sequence[Sequence[int]]]], layer: float
    ) -> list[list[TokenStates]]:
        """`read` for each of several prompts, given with their completions."""
        return [self.read(model, shown, written, layer) for shown, written in asked]


class ModelKind(ABC):
    """One kind of model. Prompts are token ids: all that the model is given before it writes."""

    @property
    @abstractmethod
    def marks_parts(self) -> bool:
        """Whether such models read prefix and suffix in one text with marks (fill-in-the-middle)."""

    @property
    @abstractmethod
    def start_ids(self) -> tuple[int, ...]:
        """What stands between the tokens of a question and those of the answer."""

    @abstractmethod
    def prompt_ids(self, tokenizer: Any, prompt: str) -> list[int]:
        """The tokens of a prompt without its trailing white space, which the model writes itself."""

    @abstractmethod
    def completion_ids(self, tokenizer: Any, prompt: str, text: str) -> list[int]:
        """The tokens of a text that follows a prompt, as a model that is shown `prompt_ids` would write them."""

    def span_tokens(self, tokenizer: Any) -> SpanTokens | None:  # noqa: ARG002
        """Those of a model that fills gaps, if its tokenizer has them; `None` for all others."""
        return None

    @abstractmethod
    def read_ids(self, tokenizer: Any, prompt: str, texts: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """The tokens of a prompt and of completions of it, for a model that only reads them."""

    @abstractmethod
    def log_prob_model(self, model: Any) -> LogProbModel:
        """Reads with `model`, which may have adapter layers in it."""

    @abstractmethod
    def continuation(self, model: Any, prompts: PromptBatch, prompt_index: Tensor, limit: int) -> Continuation:
        """Starts one sample for each element of `prompt_index` (B,), which says which prompt it follows.

        Args:
            limit: the most tokens that a sample gets.
        """

    @abstractmethod
    def state_reader(self, tokenizer: Any) -> StateReader:
        """Reads with any model of this kind; one for each model."""

    @abstractmethod
    def lora_targets(self, model: Any, layers: int | None) -> dict[str, Any]:
        """The arguments of peft's `LoraConfig` for every linear layer of the last `layers` blocks; `None`: of all."""
