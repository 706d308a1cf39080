"""Somebody who follows docs/adding-a-language.md in an empty folder gets a language that passes the contract suite."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_FILE = re.compile(r"^```\w+ file (?P<name>\S+)\n(?P<text>.*?)^```\n", re.MULTILINE | re.DOTALL)
_MOST_LINES = 80


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page, and nothing else."""
    try:
        version("vyper")
    except PackageNotFoundError:
        pytest.skip("vyper is missing: make languages")
    folder = tmp_path_factory.mktemp("rlcf-vyper")
    for file in _FILE.finditer((ROOT / "docs" / "adding-a-language.md").read_text(encoding="utf-8")):
        (folder / file["name"]).write_text(file["text"], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(folder: Path) -> dict[str, str]:
    """That of a process for which the folder is installed: `pip install --editable` writes these files."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    about = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8")
    points = [
        f"[{group}]\n{name} = {value}\n" for group, e in project["entry-points"].items() for name, value in e.items()
    ]
    (about / "entry_points.txt").write_text("".join(points), encoding="utf-8")
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'src'}"}


def _run(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_language_of_the_page_is_short(folder: Path) -> None:
    assert {file.name for file in folder.iterdir() if file.is_file()} == {
        "pyproject.toml",
        "vyper_language.py",
        "test_vyper_language.py",
    }
    assert len((folder / "vyper_language.py").read_text(encoding="utf-8").splitlines()) <= _MOST_LINES


def test_the_language_of_the_page_passes_the_contract_suite(folder: Path, environment: dict[str, str]) -> None:
    done = _run(folder, environment, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed, 5 skipped" in done.stdout


def test_the_language_of_the_page_is_found_by_the_command_line(folder: Path, environment: dict[str, str]) -> None:
    (folder / "token.vy").write_text("supply: uint256\n\n@external\ndef f() -> uint256:\n    return suply\n")
    done = _run(folder, environment, "rlcf.cli.main", "check", "token.vy")
    assert done.returncode == 1, done.stderr
    assert "5:12 error: 'suply' has not been declared." in done.stdout
    assert "[UndeclaredDefinition]" in done.stdout
    done = _run(folder, environment, "rlcf.cli.main", "doctor", "--language", "vyper")
    assert (done.returncode, "Ready for checking vyper." in done.stdout) == (0, True)
