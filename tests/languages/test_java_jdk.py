"""Finding a JDK: what is there, what is too old, what has no compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable
from rlcf.languages.java.jdk import find_jdk


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without Java; what is put in the folder is in /usr/lib/jvm."""
    monkeypatch.setattr("rlcf.languages.java.jdk._JVM_FOLDER", tmp_path / "jvm")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    (tmp_path / "jvm").mkdir()
    (tmp_path / "bin").mkdir()
    return tmp_path


def install(home: Path, version: str, compiler: bool = True, release: bool = True) -> Path:
    (home / "bin").mkdir(parents=True)
    java = home / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    java.chmod(0o755)
    if compiler:
        (home / "bin" / "javac").write_text("#!/bin/sh\n")
        (home / "bin" / "javac").chmod(0o755)
    if release:
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return home


def test_java_home_comes_first_then_the_path_then_the_usual_folder(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = install(machine / "jvm" / "java-21", "21.0.1")
    assert find_jdk().home == usual
    on_path = install(machine / "elsewhere", "17.0.2")
    (machine / "bin" / "javac").symlink_to(on_path / "bin" / "javac")
    assert find_jdk().home == on_path
    named = install(machine / "named", "25")
    monkeypatch.setenv("JAVA_HOME", str(named))
    assert (find_jdk().home, find_jdk().version) == (named, "25")


def test_a_jdk_without_a_release_file_is_asked_for_its_version(machine: Path) -> None:
    install(machine / "jvm" / "java", "17.0.9", release=False)
    assert find_jdk().version == "17.0.9"


@pytest.mark.usefixtures("machine")
def test_none_at_all_is_told_with_the_way_to_get_one() -> None:
    with pytest.raises(CheckerUnavailable, match=r"no JDK found.*apt install"):
        find_jdk()


def test_a_java_home_without_java_is_named(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(machine / "nowhere"))
    with pytest.raises(CheckerUnavailable, match="nowhere"):
        find_jdk()


def test_a_runtime_without_compiler_is_told(machine: Path) -> None:
    install(machine / "jvm" / "jre", "17.0.1", compiler=False)
    with pytest.raises(CheckerUnavailable, match=r"runtime \(JRE\) of Java 17"):
        find_jdk()


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_402"])
def test_one_that_is_too_old_is_told_and_a_newer_one_is_taken(machine: Path, version: str) -> None:
    install(machine / "jvm" / "old", version)
    with pytest.raises(CheckerUnavailable, match=f"Java {version}, too old"):
        find_jdk()
    new = install(machine / "jvm" / "new", "17")
    assert find_jdk().home == new
