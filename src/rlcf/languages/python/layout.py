"""Where a Python project has its modules, its packages of others, and its version of Python.

Nothing of the project is run: what its files say is read, and its folders are looked at.
"""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.config.languages import PythonOptions
from rlcf.errors import DataError
from rlcf.languages.projects import SourceProject
from rlcf.languages.source_tree import files_in, project_folder

SUFFIXES = (".py", ".pyi")
MARKER = "py.typed"
BUILD_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_NOT_CODE = {
    "tests",
    "docs",
    "doc",
    "examples",
    "example",
    "benchmarks",
    "node_modules",
    "site-packages",
    "__pycache__",
}
_AT_ROOT = _NOT_CODE | {"build", "dist", "scripts", "tools", "ci", "test", "testing"}
"""Folders beside a project's packages that hold none."""
_NO_MODULES = {"setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py", "dodo.py", "conf.py", "manage.py"}
"""Files beside a project's packages that are no part of it."""
_TEST = re.compile(r"test_.*\.py|.*_test\.py|conftest\.py")
_ENVIRONMENTS = (".venv", "venv", "env", ".env")
_OLDEST = re.compile(r"(?:>=|~=|==)\s*3\.(\d+)")
_KNOWN = range(7, 16)
"""Versions 3.N that ty knows."""


def find_project(folder: Path, options: PythonOptions, exclude: Sequence[str]) -> SourceProject:
    """The project in `folder`; see `Language.find_project`."""
    root = project_folder(folder)
    modules = list(_modules(root))
    if len(modules) > 1 and _roots(root) == [root] and not any(_is_package(each) for each in _folders(root)):
        modules.remove(root)  # it only holds others
    roots = tuple(dict.fromkeys(r for module in modules for r in _roots(module)))
    notes: list[str] = []
    settings = _settings(root)
    environment = options.environment or _environment(root)
    if environment is not None and options.environment is None:
        notes.append(f"packages are those of {environment}")
    version, why = _version(options, settings, environment)
    if why:
        notes.append(f"Python {version}, as {why} says")
    names = tuple("" if each == root else each.relative_to(root).as_posix() for each in roots)
    project = SourceProject(
        root=root,
        sources=roots,
        options=options.model_copy(update={"version": version, "environment": environment, "roots": names}),
        notes=tuple(notes),
        licence=_licence(settings),
    )
    if not project_files(project, exclude):
        where = " or ".join("it" if each == root else str(each.relative_to(root)) for each in roots)
        raise DataError(f"no Python sources in {folder}: expected .py files in {where} that are no tests")
    return project


def project_files(project: SourceProject, exclude: Sequence[str] = ()) -> list[Path]:
    """The modules of a project, sorted; tests and what is no part of its packages are left out."""
    return sorted({path for folder in project.sources for path in _code_in(folder, project.root, exclude)})


def module_files(folder: Path, root: Path, exclude: Sequence[str] = ()) -> Iterator[Path]:
    """All modules in a folder, and the markers of typed packages; virtual environments are left out."""
    yield from files_in(folder, (*SUFFIXES, MARKER), exclude, root, leave_out=_is_environment)


def _is_environment(folder: Path) -> bool:
    return folder.name in ("site-packages", "node_modules", "__pycache__") or (folder / "pyvenv.cfg").is_file()


def _code_in(folder: Path, root: Path, exclude: Sequence[str]) -> Iterator[Path]:
    """The modules in a folder where imports start."""
    packages = [each for each in _folders(folder) if _is_package(each)] if not _is_source_folder(folder, root) else []
    for path in module_files(folder, root, exclude):
        parts = path.relative_to(folder).parts
        if path.name == MARKER or _TEST.fullmatch(path.name) or _NOT_CODE & set(parts[:-1]):
            continue
        if "test" in parts[:-1] and any(path.parent.glob("test_*.py")):
            continue
        if _is_source_folder(folder, root) or _belongs(parts, packages):
            yield path


def _belongs(parts: Sequence[str], packages: Sequence[Path]) -> bool:
    """Whether a path in a folder that has more than a project's packages is one of its modules."""
    if len(parts) == 1:
        return parts[0] not in _NO_MODULES
    return parts[0] in {package.name for package in packages} if packages else parts[0] not in _AT_ROOT


