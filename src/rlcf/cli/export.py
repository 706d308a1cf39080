"""`rlcf export`: the trained model as a folder that other tools load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from rlcf import __version__
from rlcf.cli.terminal import printable
from rlcf.errors import ConfigError, UserError
from rlcf.storage.rundir import RunDir

if TYPE_CHECKING:
    from rlcf.config import PolicyConfig
    from rlcf.models.export import Exported
    from rlcf.report.card import Base, Form
    from rlcf.report.load import RunData

Dtype = Literal["auto", "bfloat16", "float16", "float32"]


@dataclass(frozen=True, slots=True)
class _Source:
    """What is exported."""

    folder: Path
    """Of an adapter, or of a whole model."""
    policy: PolicyConfig | None = None
    """How it was trained; `None` where only the adapter is known."""
    run: RunData | None = None


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run directory, or the folder of an adapter.")],
    out: Annotated[Path, typer.Option(help="The folder to write. It must not exist, or be empty.")],
    dtype: Annotated[
        Dtype, typer.Option(help="Of the weights; auto: that of the base weights in training, bfloat16 with LoRA.")
    ] = "auto",
) -> None:
    """Writes the trained model in Hugging Face format: merged weights, tokenizer, and a model card.

    Example: rlcf export runs/demo --out exported/demo
    """
    _require_free(out)
    source = _source(run)

    import torch

    from rlcf.models.export import export_model
    from rlcf.models.policy import base_dtype
    from rlcf.report.card import model_card
    from rlcf.storage.atomic import whole_folder, write_text

    trained_in = base_dtype(source.policy) if source.policy else torch.float32
    auto = trained_in if source.policy else torch.bfloat16
    stored_in = auto if dtype == "auto" else getattr(torch, dtype)
    base_name = _base_name(source)
    with whole_folder(out, replace=False) as folder:
        written = export_model(source.folder, folder, trained_in, stored_in, base_name)
        stored = f"{written.parameters:,} parameters in {written.dtype}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        card = model_card(out.resolve().name, _base(base_name), stored, __version__, source.run, _form(source, written))
        write_text(folder / "README.md", card)
        made = folder.stat().st_ino
    if out.stat().st_ino != made:
        raise ConfigError(f"{out} was filled by another process meanwhile: name another --out")
    typer.echo(printable(f"{out}: {stored}, {written.size >> 20} MiB; README.md is its model card"))


def _require_free(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()):
        raise ConfigError(f"{out} is there already and not empty: name another --out")
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file: name a folder with --out")


def _source(path: Path) -> _Source:
    """What `path` holds; a `UserError` where that is neither an adapter nor a finished run."""
    if (path / "adapter_config.json").is_file():
        return _Source(path)
    files = RunDir(path)
    if not files.run.is_file():
        raise UserError(
            f"{path} is no run directory and no adapter: give a folder that `rlcf train` or `rlcf demo` wrote"
        )
    from rlcf.report.load import load_run

    run = load_run(path, path.resolve().name)
    folder = next((f for f in (files.adapter, files.model) if f.is_dir()), None)
    if run.run.get("state") != "finished":
        alone = f", or export {files.adapter} without its results" if folder == files.adapter else ""
        raise UserError(f"{path} is not finished: go on with it (`rlcf train … --resume`, or `rlcf demo` again){alone}")
    if folder is None:
        raise UserError(f"{path} has no {files.adapter.name}/ and no {files.model.name}/: was the model removed?")
    return _Source(folder, _policy(run.config.get("policy")), run)


def _policy(table: Any) -> PolicyConfig:
    """What of the recipe's table says how the weights were trained; runs of other versions have other keys."""
    from rlcf.config import make_recipe

    known = table if isinstance(table, dict) else {}
    return make_recipe({"policy": {k: known[k] for k in ("model", "training", "dtype", "fim") if k in known}}).policy


def _form(source: _Source, written: Exported) -> Form:
    """How the model was asked in training."""
    if not written.encoder_decoder:
        return "text"
    return "gap" if written.fills_gaps and not (source.policy and source.policy.fim == "off") else "encoder"


def _base_name(source: _Source) -> str:
    """The model that was trained, as `load_language_model` takes it, or as the recipe has it."""
    from rlcf.models.loading import adapter_base
    from rlcf.models.origin import builtin_of

    named = source.policy.model if source.policy else None
    if named is not None and named.startswith("builtin:"):
        return named
    adapter = str(source.folder if source.folder.name != "model" else named)
    base = adapter_base(adapter) or named or adapter
    return builtin_of(base) or base


def _base(name: str) -> Base:
    from rlcf.models.builtin import BUILTIN_MODELS
    from rlcf.models.origin import hub_id, licence_of
    from rlcf.report.card import Base, public_name

    known = hub_id(name)
    shown = f"{known}, from the file {BUILTIN_MODELS[name][1]}" if name in BUILTIN_MODELS else public_name(name)
    return Base(shown, known, licence_of(name))
