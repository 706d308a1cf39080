"""A judge that reads code: a frozen language model, which aligns the program's tokens with the reference's.

    f(y) = log d + log p(y | x) / 10        d = ( F(y, y*) − F(s, y*) ) / ( 1 − F(s, y*) ),  0.02 … 1

`F` is BERTScore's F1 (Zhang et al., 2020, arXiv 1904.09675; for code, Zhou et al., 2023, arXiv 2302.05527) of program
and reference: of precision, the mean over the program's tokens of the greatest cosine similarity with a token of the
reference, and of recall, the same with the two exchanged. A token's state is the model's after the prompt and the
program up to it. `d` is the position between the stub `s` and the reference. `log p(y | x)` is the log-probability of
the whole program after the prompt, in nats: what the model finds unlikely is more often wrong.

An accepted program earns `( d · p(y | x)^0.1 )^¼` of the range; one that reads as the reference does earns all of it.
The size needs no factor of its own: recall falls with what is missing. The constants are those at which the score
agrees best with the unit tests of MBJP (`docs/results.md`, *Judges*).

Nothing is trained, so the judge does not move while the policy does.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import Tensor

from rlcf.grounding.judge.base import Candidate, Example, Judge, Which
from rlcf.grounding.recipe import between
from rlcf.languages.base import Language
from rlcf.models.kind import TokenStates
from rlcf.models.policy import Policy
from rlcf.models.token_states import TokenReader
from rlcf.records import Task
from rlcf.storage.atomic import write_json

_NATS = 10.0
"""So many nats of log-probability count as much as a factor of e in `d`."""
_LEAST = 0.02
"""Of `d`: also a program that is further from the reference than the stub is told from others by its likelihood."""
_POWER = 0.25
"""Of the product: spreads the programs of a policy over the range, for most of them are below a tenth without it."""
_CACHED = 64
"""Tasks whose states are kept: those of the reward serve the preference too."""


class AlignedJudge(Judge):
    """See the head of this file.

    Args:
        reader: reads with the language model called `source`.
        layer: which layer's states are aligned, as a share of the model's depth.
    """

    def __init__(self, reader: TokenReader, source: str, layer: float) -> None:
        self._reader, self.source, self.layer = reader, source, layer
        self._cache: OrderedDict[tuple[str, tuple[str, ...]], list[TokenStates]] = OrderedDict()
        """Prompt and completions that were read together → their states."""

    @classmethod
    def load(cls, source: str, layer: float) -> AlignedJudge:
        """A judge with a model of its own, in bfloat16, on the accelerator where there is one.

        Raises:
            ModelError: see `load_language_model`.
        """
        policy = Policy.load_for_sampling(source)
        return cls(TokenReader(lambda: nullcontext(policy.model), policy.tokenizer, layer), source, layer)

    @classmethod
    def of_policy(cls, policy: Policy, layer: float) -> AlignedJudge:
        """A judge that reads with the model that the policy started from, which is in memory already."""
        return cls(TokenReader(policy.initial, policy.tokenizer, layer), policy.source, layer)

    def example(self, language: Language, task: Task, completion: str, trivial: bool | None = False) -> Example:
        texts = (completion, task.canonical_solution or "", language.stub(task))
        program, reference, stub = ("" if text is None else language.written_code(task, text) for text in texts)
        return Example(task.prompt, program, reference, stub, bool(trivial))

    def rewards(self, candidates: Sequence[Candidate], trivial_reward: float) -> list[float | None]:
        shares = self._shares([c.example for c in candidates], "program")
        return [
            trivial_reward if c.example.trivial else between(trivial_reward, share)
            for c, share in zip(candidates, shares, strict=True)
        ]

    def preference(self, examples: Sequence[Example], which: Which = "program") -> Tensor:
        """The share less 1: never above 0, for nothing is nearer to the reference than itself."""
        return torch.tensor(self._shares(examples, which)) - 1

    def _shares(self, examples: Sequence[Example], which: Which) -> list[float]:
        """What each program earns of the range from the stub to the reference."""
        texts = [(getattr(e, which), e.reference, e.stub) for e in examples]
        differ = [(e.prompt, three) for e, three in zip(examples, texts, strict=True) if three[0] != three[1]]
        read = self._read((prompt, text) for prompt, three in differ for text in three)
        return [
            1.0 if three[0] == three[1] else min(1.0, math.exp(_POWER * _value(*(read[e.prompt, t] for t in three))))
            for e, three in zip(examples, texts, strict=True)
        ]

    def _read(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], TokenStates]:
        """The states of completions, each with its prompt. All that is asked for of a prompt is read together.

        What is cached are the states of just these completions, so that a resumed run, which has none, gets the same.
        """
        together: dict[str, set[str]] = {}
        for prompt, text in wanted:
            together.setdefault(prompt, set()).add(text)
        found: dict[tuple[str, str], TokenStates] = {}
        keys = [(prompt, tuple(sorted(texts))) for prompt, texts in together.items()]
        new = [key for key in keys if key not in self._cache]
        self._cache.update(zip(new, self._reader.read_all(new), strict=True))
        for key in keys:
            prompt = key[0]
            self._cache.move_to_end(key)
            found |= {(prompt, text): states for text, states in zip(key[1], self._cache[key], strict=True)}
        while len(self._cache) > max(_CACHED, len(together)):
            self._cache.popitem(last=False)
        return found

    def save(self, folder: Path) -> None:
        write_json(folder / "judge.json", {"name": "aligned", "source": self.source, "layer": self.layer})


def _value(program: TokenStates, reference: TokenStates, stub: TokenStates) -> float:
    lowest = min(_f1(stub, reference), 0.99)
    d = (_f1(program, reference) - lowest) / (1 - lowest)
    return math.log(min(1.0, max(_LEAST, d))) + float(program.log_probs.sum()) / _NATS


def _f1(one: TokenStates, other: TokenStates) -> float:
    similarities = one.states.float() @ other.states.float().T  # (T, T*) cosines
    precision, recall = (float(similarities.amax(axis).mean()) for axis in (1, 0))
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
