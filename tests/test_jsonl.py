"""Files are whole or absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.errors import StorageError
from rlcf.jsonl import append_jsonl, read_jsonl_tail_safe, write_jsonl, write_text


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
