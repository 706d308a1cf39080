"""What the terminal is given."""

from __future__ import annotations

from rlcf.cli.terminal import printable


def test_text_from_outside_cannot_steer_the_terminal_and_is_still_told_apart() -> None:
    assert printable("a\x1b]0;title\x07b\r\n\u202e\x9b1m\ud800") == r"a\x1b]0;title\x07b\r\n\u202e\x9b1m\ud800"
    kept = "Übung 🦊 日本 31.2\u00a0% \u00e9"
    assert printable(kept) == kept
