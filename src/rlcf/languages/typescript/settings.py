"""What a project's `tsconfig.json` says, read by the compiler, and made fit for the version that checks.

Settings of what the compiler writes are left out. Where version 7 has given up a setting, what took its place holds.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcf.errors import CheckerUnavailable, DataError, no_answer
from rlcf.languages.typescript.compiler import Compiler
from rlcf.languages.typescript.tsconfig import absolute, files_of, folder_of

_TIMEOUT_S = 120.0
_OF_OUTPUT = {
    *("outDir", "outFile", "out", "rootDir", "declarationDir", "declarationMap", "emitDeclarationOnly", "sourceMap"),
    *("inlineSourceMap", "inlineSources", "sourceRoot", "mapRoot", "tsBuildInfoFile", "incremental", "composite"),
    *("noEmitOnError", "plugins", "ignoreDeprecations", "removeComments", "newLine", "emitBOM", "listFiles", "pretty"),
    *("listEmittedFiles", "traceResolution", "diagnostics", "extendedDiagnostics", "explainFiles", "generateTrace"),
}
_REPLACED: Mapping[str, Mapping[Any, Any]] = {
    "target": {"es3": "es2015", "es5": "es2015"},
    "module": dict.fromkeys(("none", "amd", "umd", "system"), "preserve"),
    "moduleResolution": dict.fromkeys(("classic", "node", "node10"), "bundler"),
    "esModuleInterop": {False: True},
    "allowSyntheticDefaultImports": {False: True},
    "alwaysStrict": {False: True},
    "downlevelIteration": {False: None, True: None},
}
"""What version 7 does not know any more, and what is told instead; `None`: nothing is."""
_BEFORE_6 = {"strict": False, "types": ["*"], "noUncheckedSideEffectImports": False}
"""What held before version 6 where a project said nothing."""
_EXPECTED = {"TS2688", "TS5053", "TS5023", "TS5095", "TS5101", "TS5102", "TS5107", "TS5108", "TS18003"}
_ERROR = re.compile(r"^(?:(.*?)\(\d+,\d+\): )?error (TS\d+): (.*)")
_NONE = {"strict": True, "module": "preserve", "types": ["*"], "allowImportingTsExtensions": True, "jsx": "preserve"}
"""For a project without settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The compiler's options, whose paths start in the folder of the settings, and the files that they name."""

    options: Mapping[str, Any]
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    """What a user should know of it, a line each."""


def read_settings(compiler: Compiler, tsconfig: Path, is_old: bool, seen: frozenset[Path] = frozenset()) -> Settings:
    """What a `tsconfig.json` says, with what it extends.

    Args:
        is_old: whether it was written for a version before 6.
        seen: files that refer to it.

    Raises:
        DataError: the compiler cannot read it.
        CheckerUnavailable: the compiler does not start.
    """
    shown = _shown(compiler, tsconfig)
    files = tuple(absolute(tsconfig.parent, name) for name in shown.get("files", ()))
    references = [absolute(tsconfig.parent, each["path"]) for each in shown.get("references", ())]
    if not files and references:
        named = [path / "tsconfig.json" if path.is_dir() else path for path in references]
        return _largest(compiler, tsconfig, named, is_old, seen | {tsconfig})
    options, replaced = _fit(shown.get("compilerOptions", {}), is_old)
    notes = _complaints(compiler, tsconfig)
    if replaced:
        notes.append(f"settings that TypeScript {compiler.version} no longer has are replaced: {', '.join(replaced)}")
    return Settings(_rebased(options, tsconfig), files, tuple(notes))


def no_settings(files: Sequence[Path]) -> Settings:
    """Those of a project that has none."""
    return Settings(_NONE, tuple(files))


def _largest(
    compiler: Compiler, tsconfig: Path, references: Sequence[Path], is_old: bool, seen: frozenset[Path]
) -> Settings:
    """The settings with the most files, of those that a file refers to which has none of its own."""
    there = [file for file in references if file.is_file() and file not in seen]
    read = {file: read_settings(compiler, file, is_old, seen) for file in there}
    if not read:
        raise DataError(f"no such file: {references[0]}, to which a tsconfig.json refers")
    chosen = max(read, key=lambda file: len(read[file].files))
    names = {file: os.path.relpath(file, tsconfig.parent) for file in read}
    others = ", ".join(names[file] for file in read if file != chosen)
    more = f"; the files of {others} are left out: name one with --tsconfig" if others else ""
    told = read[chosen]
    return Settings(told.options, told.files, (f"settings are those of {names[chosen]}{more}", *told.notes))


