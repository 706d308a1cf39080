"""Files and folders are whole or absent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rlcf.errors import StorageError
from rlcf.storage import atomic
from rlcf.storage.atomic import as_toml, remove_leftovers, whole_file, whole_folder, write_json, write_jsonl, write_text
from rlcf.storage.jsonl import read_json, read_jsonl


def test_a_write_that_fails_leaves_the_old_file_and_no_scraps(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    with pytest.raises(UnicodeEncodeError), whole_file(path) as temporary:
        temporary.write_text("new \ud800", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_absent_until_it_is_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    for content in ("old", "new"):
        with whole_folder(path) as temporary:
            write_text(temporary / content, content)
            assert not (path / content).exists()
    with pytest.raises(UnicodeEncodeError), whole_folder(path) as temporary:
        write_text(temporary / "third", "third \ud800")
    assert [file.relative_to(tmp_path) for file in sorted(tmp_path.rglob("*"))] == [Path("folder"), Path("folder/new")]


def test_a_folder_that_another_process_made_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    with whole_folder(path, replace=False) as temporary:
        write_text(temporary / "ours", "")
        write_text(path / "theirs", "")
    assert [file.name for file in path.iterdir()] == ["theirs"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "kept.part").write_text("", encoding="utf-8")
    for kind in ("file", "folder"):
        code = (
            "import os, signal\nfrom pathlib import Path\n"
            f"from rlcf.storage.atomic import whole_{kind}, write_text\n"
            f"with whole_{kind}(Path('deep/{kind}')) as t:\n"
            f"    write_text({'t' if kind == 'file' else 't / chr(97)'}, '')\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        killed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=dict(os.environ), check=False)
        assert killed.returncode == -signal.SIGKILL
    assert len(list((tmp_path / "deep").iterdir())) == 2
    remove_leftovers(tmp_path)
    assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == [Path("deep"), Path("kept.part")]


KILLED = """
import os, signal
from pathlib import Path
from rlcf.storage import atomic

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

atomic.{where} = kill
with atomic.whole_folder(Path("folder")) as folder:
    atomic.write_text(folder / "new", "")
"""


@pytest.mark.parametrize("where", ["write_text", "_into_place", "shutil.rmtree"])
def test_the_next_writer_of_a_folder_clears_what_killed_ones_left_of_it(tmp_path: Path, where: str) -> None:
    """Be they killed while they write, after the old folder was moved away, or before it is removed."""
    path = tmp_path / "folder"
    write_text(path / "old", "")
    killed = subprocess.run([sys.executable, "-c", KILLED.format(where=where)], cwd=tmp_path, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(ValueError, match="no"), whole_folder(path):
        raise ValueError("no")
    assert [file.relative_to(tmp_path) for file in sorted(tmp_path.rglob("*"))] == [
        Path("folder"),
        Path("folder", "new" if where == "shutil.rmtree" else "old"),
    ]


def test_what_another_process_or_another_folder_has_stays(tmp_path: Path) -> None:
    """A folder that is being written, and leftovers of names that only begin alike."""
    other = tmp_path / ".folder.1.5-3.part"
    other.mkdir()
    with whole_folder(tmp_path / "folder") as first, ThreadPoolExecutor(1) as pool:
        write_text(first / "first", "")

        def second() -> None:
            with whole_folder(tmp_path / "folder") as folder:
                write_text(folder / "second", "")

        pool.submit(second).result()
        assert (tmp_path / "folder" / "second").is_file()
        assert (first / "first").is_file()
    assert sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*")) == [
        Path(other.name),
        Path("folder"),
        Path("folder/first"),
    ]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write_text(tmp_path / "folder" / "old", "")
    monkeypatch.setattr(atomic, "_into_place", fails)
    with pytest.raises(StorageError, match="No space left"), whole_folder(tmp_path / "folder"):
        pass
    assert sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*")) == [Path("folder"), Path("folder/old")]


def test_toml_reads_back_what_is_written_for_it() -> None:
    for value in ("caf\xe9 \U0001f600", 'quote " and \\', "".join(map(chr, range(128))), ["a", "\U0001f600"], True, 17):
        assert tomllib.loads(f"key = {as_toml(value)}")["key"] == value


def test_a_place_that_cannot_be_written_is_one_line_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"cannot write .*x\.jsonl: (Not a directory|File exists)$"):
        write_jsonl(tmp_path / "file" / "x.jsonl", [{}])
    with pytest.raises(StorageError, match=r"cannot write .*folder"), whole_folder(tmp_path / "file" / "folder"):
        pytest.fail("there is no folder to write into")


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    link, pipe = tmp_path / "link.txt", tmp_path / "pipe"
    link.symlink_to(tmp_path / "deep" / "file.txt")
    write_text(link, "text")
    assert link.is_symlink()
    assert (tmp_path / "deep" / "file.txt").read_text(encoding="utf-8") == "text"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "text")
    assert os.read(reader, 9) == b"text"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_gzipped_file_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_jsonl(tmp_path / name, [{"word": "Übung"}])
    assert list(read_jsonl(tmp_path / "a.jsonl.gz")) == [(1, {"word": "Übung"})]
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_what_json_has_no_word_for_is_written_so_that_every_reader_takes_it(tmp_path: Path) -> None:
    value = {"loss": float("nan"), "of": [float("inf"), {"text": "half \ud83d"}]}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == {"loss": None, "of": [None, {"text": "half \ud83d"}]}
