"""Files are whole or absent."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from rlcf.errors import DataError, StorageError
from rlcf.storage.jsonl import append_jsonl, read_jsonl, read_jsonl_tail_safe, write_jsonl, write_text


def test_a_line_cut_short_by_a_kill_is_left_out_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    append_jsonl(path, {"update": 1, "word": "Übung"})
    with path.open("ab") as file:
        file.write('{"word": "Ü'.encode()[:-1])
    assert read_jsonl_tail_safe(path) == [{"update": 1, "word": "Übung"}]


def test_a_file_that_is_not_there_holds_no_rows(tmp_path: Path) -> None:
    assert read_jsonl_tail_safe(tmp_path / "none.jsonl") == []


def test_a_write_that_fails_leaves_the_old_file_and_no_scraps(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text(encoding="utf-8") == "old"


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    full = tmp_path / "full.jsonl"
    full.symlink_to("/dev/full")
    with pytest.raises(StorageError, match=r"cannot write .*full\.jsonl: No space left on device"):
        append_jsonl(full, {"a": 1})


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot write"):
        write_jsonl(tmp_path / "file" / "x.jsonl", [{}])


def test_a_gzipped_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress('{"word": "Übung"}\n\n{"n": 2}\n'.encode()))
    assert list(read_jsonl(path)) == [(1, {"word": "Übung"}), (3, {"n": 2})]


@pytest.mark.parametrize(
    "content", [b'{"plain": 1}\n', gzip.compress(b"{}\n" * 1000)[:-12], b"\x1f\x8b\x08" + b"\xff" * 40]
)
def test_a_gzip_file_that_is_none_or_is_cut_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.jsonl\.gz is no whole gzip file"):
        list(read_jsonl(path))


def test_half_a_surrogate_pair_is_written_as_its_escape_and_read_back(tmp_path: Path) -> None:
    rows = [{"completion": "half \ud83d"}, {"completion": "whole 🦊"}]
    write_jsonl(tmp_path / "a.jsonl", rows)
    for row in rows:
        append_jsonl(tmp_path / "b.jsonl", row)
    assert [row for _, row in read_jsonl(tmp_path / "a.jsonl")] == rows
    assert read_jsonl_tail_safe(tmp_path / "b.jsonl") == rows