def _fit(options: Mapping[str, Any], is_old: bool) -> tuple[dict[str, Any], list[str]]:
    """Options that the compiler knows, and which of the project's it does not."""
    fit: dict[str, Any] = dict(_BEFORE_6) if is_old else {}
    replaced = []
    for name, value in options.items():
        known = _REPLACED.get(name, {})
        key = value.lower() if isinstance(value, str) else value
        if name in _OF_OUTPUT:
            continue
        if isinstance(key, str | bool) and key in known:
            replaced.append(f"{name}={json.dumps(value).strip(chr(34))}")
            value = known[key]
        if value is not None:
            fit[name] = value
    if "baseUrl" in fit:
        replaced.append("baseUrl")
        paths = fit.get("paths", {})
        fit["paths"] = {**paths, "*": [*paths.get("*", ()), "./*"]}
    return fit, replaced


def _rebased(options: dict[str, Any], tsconfig: Path) -> dict[str, Any]:
    """The same, with absolute paths. The compiler shows `paths` as they stand in the file that has them."""
    options, folder = dict(options), tsconfig.parent
    for name in ("typeRoots", "rootDirs"):
        if name in options:
            options[name] = [str(absolute(folder, path)) for path in options[name]]
    if "paths" in options:
        start = folder if "baseUrl" in options else folder_of(tsconfig, "paths")
        base = absolute(start, options.pop("baseUrl", "."))
        options["paths"] = {key: [str(absolute(base, p)) for p in paths] for key, paths in options["paths"].items()}
    return options


def relative_to(options: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Options whose paths start in a folder; those that lead out of it are left out."""

    def inside(paths: Sequence[str]) -> list[str]:
        return [f"./{Path(path).relative_to(root).as_posix()}" for path in paths if Path(path).is_relative_to(root)]

    told = dict(options)
    for name in ("typeRoots", "rootDirs"):
        if name in told:
            told[name] = inside(told[name])
    if "typeRoots" in told:
        told["typeRoots"] = [path for path in told["typeRoots"] if "node_modules" not in Path(path).parts]
        told["typeRoots"] += ["./node_modules/@types"]
    if "paths" in told:
        told["paths"] = {key: inside(paths) for key, paths in told["paths"].items() if inside(paths)}
    return told


def needed_files(compiler: Compiler, settings: Settings) -> list[Path]:
    """All files that the compiler reads for the files of a project, but those of its own library."""
    options = {k: v for k, v in settings.options.items() if k not in ("lib", "libReplacement", "typeRoots")}
    told = {"compilerOptions": options | {"noEmit": True, "noLib": True, "types": []}, "include": []}
    with tempfile.TemporaryDirectory(prefix="rlcf-files-") as folder:
        file = Path(folder) / "tsconfig.json"
        file.write_text(json.dumps(told | {"files": [str(path) for path in settings.files]}), encoding="utf-8")
        listed = _run(compiler, "--project", str(file), "--listFilesOnly", "--pretty", "false").stdout
    return [Path(line) for line in listed.splitlines() if line.startswith("/")]


def _complaints(compiler: Compiler, tsconfig: Path) -> list[str]:
    """What the compiler says is wrong with the settings, the first mistake of each file.

    Old settings and types that are missing are no mistakes, and those in sources are left to the checker.
    """
    settings = {str(path) for path in files_of(tsconfig)}
    listed = _run(
        compiler, "--project", str(tsconfig), "--listFilesOnly", "--noLib", "--noResolve", "--pretty", "false"
    )
    told: dict[str | None, str] = {}
    for file, code, message in (found.groups() for found in map(_ERROR.search, listed.stdout.splitlines()) if found):
        of_settings = file is None or file.endswith(".json") or str(absolute(Path.cwd(), file)) in settings
        if of_settings and code not in _EXPECTED:
            told.setdefault(file, f"{Path(file or tsconfig).name}: {code} {message}")
    return list(told.values())


def _shown(compiler: Compiler, tsconfig: Path) -> dict[str, Any]:
    done = _run(compiler, "--project", str(tsconfig), "--showConfig")
    try:
        shown = json.loads(done.stdout)
    except ValueError:
        shown = None
    if isinstance(shown, dict):
        return shown
    first = (done.stdout.strip() or done.stderr.strip() or "nothing").splitlines()[0]
    raise DataError(f"TypeScript's compiler cannot read {tsconfig}: {first}")


def _run(compiler: Compiler, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the compiler prints. It reads, and runs nothing of the project."""
    try:
        return subprocess.run(
            [str(compiler.program), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
            env={"HOME": "/tmp"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CheckerUnavailable(f"TypeScript's compiler does not work: {no_answer(error)}") from error
