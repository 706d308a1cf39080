"""Where a model comes from: its id on Hugging Face, and its licence, as far as this machine knows them."""

import re
from pathlib import Path

from huggingface_hub import metadata_load, try_to_load_from_cache

from rlcf.models.builtin import BUILTIN_MODELS, BUILTIN_ORIGINS, conversion_folder, packaged_path

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def hub_id(name: str) -> str | None:
    """The id on Hugging Face of a model, or of what a built-in model was made from; `None` for a folder or a file."""
    if name in BUILTIN_ORIGINS:
        return BUILTIN_ORIGINS[name][0]
    return name if _HUB_ID.fullmatch(name) and not Path(name).exists() else None


def licence_of(name: str) -> str | None:
    """What the model's card on this machine says; `None` where there is no card, or it does not say. Asks no server."""
    if name in BUILTIN_ORIGINS:
        return BUILTIN_ORIGINS[name][1]
    cached = try_to_load_from_cache(name, "README.md") if hub_id(name) else str(Path(name) / "README.md")
    if not isinstance(cached, str) or not Path(cached).is_file():
        return None
    try:
        licence = (metadata_load(cached) or {}).get("license")
    except Exception:  # a card that is no YAML, or no text
        return None
    return licence if isinstance(licence, str) and licence else None


def builtin_of(folder: str) -> str | None:
    """The built-in model that was converted into `folder`."""
    for name, (package, inside) in BUILTIN_MODELS.items():
        path = packaged_path(package, inside)
        if path is not None and conversion_folder(path) == Path(folder):
            return name
    return None
