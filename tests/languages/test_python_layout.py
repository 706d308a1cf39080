"""Where Python projects have their modules, their packages and their version."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.config.languages import PythonOptions
from rlcf.errors import DataError
from rlcf.languages.projects import SourceProject
from rlcf.languages.python.layout import find_project, project_files


def write(root: Path, *files: str, text: str = "") -> None:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def found(root: Path, options: PythonOptions | None = None) -> tuple[PythonOptions, list[str], SourceProject]:
    project = find_project(root, options or PythonOptions(), ())
    assert isinstance(project.options, PythonOptions)
    return project.options, [path.relative_to(root).as_posix() for path in project_files(project)], project


def test_sources_in_src(tmp_path: Path) -> None:
    write(tmp_path, "src/shop/__init__.py", "src/shop/a.py", "src/shop/a.pyi", "src/shop/py.typed", "src/one.py")
    write(tmp_path, "tests/test_a.py", "docs/conf.py", "setup.py", "src/shop/tests/test_a.py", "src/shop/test_b.py")
    options, files, _ = found(tmp_path)
    assert options.roots == ("src",)
    assert files == ["src/one.py", "src/shop/__init__.py", "src/shop/a.py", "src/shop/a.pyi"]


def test_packages_at_the_root(tmp_path: Path) -> None:
    write(tmp_path, "shop/__init__.py", "shop/deep/a.py", "other/__init__.py", "single.py", "conftest.py", "setup.py")
    write(tmp_path, "scripts/run.py", "tests/__init__.py", "examples/a.py", "venv/pyvenv.cfg", "venv/lib/x/__init__.py")
    write(tmp_path, "shop/test/__init__.py", "shop/test/a.py", "other/test/test_a.py", "other/test/helper.py")
    options, files, _ = found(tmp_path)
    assert options.roots == ("",)
    assert files == [
        "other/__init__.py",
        "shop/__init__.py",
        "shop/deep/a.py",
        "shop/test/__init__.py",
        "shop/test/a.py",
        "single.py",
    ]


def test_plain_modules_and_folders_without_packages(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "tools/b.py", "parts/c.py", ".hidden/d.py", "node_modules/e.py")
    assert found(tmp_path)[1] == ["a.py", "parts/c.py"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.setuptools]\npackage-dir = {"" = "lib"}\n'),
        ("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'),
        ("pyproject.toml", '[tool.poetry]\npackages = [{include = "shop", from = "lib"}]\n'),
        ("pyproject.toml", '[tool.hatch.build.targets.wheel]\npackages = ["lib/shop"]\n'),
        ("setup.cfg", "[options]\npackage_dir =\n    = lib\n"),
        ("setup.cfg", "[options.packages.find]\nwhere = lib\n"),
    ],
)
def test_a_build_file_says_where_imports_start(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, "lib/shop/__init__.py", "src/no/__init__.py", "also/__init__.py")
    write(tmp_path, name, text=text)
    options, files, _ = found(tmp_path)
    assert (options.roots, files) == (("lib",), ["lib/shop/__init__.py"])


@pytest.mark.parametrize(
    "text",
    [
        "no toml [",
        "[tool]\nsetuptools = 1\n",
        '[tool.setuptools]\npackage-dir = {"" = "/etc"}\npackages = ["a"]\n',
        '[tool.setuptools.packages.find]\nwhere = ["../..", 7]\n',
        '[tool.poetry]\npackages = "a"\n[project]\nlicense = {file = "LICENSE"}\nrequires-python = 3\n',
    ],
)
def test_a_build_file_that_says_nothing_useful_is_no_obstacle(tmp_path: Path, text: str) -> None:
    write(tmp_path, "shop/__init__.py")
    write(tmp_path, "pyproject.toml", text=text)
    options, files, project = found(tmp_path)
    assert (options.roots, files, project.licence) == (("",), ["shop/__init__.py"], None)


def test_several_projects_in_one_folder(tmp_path: Path) -> None:
    write(
        tmp_path, "pyproject.toml", "one/pyproject.toml", "two/setup.cfg", "one/src/a/__init__.py", "two/b/__init__.py"
    )
    options, files, _ = found(tmp_path)
    assert options.roots == ("one/src", "two")
    assert files == ["one/src/a/__init__.py", "two/b/__init__.py"]


@pytest.mark.parametrize(
    ("requires", "home", "options", "version"),
    [
        (">=3.9", "3.12.1", PythonOptions(), "3.9"),
        (">= 3.8, <4", "", PythonOptions(), "3.8"),
        ("~=3.10.2", "", PythonOptions(), "3.10"),
        (">=3.5", "", PythonOptions(), "3.7"),
        ("", "3.13.0", PythonOptions(), "3.13"),
        ("", "", PythonOptions(), "3.12"),
        (">=3.9", "3.12.1", PythonOptions(version="3.11"), "3.11"),
    ],
)
def test_the_version_is_the_oldest_that_the_project_runs_on(
    tmp_path: Path, requires: str, home: str, options: PythonOptions, version: str
) -> None:
    write(tmp_path, "a.py")
    write(tmp_path, "pyproject.toml", text=f'[project]\nrequires-python = "{requires}"\nlicense = "MIT"\n')
    if home:
        write(tmp_path, ".venv/pyvenv.cfg", text=f"home = /usr\nversion = {home}\n")
    told, _, project = found(tmp_path, options)
    assert (told.version, project.licence) == (version, "MIT")
    assert told.environment == (tmp_path / ".venv" if home else None)


def test_what_is_no_project_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, "empty/readme.md", "file")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, message in (
        ("empty", "no Python sources in"),
        ("file", "is a file"),
        ("nowhere", "no such folder"),
        ("loop", "no such folder"),
    ):
        with pytest.raises(DataError, match=message):
            found(tmp_path / name)
