"""How many tokens a text has for a model. Where the model's folder says it, without importing torch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from rlcf.models.builtin import BUILTIN_MODELS, conversion_folder, resolve_model

_LINES = 100_000
"""Single lines whose numbers are remembered: prompts of methods of one file share most of theirs."""


def token_counter(model: str) -> Callable[[str], int]:
    """Counts the tokens of texts, without the tokens that only begin or end a text.

    Args:
        model: a Hugging Face id, a folder, a `.gguf` file, or a name in `BUILTIN_MODELS`.

    Raises:
        ModelError: there is no such model, or it has no tokenizer.
    """
    file = _tokenizer_file(model)
    count = _by_transformers(model) if file is None else _by_file(file) or _by_transformers(model)
    of_line = functools.lru_cache(maxsize=_LINES)(count)
    return lambda text: of_line(text) if "\n" not in text[:-1] else count(text)


def _tokenizer_file(model: str) -> Path | None:
    """The `tokenizer.json` of a folder with a whole model, or of a GGUF file that was converted already."""
    folder = Path(resolve_model(model, BUILTIN_MODELS))
    if folder.suffix == ".gguf" and folder.is_file():
        folder = conversion_folder(folder)
    file = folder / "tokenizer.json"
    return file if file.is_file() and not (folder / "adapter_config.json").exists() else None


def _by_file(file: Path) -> Callable[[str], int] | None:
    """`None` where the file is damaged."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception:
        return None
    tokenizer.no_truncation()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def _by_transformers(model: str) -> Callable[[str], int]:
    from rlcf.models.loading import load_tokenizer

    tokenizer = load_tokenizer(model)
    return lambda text: len(tokenizer(text, add_special_tokens=False)["input_ids"])
