"""What is read back is what was written, and damage is one line."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from rlcf.errors import DataError, StorageError
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import append_jsonl, read_json, read_jsonl, read_jsonl_tail_safe


def test_a_line_cut_short_by_a_kill_is_left_out_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    append_jsonl(path, {"update": 1, "word": "Übung"})
    with path.open("ab") as file:
        file.write('{"word": "Ü'.encode()[:-1])
    assert read_jsonl_tail_safe(path) == [{"update": 1, "word": "Übung"}]


def test_a_file_that_is_not_there_holds_no_rows(tmp_path: Path) -> None:
    assert read_jsonl_tail_safe(tmp_path / "none.jsonl") == []


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    full = tmp_path / "full.jsonl"
    full.symlink_to("/dev/full")
    with pytest.raises(StorageError, match=r"cannot write .*full\.jsonl: No space left on device"):
        append_jsonl(full, {"a": 1})


def test_a_gzipped_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress('{"word": "Übung"}\n\n{"n": 2}\n'.encode()))
    assert list(read_jsonl(path)) == [(1, {"word": "Übung"}), (3, {"n": 2})]


@pytest.mark.parametrize(
    "content",
    [b'{"plain": 1}\n', gzip.compress(b"{}\n" * 1000)[:-12], b"\x1f\x8b\x08" + b"\xff" * 40],
    ids=["plain", "cut", "damaged"],  # the bytes hold the time, and both workers of a test run must see the same names
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


DAMAGED = {
    b'{"a": 1': "not JSON: Expecting ',' delimiter at",
    b"[1]": "expected a JSON object, found list",
    b"\xff{}": "is not UTF-8 text: invalid start byte at byte 0",
    b"[" * 200_000: "brackets are nested too deeply",
    b'{"a": 1' + b"0" * 5000 + b"}": "the integer 10000000000000000000… has more than 64 bits",
    b'{"a": 123456789012345678901}': "has more than 64 bits",
    b'{"a": NaN}': "the number NaN is not finite",
    b'{"a": 1e999}': "the number 1e999 is not finite",
}


@pytest.mark.parametrize("content", DAMAGED, ids=lambda c: c[:12])
def test_a_damaged_file_is_one_line_that_names_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content + b"\n")
    for read in (read_json, read_jsonl_tail_safe, lambda path: list(read_jsonl(path))):
        with pytest.raises(DataError, match=re.escape(DAMAGED[content])) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_folder_in_the_place_of_a_file_is_one_line(tmp_path: Path) -> None:
    for read in (read_json, read_jsonl_tail_safe, lambda path: list(read_jsonl(path))):
        with pytest.raises(DataError, match=r"cannot read .*: Is a directory"):
            read(tmp_path)
