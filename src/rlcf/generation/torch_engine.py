"""The engine in this process: the policy itself, through PyTorch. Training and evaluation both sample with it."""

from collections.abc import Callable, Sequence
from typing import Any

from rlcf.errors import ModelTooLarge
from rlcf.generation.decoding import decode
from rlcf.generation.engine import Engine, Progress, Request, Sample, SamplingParams, batch_ends
from rlcf.generation.stopping import StopConditions
from rlcf.models.failures import free_memory, is_out_of_memory
from rlcf.models.packing import packed_weights
from rlcf.models.policy import Policy


class TorchEngine(Engine):
    """Samples from a policy, in batches as large as fit into memory.

    Where `Policy.sampler` gives the model that is trained, samples come from its present weights also without `sync`.

    Args:
        on_warning: called with one line for people when a batch did not fit into memory.
    """

    def __init__(self, policy: Policy, on_warning: Callable[[str], None] = lambda _: None) -> None:
        self.policy = policy
        self.on_warning = on_warning
        self._model: Any | None = None
        self._fits: int | None = None
        """The batch size that memory allows; `None` until it ran out."""

    def sync(self, policy: Policy) -> None:
        """See `Engine.sync`."""
        self.policy, self._model = policy, policy.sampler()

    def generate(
        self,
        requests: Sequence[Request],
        params: SamplingParams,
        stop: StopConditions,
        on_progress: Progress = lambda *_: None,
    ) -> list[Sample]:
        """See `Engine.generate`."""
        if self._model is None:
            self.sync(self.policy)
        samples: list[Sample] = []

        def report(ended: int, tokens: int) -> None:
            on_progress(len(samples) + ended, tokens)

        with packed_weights(self._model):
            while len(samples) < len(requests):
                rest = requests[len(samples) :]
                batch = rest[: next(batch_ends(rest, min(params.batch_size, self._fits or params.batch_size)))]
                try:
                    policy = self.policy
                    samples += decode(self._model, policy.tokenizer, policy.kind, batch, params, stop, report)
                    on_progress(len(samples), 0)
                    continue
                except (RuntimeError, MemoryError) as error:
                    if not is_out_of_memory(error):
                        raise
                free_memory()
                self._halve(batch, params)
        return samples

    def _halve(self, batch: Sequence[Request], params: SamplingParams) -> None:
        longest = max(batch, key=lambda request: len(request.prompt_ids))
        if len(batch) == 1:
            raise ModelTooLarge(
                f"out of memory with a single completion of {longest.id!r} ({len(longest.prompt_ids)} tokens of "
                f"prompt, up to {params.max_new_tokens} new ones): lower max_new_tokens or choose a smaller model"
            )
        self._fits = (len(batch) + 1) // 2
        self.on_warning(f"out of memory with {len(batch)} completions at a time: continuing with {self._fits}")
