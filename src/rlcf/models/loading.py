"""Finding and loading models: a Hugging Face id, a folder, a GGUF file, or one of the built-in names.

GGUF files are converted once to the Hugging Face format and kept in the cache folder: reading one takes many times
longer than reading the converted folder, and transformers refuses to save a model that still bears GGUF's
quantisation marks.
"""

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from rlcf.errors import DataError, ModelError
from rlcf.models.attention import GROUPED
from rlcf.models.builtin import BUILTIN_MODELS, conversion_folder, quiet_transformers, resolve_model
from rlcf.models.failures import loading
from rlcf.models.kinds import auto_class
from rlcf.models.precision import widen_where_faster
from rlcf.storage.atomic import whole_folder
from rlcf.storage.jsonl import read_json

_TOKENIZER_FILES = ("tokenizer*", "vocab*", "*.model", "merges.txt")
_EXPECTED = "a Hugging Face id, a folder with config.json, a .gguf file, or builtin:smollm2-135m"


def load_language_model(name: str, dtype: torch.dtype = torch.float32, widen: bool = False) -> tuple[Any, Any]:
    """A language model that rlcf can train, and its tokenizer, which has a padding token.

    Args:
        name: a Hugging Face id, a folder, a `.gguf` file, or a name in `BUILTIN_MODELS`. The adapter in an adapter's
            folder is merged into its model.
        dtype: that the weights are rounded to.
        widen: where the CPU is slow at `dtype`, compute in float32 (`rlcf.models.precision`).

    Raises:
        ModelError: there is no such model, it is damaged, of a kind that rlcf does not know (`rlcf.models.kinds`), has
            no tokenizer, or needs code of its own.
        ModelTooLarge: it does not fit into memory.
    """
    quiet_transformers()
    base = adapter_base(name)
    if base is not None:
        model, tokenizer = load_language_model(base, dtype, widen)
        return load_adapter(model, Path(name), None), tokenizer
    source = _source(name)
    with loading(f"the model {name!r}", _EXPECTED):
        config = AutoConfig.from_pretrained(source, trust_remote_code=False)
        of_kind = auto_class(name, config)
        tokenizer = _tokenizer(name, source)
        attention = None if torch.cuda.is_available() else GROUPED  # an accelerator has better ones
        options = {"dtype": dtype, "attn_implementation": attention, "output_loading_info": True}
        model, found = of_kind.from_pretrained(source, trust_remote_code=False, **options)
        model = widen_where_faster(model) if widen else model
    missing = found["missing_keys"]
    if missing:  # transformers would go on with random weights in their place
        raise ModelError(
            f"the model {name!r} lacks {len(missing)} weights, such as {min(missing)}: is it a language model?"
        )
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    if tokenizer.pad_token is None:
        raise ModelError(f"the tokenizer of {name!r} has no end-of-text token: samples of it would never end")
    return model, tokenizer


def load_tokenizer(name: str) -> Any:
    """The tokenizer of a model; `name` as for `load_language_model`, and the same errors."""
    quiet_transformers()
    base = adapter_base(name)
    if base is not None:
        return load_tokenizer(base)
    with loading(f"the tokenizer of {name!r}", _EXPECTED):
        return _tokenizer(name, _source(name))


def _tokenizer(name: str, source: str) -> Any:
    """transformers makes an empty tokenizer where a folder holds none, of the kind that the model is known to have."""
    folder = Path(source)
    if folder.is_dir() and not any(any(folder.glob(pattern)) for pattern in _TOKENIZER_FILES):
        raise ModelError(f"the folder of the model {name!r} has no tokenizer: copy that of its base model into it")
    return AutoTokenizer.from_pretrained(source, trust_remote_code=False)


def _source(name: str) -> str:
    """The id or folder that transformers reads."""
    source = resolve_model(name, BUILTIN_MODELS)
    return str(convert_gguf(Path(source))) if source.endswith(".gguf") else source


