"""Where a TypeScript project has its sources, its settings and its packages.

Nothing of the project is run: its settings are read by the compiler, and its folders are looked at.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.config.languages import TypeScriptOptions
from rlcf.errors import DataError
from rlcf.languages.projects import SourceProject, first_of
from rlcf.languages.source_tree import files_in, matches, project_folder
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.settings import Settings, needed_files, no_settings, read_settings, relative_to

SUFFIXES = (".ts", ".mts", ".cts", ".tsx")
SCRIPTS = (".js", ".mjs", ".cjs", ".jsx")
"""Part of a project where its settings say so."""
PACKAGES, MANIFEST, TSCONFIG = "node_modules", "package.json", "tsconfig.json"
_NOT_CODE = {PACKAGES, "dist", "test", "tests", "__tests__", "__mocks__", "spec", "e2e", "coverage"}
_AT_ROOT = {"build", "out", "docs", "doc", "examples", "example", "benchmarks", "bench", "scripts", "tools", "ci"}
"""Folders beside a project's sources that hold none."""
_NO_SOURCE = re.compile(r".*[._](?:test|tests|spec|bench|stories)\.[cm]?[jt]sx?|.*\.config\.[cm]?[jt]s")
_VERSION = re.compile(r"\d+")
_OLDEST_DEFAULTS = 6
"""The version of TypeScript from which on its defaults are today's."""


def find_project(folder: Path, options: TypeScriptOptions, exclude: Sequence[str]) -> SourceProject:
    """The project in `folder`; see `Language.find_project`."""
    root = project_folder(folder)
    compiler, manifest = find_compiler(options.compiler), _manifest(root)
    tsconfig = _tsconfig(root, options)
    packages = options.search_path or tuple(_packages(tsconfig.parent if tsconfig else root))
    if tsconfig is None:
        read = no_settings(list(_all_sources(root)))
        notes = [f"there is no {TSCONFIG}: code is checked with strict, and with the libraries of browsers"]
    else:
        is_old = _written_for(manifest, packages) < _OLDEST_DEFAULTS
        read = read_settings(compiler, tsconfig, is_old)
        notes = [*read.notes, *(["what it leaves out is as before version 6 of TypeScript"] if is_old else [])]
    if packages:
        notes.append(f"packages are those of {first_of([str(path) for path in packages])}")
    chosen = tuple(path for path in read.files if _is_source(path, root))
    needed = needed_files(compiler, Settings(read.options, chosen)) if chosen else []
    inside = [path for path in needed if _stands_in(root, path) and PACKAGES not in path.relative_to(root).parts]
    told, missing = _with_types(relative_to(read.options, root), packages, root)
    if missing:
        notes.append(f"types that are missing: {first_of(missing)}; npm install --save-dev {_wanted(missing)}")
    notes += _outside([path for path in needed if path not in inside], root, packages)
    files = sorted({p for p in inside if p.name.endswith((*SUFFIXES, *SCRIPTS)) and p.is_file() and not p.is_symlink()})
    wanted = (path for path in files if not matches(path.relative_to(root), exclude))
    if all(path.name.endswith((".d.ts", ".d.mts", ".d.cts")) for path in wanted):
        where = f"what {tsconfig.name} names" if tsconfig else "it"
        raise DataError(f"no TypeScript sources in {folder}: expected .ts files in {where} that are no tests")
    return SourceProject(
        root=root,
        sources=(root,),
        options=options.model_copy(update={"tsconfig": tsconfig, "search_path": packages}),
        notes=tuple(notes),
        licence=_licence(manifest),
        files=tuple(files),
        data=tuple(_data(inside, files, root)),
        settings=_written(told),
    )


def _written(options: Mapping[str, Any]) -> str:
    """The text of a `tsconfig.json` for a copy of the project."""
    told = {"compilerOptions": {**options, "noEmit": True}, "include": ["**/*"], "exclude": [f"**/{PACKAGES}"]}
    return json.dumps(told, indent=1) + "\n"


def _tsconfig(root: Path, options: TypeScriptOptions) -> Path | None:
    if options.tsconfig is not None:
        if not options.tsconfig.is_file():
            raise DataError(f"no such file: {options.tsconfig}")
        return options.tsconfig.resolve()
    return root / TSCONFIG if (root / TSCONFIG).is_file() else None


def _all_sources(root: Path) -> Iterator[Path]:
    """The sources of a project whose settings do not name them: those in `src`, if there are any, else all."""
    for folder in (root / "src", root):
        if folder.is_dir():
            found = list(files_in(folder, SUFFIXES, ("*.d.ts", "*.d.mts", "*.d.cts"), root, _is_left_out))
            if found:
                yield from found
                return