def _folders(folder: Path) -> list[Path]:
    return [each for each in sorted(folder.iterdir()) if each.is_dir() and not each.is_symlink()]


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file() and folder.name not in _AT_ROOT


def _is_source_folder(folder: Path, root: Path) -> bool:
    """Whether a folder has nothing but sources, so that all modules in it belong to the project."""
    return folder != root and not any((folder / name).is_file() for name in BUILD_FILES)


def _modules(root: Path) -> Iterator[Path]:
    """The folders that have a build file, the root first."""
    yield root
    for inside, folders, names in os.walk(root):
        here = Path(inside)
        folders[:] = sorted(
            f for f in folders if f not in _AT_ROOT and not f.startswith(".") and not _is_environment(here / f)
        )
        if here != root and any(name in names for name in BUILD_FILES[:2]):
            yield here


def _roots(module: Path) -> list[Path]:
    """The folders of a project where imports start: what its build file says, else `src`, else its own."""
    told = [module / name for name in _told_roots(_settings(module), _cfg(module)) if _is_relative(name)]
    if there := [folder for folder in dict.fromkeys(told) if folder.is_dir()]:
        return there
    source = module / "src"
    if source.is_dir() and not (source / "__init__.py").is_file() and any(module_files(source, source)):
        return [source]
    return [module]


def _is_relative(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _told_roots(settings: Mapping[str, Any], cfg: configparser.ConfigParser) -> Iterator[str]:
    """What the settings of setuptools, Poetry and Hatch say."""
    setuptools = _at(settings, "tool", "setuptools")
    directories = setuptools.get("package-dir")
    if isinstance(directories, dict) and isinstance(directories.get(""), str):
        yield directories[""]
    for name in _texts(_at(setuptools, "packages", "find").get("where")):
        yield name
    for package in _listed(_at(settings, "tool", "poetry").get("packages")):
        if isinstance(package, dict) and isinstance(package.get("from"), str):
            yield package["from"]
    for name in _texts(_at(settings, "tool", "hatch", "build", "targets", "wheel").get("packages")):
        yield str(Path(name).parent)
    for line in cfg.get("options", "package_dir", fallback="").splitlines():
        key, _, value = line.partition("=")
        if value and not key.strip():
            yield value.strip()
    if where := cfg.get("options.packages.find", "where", fallback="").strip():
        yield where


def _settings(module: Path) -> dict[str, Any]:
    """`pyproject.toml`; empty where it is none."""
    try:
        return tomllib.loads((module / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _cfg(module: Path) -> configparser.ConfigParser:
    cfg = configparser.ConfigParser(interpolation=None)
    try:
        cfg.read_string((module / "setup.cfg").read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return configparser.ConfigParser(interpolation=None)
    return cfg


def _at(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """A table in a table; an empty one where there is none."""
    for key in keys:
        inner = table.get(key)
        table = inner if isinstance(inner, dict) else {}
    return table


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [each for each in _listed(value) if isinstance(each, str)]


def _environment(root: Path) -> Path | None:
    """The virtual environment in a project's folder."""
    return next((root / name for name in _ENVIRONMENTS if (root / name / "pyvenv.cfg").is_file()), None)


def _version(options: PythonOptions, settings: Mapping[str, Any], environment: Path | None) -> tuple[str, str]:
    """The version of Python, and what says so where the user does not: the oldest that the project runs on."""
    if "version" in options.model_fields_set:
        return options.version, ""
    oldest = _OLDEST.search(str(_at(settings, "project").get("requires-python", "")))
    if oldest:
        return f"3.{min(max(int(oldest[1]), _KNOWN[0]), _KNOWN[-1])}", "pyproject.toml"
    try:
        text = (environment / "pyvenv.cfg").read_text(encoding="utf-8") if environment else ""
    except (OSError, ValueError):
        text = ""
    found = re.search(r"(?m)^\s*version(?:_info)?\s*=\s*(3\.\d+)", text)
    return (found[1], "its environment") if found else (options.version, "")


def _licence(settings: Mapping[str, Any]) -> str | None:
    told = _at(settings, "project").get("license")
    text = told.get("text") if isinstance(told, dict) else told
    return text.strip() if isinstance(text, str) and 0 < len(text.strip()) <= 60 and "\n" not in text.strip() else None