def adapter_base(name: str) -> str | None:
    """The model that the LoRA adapter in the folder `name` belongs to; `None` where it holds no adapter.

    Raises:
        ModelError: the adapter's description cannot be read, or its model is a folder that is not here.
    """
    described = Path(name) / "adapter_config.json"
    if not described.is_file():
        return None
    try:
        base = read_json(described).get("base_model_name_or_path")
    except DataError as error:
        raise ModelError(str(error)) from error
    if not isinstance(base, str):
        raise ModelError(f"{described} names no base_model_name_or_path: is it an adapter that peft saved?")
    if (Path(base) / described.name).is_file():
        raise ModelError(f"the adapter {name} belongs to {base}, which is an adapter itself: expected a whole model")
    if Path(base).is_absolute() and not Path(base).exists():
        if (builtin := _converted_from(Path(base))) is not None:
            return builtin
        raise ModelError(f"the adapter {name} belongs to {base}, which is not here: load that model, or edit the file")
    return base


def _converted_from(folder: Path) -> str | None:
    """The built-in model that another machine's cache has in this folder (`conversion_folder`); `None` for others."""
    stem = folder.name.rpartition("-")[0]
    return next((name for name, (_, inside) in BUILTIN_MODELS.items() if Path(inside).stem == stem), None)


def load_adapter(model: Any, folder: Path, frozen_copy: str | None) -> Any:
    """`model` with the adapter in `folder`: to be trained, beside a frozen copy of that name; or merged, without.

    Raises:
        ModelError: the folder holds no LoRA adapter for this model.
    """
    expected = "a folder with a LoRA adapter for its model"
    with loading(f"the adapter {str(folder)!r}", expected), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # but for this one, where peft would go on without a part of the adapter:
        warnings.filterwarnings("error", message=".*missing adapter keys")
        adapted = PeftModel.from_pretrained(model, folder, is_trainable=frozen_copy is not None)
        if frozen_copy is None:
            return adapted.merge_and_unload()
        _require_plain(folder, adapted.peft_config["default"])
        adapted.load_adapter(folder, frozen_copy, is_trainable=False)
        adapted.set_adapter("default")
        return adapted


def _require_plain(folder: Path, config: Any) -> None:
    """Refuses to train an adapter on that is more than the two matrices of each layer: samples would lack the rest."""
    more = {"use_dora": config.use_dora, "bias": config.bias != "none", "modules_to_save": config.modules_to_save}
    if found := [name for name, value in more.items() if value]:
        raise ModelError(
            f"the adapter {folder} has {' and '.join(found)}, with which it cannot be trained on: "
            'use policy.training = "full", which merges it first'
        )


def let_others_read(folder: Path) -> None:
    """Gives the weights in `folder` the mode of the files beside them: safetensors keeps them from everyone else."""
    for weights in folder.glob("*.safetensors"):
        weights.chmod((folder / "tokenizer_config.json").stat().st_mode)


def convert_gguf(path: Path) -> Path:
    """The folder with `path` in Hugging Face format, converted on first use (about 20 s for 135 M parameters).

    Raises:
        ModelError: the file is missing or is no GGUF model that transformers can read.
        StorageError: the cache folder cannot be written.
    """
    if not path.is_file():
        raise ModelError(f"no such GGUF file: {path}")
    target = conversion_folder(path)
    if target.is_dir():
        return target
    # What goes to stderr is a progress bar that heeds no setting.
    with loading(f"the model {str(path)!r}", "a GGUF file"), contextlib.redirect_stderr(io.StringIO()):
        given = {"gguf_file": path.name, "trust_remote_code": False}
        tokenizer = AutoTokenizer.from_pretrained(path.parent, **given)
        quantised = AutoModelForCausalLM.from_pretrained(path.parent, **given, dtype=torch.float32)
        del quantised.config.quantization_config
        clean = AutoModelForCausalLM.from_config(quantised.config, dtype=torch.float32)
        clean.load_state_dict(quantised.state_dict())
        clean.tie_weights()
    with whole_folder(target, replace=False) as folder:  # another process may be faster
        clean.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        let_others_read(folder)
    return target