def _is_left_out(folder: Path) -> bool:
    return folder.name in _NOT_CODE


def _stands_in(root: Path, path: Path) -> bool:
    """Whether a file is in a folder, and not by a link."""
    return path.is_relative_to(root) and path.resolve() == root.resolve() / path.relative_to(root)


def _is_source(path: Path, root: Path) -> bool:
    """Whether a file is a source of the project, and no test."""
    if not _stands_in(root, path):
        return False
    parts = path.relative_to(root).parts
    return not (_NOT_CODE & set(parts[:-1]) or parts[0] in _AT_ROOT or _NO_SOURCE.fullmatch(path.name))


def _packages(root: Path) -> Iterator[Path]:
    """The folders of packages that sources see, the nearest first: none beyond the repository."""
    for folder in (root, *root.parents):
        if (folder / PACKAGES).is_dir():
            yield folder / PACKAGES
        if (folder / ".git").exists():
            return


def _data(inside: Sequence[Path], files: Sequence[Path], root: Path) -> Iterator[Path]:
    """JSON that sources import, and the manifests that say how modules are written."""
    yield from sorted(path for path in inside if path.suffix == ".json" and path.name != MANIFEST)
    folders = {folder for path in files for folder in path.parents if folder.is_relative_to(root)}
    yield from sorted(folder / MANIFEST for folder in folders if (folder / MANIFEST).is_file())


def _with_types(options: dict[str, Any], packages: Sequence[Path], root: Path) -> tuple[dict[str, Any], list[str]]:
    """The options without types that are not there, and the names of these."""
    wanted = options.get("types", [])
    roots = [root / path for path in options.get("typeRoots", ()) if PACKAGES not in path]
    places = [*roots, *(folder / inner for folder in packages for inner in ("@types", ""))]
    missing = [
        name
        for name in wanted
        if "*" not in name
        and not name.startswith(".")
        and not any((p / name).exists() or (p / f"{name}.d.ts").is_file() for p in places)
    ]
    kept = {"types": [name for name in wanted if name not in missing]} if "types" in options else {}
    return options | kept, missing


def _wanted(types: Sequence[str]) -> str:
    """The packages that have types."""
    return " ".join(dict.fromkeys(package_of(name) if "/" in name else f"@types/{name}" for name in types))


def package_of(module: str) -> str:
    """The package that a module is in: `lodash` of `lodash/fp`."""
    return "/".join(module.split("/")[: 2 if module.startswith("@") else 1])


def _outside(paths: Sequence[Path], root: Path, packages: Sequence[Path]) -> list[str]:
    """What to say of sources that are in no package and outside of the folder."""
    linked = linked_packages(packages)
    outside = [
        os.path.relpath(path, root)
        for path in paths
        if PACKAGES not in path.parts and not any(path.is_relative_to(each) for each in linked)
    ]
    return [f"sources outside of the folder are left out: {first_of(outside)}"] if outside else []


def linked_packages(packages: Sequence[Path]) -> list[Path]:
    """The folders, outside of those of packages, that packages are links to: other parts of a repository."""
    found = []
    for folder in packages:
        for entry in (*folder.glob("*"), *folder.glob("@*/*")):
            target = entry.resolve() if entry.is_symlink() else entry
            if target != entry and not target.is_relative_to(folder.resolve()) and (target / MANIFEST).is_file():
                found.append(target)
    return sorted(set(found))


def _manifest(root: Path) -> Mapping[str, Any]:
    """`package.json`; empty where it is none."""
    try:
        table = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def _written_for(manifest: Mapping[str, Any], packages: Sequence[Path]) -> int:
    """The version of TypeScript that a project is written for; the newest where it does not say."""
    for folder in packages:
        if isinstance(version := _manifest(folder / "typescript").get("version"), str):
            return int(found[0]) if (found := _VERSION.match(version)) else _OLDEST_DEFAULTS
    for kind in ("devDependencies", "dependencies", "peerDependencies"):
        wanted = manifest.get(kind)
        if isinstance(wanted, dict) and (found := _VERSION.search(str(wanted.get("typescript", "")))):
            return int(found[0])
    return _OLDEST_DEFAULTS


def _licence(manifest: Mapping[str, Any]) -> str | None:
    told = manifest.get("license")
    return told.strip() if isinstance(told, str) and 0 < len(told.strip()) <= 60 and "\n" not in told.strip() else None
