"""Which files are held out, and when git says that they came."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rlcf.errors import DataError
from rlcf.tasks.mining.splits import held_out
from rlcf.workers.git import added

PATHS = [f"p{i % 4}/File{i}.java" for i in range(20) for _ in range(5)]


def test_whole_files_are_held_out_up_to_the_share() -> None:
    chosen = held_out(PATHS, 0.15, "file", {})
    assert len(chosen) == 3
    assert chosen == held_out(PATHS[::-1], 0.15, "file", {})
    assert chosen != held_out(PATHS, 0.15, "file", {}, seed=1)
    assert held_out(PATHS, 0.0, "file", {}) == frozenset()
    assert held_out(["A.java", "A.java", "B.java"], 0.15, "file", {}) == {"B.java"}
    assert held_out(["A.java", "A.java"], 0.15, "file", {}) == frozenset()


def test_whole_packages_are_held_out() -> None:
    chosen = held_out(PATHS, 0.3, "package", {})
    assert len(chosen) == 5
    assert len({path.split("/")[0] for path in chosen}) == 1


def test_the_youngest_files_are_held_out() -> None:
    ages = {path: i for i, path in enumerate(dict.fromkeys(PATHS))}
    assert held_out(PATHS, 0.1, "time", ages) == {"p2/File18.java", "p3/File19.java"}
    with pytest.raises(DataError, match="--split time needs the project's git history"):
        held_out(PATHS, 0.1, "time", {})


def test_a_file_of_which_git_knows_nothing_is_the_youngest() -> None:
    ages = {path: i for i, path in enumerate(dict.fromkeys(PATHS)) if i}
    assert held_out(PATHS, 0.1, "time", ages) == {"p0/File0.java", "p3/File19.java"}


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., None]:
    def run(*arguments: str, day: int = 1) -> None:
        when = {"GIT_AUTHOR_DATE": f"2026-01-0{day}T00:00:00Z", "GIT_COMMITTER_DATE": f"2026-01-0{day}T00:00:00Z"}
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, env={"PATH": "/usr/bin:/bin", **when})

    run("init", "-q")
    return run


def test_git_says_when_a_file_was_added(tmp_path: Path, git: Callable[..., None]) -> None:
    for day, name in enumerate(("old.java", "sub/größer neu.java"), start=1):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"class A{day} {{ }}")
        git("add", ".", day=day)
        git("commit", "-q", "-m", "more", day=day)
    (tmp_path / "old.java").write_text("class B { }")
    git("commit", "-qam", "changed", day=3)
    assert added(tmp_path) == {"old.java": 1767225600, "sub/größer neu.java": 1767312000}
    assert added(tmp_path / "sub") == {"größer neu.java": 1767312000}
    assert added(tmp_path / "nowhere") == {}


def test_a_renamed_file_is_as_old_as_it_was(tmp_path: Path, git: Callable[..., None]) -> None:
    for day, name in enumerate(("A", "B"), start=1):
        (tmp_path / name).write_text(f"class {name} {{\n" + "    int n;\n" * 20)
        git("add", ".", day=day)
        git("commit", "-q", "-m", "more", day=day)
    (tmp_path / "src").mkdir()
    git("mv", "A", "B", "src")
    git("commit", "-q", "-m", "moved", day=3)
    git("mv", "src/A", "src/line\nbreak")
    (tmp_path / "staged").write_text("new")
    git("add", ".")
    ages = added(tmp_path)
    assert (ages["src/line\nbreak"], ages["src/B"]) == (1767225600, 1767312000)
    assert "staged" not in ages
