"""Finding and loading models: a Hugging Face id, a folder, a GGUF file, or one of the built-in names.

GGUF files are converted once to the Hugging Face format and kept in the cache folder: reading one takes many times
longer than reading the converted folder, and transformers refuses to save a model that still bears GGUF's
quantisation marks.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from rlcf.errors import DataError, ModelError, ModelTooLarge
from rlcf.models.attention import GROUPED
from rlcf.models.builtin import BUILTIN_MODELS, quiet_transformers, resolve_model
from rlcf.models.memory import is_out_of_memory
from rlcf.storage.atomic import whole_folder
from rlcf.storage.cache import cache_folder
from rlcf.storage.jsonl import read_json


@dataclass(slots=True)
class LoadedModel:
    """A causal language model and its tokenizer, which has a padding token."""

    model: Any
    tokenizer: Any
    source: str


def load_causal_lm(name: str, dtype: torch.dtype = torch.float32) -> LoadedModel:
    """Loads a causal language model for inference or training.

    Args:
        name: a Hugging Face id, a folder, a `.gguf` file, or a name in `BUILTIN_MODELS`.
        dtype: of the weights in memory.

    Raises:
        ModelError: there is no such model, or it is no causal language model; one line says what to do.
        ModelTooLarge: it does not fit into memory.
    """
    quiet_transformers()
    source = resolve_model(name, BUILTIN_MODELS)
    if source.endswith(".gguf"):
        source = str(convert_gguf(Path(source)))
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, attn_implementation=_attention())
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise ModelTooLarge(f"the model {name!r} does not fit into memory: take a smaller one") from error
        raise ModelError(_why(name, error)) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return LoadedModel(model, tokenizer, name)


def adapter_base(name: str) -> str | None:
    """The model that the LoRA adapter in the folder `name` belongs to; `None` where it holds no adapter.

    Raises:
        ModelError: the adapter's description cannot be read, or its model is a folder that is not here.
    """
    described = Path(name) / "adapter_config.json"
    if not described.is_file():
        return None
    try:
        base = str(read_json(described)["base_model_name_or_path"])
    except DataError as error:
        raise ModelError(str(error)) from error
    except KeyError as error:
        raise ModelError(f"{described} names no base_model_name_or_path: is it an adapter that peft saved?") from error
    if Path(base).is_absolute() and not Path(base).exists():
        raise ModelError(
            f"the adapter {name} belongs to {base}, which is not here: load that model once, or edit the file"
        )
    return base


def load_adapter(model: Any, folder: Path, frozen_copy: str | None) -> Any:
    """`model` with the adapter in `folder`: to be trained, beside a frozen copy of that name; or merged, without.

    Raises:
        ModelError: the folder holds no LoRA adapter for this model.
    """
    try:
        adapted = PeftModel.from_pretrained(model, folder, is_trainable=frozen_copy is not None)
        if frozen_copy is None:
            return adapted.merge_and_unload()
        adapted.load_adapter(folder, frozen_copy, is_trainable=False)
        adapted.set_adapter("default")
        return adapted
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(_why(str(folder), error)) from error


def _attention() -> str | None:
    """Ours on the CPU; on an accelerator the model's own choice."""
    return None if torch.cuda.is_available() else GROUPED


def convert_gguf(path: Path) -> Path:
    """The folder with `path` in Hugging Face format, converted on first use (about 20 s for 135 M parameters).

    Raises:
        ModelError: the file is missing or is no GGUF model that transformers can read.
        StorageError: the cache folder cannot be written.
    """
    if not path.is_file():
        raise ModelError(f"no such GGUF file: {path}")
    target = cache_folder() / "models" / f"{path.stem}-{_file_key(path)}"
    if target.is_dir():
        return target
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar heeds no setting
            tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
            marked = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
        config = marked.config
        del config.quantization_config
        clean = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        clean.load_state_dict(marked.state_dict())
        clean.tie_weights()
        with whole_folder(target, replace=False) as folder:  # another process may be faster
            clean.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise ModelError(_why(str(path), error)) from error
    return target


def _file_key(path: Path) -> str:
    """Changes with the file's head, size and the library that converts it; reads 1 MiB, not the whole file."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    text = f"{path.stat().st_size} {transformers.__version__}"
    return hashlib.sha256(head + text.encode()).hexdigest()[:12]


def _why(name: str, error: Exception) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return (
        f"cannot load the model {name!r}: {reason} "
        "(expected a Hugging Face id, a folder with config.json, a .gguf file, or builtin:smollm2-135m)"
    )
