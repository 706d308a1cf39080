"""The policy: a language model with a LoRA adapter (or trained in full), and its reference model."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import LoraLayer
from torch import Tensor

from rlcf.config import PolicyConfig
from rlcf.errors import ModelError
from rlcf.models.batches import CompletionBatch, PromptBatch
from rlcf.models.failures import loading
from rlcf.models.kind import LogProbModel, TokenLogProbs
from rlcf.models.kinds import kind_of
from rlcf.models.loading import adapter_base, let_others_read, load_adapter, load_language_model
from rlcf.storage.atomic import whole_folder

_STARTED_FROM = "started_from"
"""The name of the frozen adapter beside the one that is trained, where training goes on from an adapter."""


class Policy:
    """A language model that is trained, and the frozen model it started from.

    With LoRA the initial model is the same network with its adapter switched off, or, where training goes on from an
    adapter, with that one as it was; in full training it is a frozen copy. The reference model, which a KL penalty
    holds the policy to, is the initial one, or the policy as it was at `fix_reference`.
    """

    def __init__(self, model: Any, tokenizer: Any, source: str, trainable: bool = True) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.source = source
        self.kind = kind_of(model)
        self._has_adapter = isinstance(model, PeftModel)
        copied = trainable and not self._has_adapter
        self._frozen = copy.deepcopy(model).requires_grad_(False) if copied else None
        self.fixed_reference: dict[str, Tensor] | None = None
        """The trainable weights of the reference model; `None` where it is the initial model."""
        self._merged: Any | None = None
        self._log_prob_models: dict[int, LogProbModel] = {}

    @classmethod
    def load(cls, config: PolicyConfig, device: str | None = None) -> Policy:
        """Loads a model for training. The adapter's own weights are always float32.

        Args:
            config: where it names a LoRA adapter's folder, that adapter is trained further, and the reference model has
                it as it was; in full training it is first merged into the weights.
            device: by default the accelerator where there is one, else the CPU.

        Raises:
            ModelError: see `load_language_model`.
        """
        lora, name = config.training == "lora", config.model
        base = adapter_base(name)
        device = device or default_device()
        widen = device == "cpu" and config.dtype == "auto"
        model, tokenizer = load_language_model(base or name, base_dtype(config), widen)
        if base is not None:
            model = load_adapter(model, Path(name), _STARTED_FROM if lora else None)
            model = model if lora else model.requires_grad_(True)
        elif lora:
            model = _with_adapter(model, config)
        return cls(_on_device(model, name, device), tokenizer, name)

    @classmethod
    def load_for_sampling(cls, name: str) -> Policy:
        """Loads a model that is only sampled from, in bfloat16; see `load_language_model` for the errors."""
        device = default_device()
        model, tokenizer = load_language_model(name, torch.bfloat16, widen=device == "cpu")
        return cls(_on_device(model, name, device), tokenizer, name, trainable=False)

    @property
    def device(self) -> torch.device:
        device: torch.device = next(self.model.parameters()).device
        return device

    @property
    def hidden_size(self) -> int:
        """Width of the last hidden state."""
        return int(self.model.config.hidden_size)

    def trainable_parameters(self) -> list[torch.nn.Parameter]:
        """The adapter's weights, or all weights in full training."""
        return [p for p in self.model.parameters() if p.requires_grad]

    def fix_reference(self) -> None:
        """From now on the reference model is the policy as it is."""
        self.fixed_reference = self.trainable_state()

    @contextlib.contextmanager
    def reference(self) -> Iterator[Any]:
        """The reference model, for inference only; while it is open, the policy has its weights."""
        if self.fixed_reference is None:
            with self.initial() as model:
                yield model
            return
        present = self.trainable_state()
        self.load_trainable_state(self.fixed_reference)
        try:
            with torch.no_grad():
                yield self.model
        finally:
            self.load_trainable_state(present)

    @contextlib.contextmanager
    def initial(self) -> Iterator[Any]:
        """The model that training started from, for inference only."""
        if not self._has_adapter:
            if self._frozen is None:
                raise ModelError("this policy was loaded for sampling only: the model it started from is not kept")
            with torch.no_grad():
                yield self._frozen
        elif _STARTED_FROM not in self.model.peft_config:
            with self.model.disable_adapter(), torch.no_grad():
                yield self.model
        else:
            self.model.set_adapter(_STARTED_FROM, inference_mode=True)
            try:
                with torch.no_grad():
                    yield self.model
            finally:
                self.model.set_adapter("default")

    @torch.inference_mode(False)  # weights made in inference mode could not be written to outside it
    @torch.no_grad()
    def sampler(self) -> Any:
        """A model to sample from: the policy with its adapter merged into a copy of the weights.

        The adapter's small matrix products cost more than they compute when one token of a sample is decoded. Merged
        weights are rounded to the base's dtype, so samples come from the policy to within that rounding; training
        does not rely on more, for it recomputes their log-probabilities.
        """
        if not self._has_adapter:
            return self.model
        base = self.model.get_base_model()
        if self._merged is None:
            # It begins with random weights, which are replaced below.
            with torch.random.fork_rng(devices=[]), loading(f"a copy of {self.source!r} to sample from", "room for it"):
                self._merged = type(base)(base.config).to(self.device, base.dtype).eval().requires_grad_(False)
            plain = {n.replace(".base_layer", ""): p for n, p in base.state_dict().items() if ".lora_" not in n}
            self._merged.load_state_dict(plain)
            self._merged.generation_config = base.generation_config
        layers = dict(self._merged.named_modules())
        for name, module in base.named_modules():
            if isinstance(module, LoraLayer):
                delta = module.get_delta_weight(module.active_adapters[0])
                layers[name].weight.copy_(module.base_layer.weight.float() + delta.float())
        return self._merged

    def log_probs(
        self,
        prompts: PromptBatch,
        completions: CompletionBatch,
        *,
        temperature: float = 1.0,
        model: Any | None = None,
        with_entropy: bool = False,
    ) -> TokenLogProbs:
        """Log-probabilities of completions; differentiable unless called under `torch.no_grad`.

        Args:
            temperature: the one that the completions were sampled at; > 0.
            model: the reference model, from `reference()`; by default the policy itself.
        """
        return self._log_prob_model(model).log_probs(prompts, completions, temperature, with_entropy)

    def with_frozen_states(
        self, prompts: PromptBatch, completions: CompletionBatch
    ) -> tuple[PromptBatch, CompletionBatch]:
        """The same batches with the output of the frozen layers, where there are any: `log_probs` is faster on them.

        That output does not change in training, and is the same for the policy and the reference model.
        """
        return self._log_prob_model(None).with_frozen_states(prompts, completions)

    def _log_prob_model(self, model: Any | None) -> LogProbModel:
        plain = self.model if model is None else model
        plain = plain.get_base_model() if isinstance(plain, PeftModel) else plain
        return self._log_prob_models.setdefault(id(plain), self.kind.log_prob_model(plain))

    def save(self, folder: Path) -> None:
        """Writes the adapter (or, in full training, the model) and the tokenizer in Hugging Face format."""
        selected = {"selected_adapters": ["default"]} if self._has_adapter else {}
        with whole_folder(folder) as temporary:
            self.model.save_pretrained(temporary, **selected)
            self.tokenizer.save_pretrained(temporary)
            let_others_read(temporary)

    def trainable_state(self) -> dict[str, Tensor]:
        """Copies of the trainable weights by name: all that a checkpoint needs."""
        return {n: p.detach().clone() for n, p in self.model.named_parameters() if p.requires_grad}

    def load_trainable_state(self, state: dict[str, Tensor]) -> None:
        """Writes the weights that `trainable_state` copied back into the model.

        Raises:
            ModelError: the weights are those of another model or adapter.
        """
        own = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        if own.keys() != state.keys() or any(own[n].shape != state[n].shape for n in own):
            raise ModelError("the checkpoint's weights do not fit this model: was the recipe's policy changed?")
        with torch.no_grad():
            for name, parameter in own.items():
                parameter.copy_(state[name])


def base_dtype(config: PolicyConfig) -> torch.dtype:
    """The type that the base weights are rounded to in training."""
    if config.dtype == "auto":
        return torch.bfloat16 if config.training == "lora" else torch.float32
    return torch.bfloat16 if config.dtype == "bfloat16" else torch.float32


def _with_adapter(model: Any, config: PolicyConfig) -> Any:
    """`model` with LoRA on every linear layer of its last `lora_layers` blocks, except for the output layer."""
    targets = kind_of(model).lora_targets(model, config.lora_layers)
    adapter = LoraConfig(r=config.lora_rank, lora_alpha=config.lora_alpha, **targets)
    with loading(f"a LoRA adapter for {config.model!r}", "a model with linear layers, or policy.training = 'full'"):
        return get_peft_model(model, adapter)


def _on_device(model: Any, name: str, device: str) -> Any:
    """`model` without dropout: log-probabilities must be those that the samples were drawn from."""
    with loading(f"the model {name!r}", f"a device of type {device}"):
        return model.to(device).eval()


def default_device() -> str:
    """`cuda`, `mps` or `cpu`: the best there is."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
