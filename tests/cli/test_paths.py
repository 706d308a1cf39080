"""Class paths as a person, or a build tool, gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.cli.paths import class_path, split_paths
from rlcf.errors import ConfigError, DataError
from rlcf.evaluation.checking import options_of


@pytest.fixture(autouse=True)
def lib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of jars in the working folder."""
    (tmp_path / "lib" / "more").mkdir(parents=True)
    for name in ("b.jar", "a.JAR", "notes.txt", "more/c.jar"):
        (tmp_path / "lib" / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "lib"


def test_a_star_stands_for_the_jars_of_a_folder(lib: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [Path("x.jar"), Path("lib/a.JAR"), Path("lib/b.jar")]
    assert options_of("java", {"class_path": class_path("x.jar:lib/*")}).class_path == tuple(paths)
    assert options_of("kotlin", {"class_path": ["lib/*", "x.jar"]}).class_path == (*paths[1:], paths[0])
    assert class_path(None) is None
    for nothing in ("none/*", "more/c.jar/*"):
        with pytest.raises(ConfigError, match=r"class_path: no jar in (none|more/c.jar): "):
            options_of("java", {"class_path": class_path(nothing)})
    monkeypatch.chdir(lib)
    assert options_of("java", {"class_path": class_path("*")}).class_path == (Path("a.JAR"), Path("b.jar"))


def test_a_folder_of_jars_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert class_path("lib:lib/b.jar") == ["lib", "lib/b.jar"]
    assert capsys.readouterr().err == "note: lib holds jars: write lib/*\n"


@pytest.mark.parametrize(
    "text",
    [
        "a b.jar:c.jar\n",
        "a b.jar\r\nc.jar",
        '"a b.jar:c.jar"\n',
        "-cp\n'a b.jar:c.jar'\n",
        '--class-path "a b.jar:c.jar"',
        "-classpath a b.jar:c.jar",
        "--class-path=a b.jar:c.jar",
        '-cp "a b.jar":c.jar',
        r'"a\ b.jar:c.jar"',
    ],
)
def test_a_file_may_be_an_argument_file_of_javac(text: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(text)
    assert split_paths("@list") == ["a b.jar", "c.jar"]


def test_a_quote_inside_a_path_is_a_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("/o'b/a.jar:/o'b/c.jar\n")
    assert split_paths("@list") == ["/o'b/a.jar", "/o'b/c.jar"]


def test_a_file_without_a_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("-cp\n")
    with pytest.raises(DataError, match="list names no path"):
        split_paths("@list")
