"""Text from outside, made safe for a terminal."""

import unicodedata


def printable(text: str) -> str:
    r"""`text` in one line; control characters, bidirectional marks and lone surrogates are escapes, such as `\x1b`.

    Ids, file names, model names and diagnostics come from files that others wrote: as they are, they could move the
    cursor, recolour or retitle the terminal, or hide what follows.
    """
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else c.encode("unicode_escape").decode() for c in text
    )
