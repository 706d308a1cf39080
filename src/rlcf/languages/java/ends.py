"""The structure of Java text that may be unfinished: where a program ends, and which blocks are open.

Called while tokens are generated, so it is one regular expression over the text and a count.
"""

import functools
import re

END_MARKS = "}dD"
"""A program ends with `}` or with its Unicode escape, which ends in `d`."""

# What hides braces; each may be unfinished, and then reaches to the end of the line or of the text.
_HIDING = r"""
      (?P<comment>//[^\r\n]*|/\*.*?(?:\*/|\Z))
    | (?P<text>\"\"\"(?:[^\\"]|\\.|"(?!""))*(?:\"\"\"|\Z) | "(?:[^"\\\r\n]|\\[^\r\n])*"?)
    | (?P<character>'(?:[^'\\\r\n]|\\[^\r\n])*'?)
"""
# Looking at the next character first makes them twice as fast.
_TOKEN = re.compile(rf"(?=[\"'/{{}}])(?: {_HIDING} | (?P<brace>[{{}}]) )", re.VERBOSE | re.DOTALL)
PROSE = re.compile(rf"(?=[\"'/])(?: {_HIDING} )", re.VERBOSE | re.DOTALL)
_ESCAPE = re.compile(r"\\(?:\\|u+([0-9a-fA-F]{4}))")


def program_end(context: str, completion: str, suffix: str = "") -> int | None:
    """How many characters of `completion` belong to the program; `None` while it is not finished.

    Without a suffix, or with one that closes nothing, the program ends with the brace that brings the depth of blocks
    back to zero; a context that has closed all it opened counts as having opened nothing. A suffix that closes n
    blocks: it ends with the brace that brings the depth back to n. Where the completion begins at that depth, it ends
    before the brace that would go below it, for that brace is the suffix's.
    """
    known, depth = _depth_of_whole_lines(context)
    context, closed = context[known:], _closed_by(suffix)
    text, begin = context + completion, len(translated(context))
    depth_at_begin: int | None = None
    for token in _TOKEN.finditer(translated(text)):
        brace = token["brace"]
        if brace is None:
            continue
        if token.end() > begin and depth_at_begin is None:
            depth_at_begin = depth
        depth = depth + 1 if brace == "{" else max(depth - 1, 0)
        if depth_at_begin is None or brace == "{":
            continue
        if (closed == 0 or depth_at_begin > closed) and depth == closed:
            return _original(text, token.end()) - len(context)
        if depth_at_begin == closed and depth < closed:
            return _original(text, token.start()) - len(context)
    return None


@functools.lru_cache(maxsize=256)
def _depth_of_whole_lines(context: str) -> tuple[int, int]:
    """How many characters of a context are whole lines, and the depth of blocks after them.

    The end of a program is asked for at every closing brace of a sample, and a context may be a long file.
    """
    whole = context.rfind("\n") + 1
    text, depth = translated(context[:whole]), 0
    for token in _TOKEN.finditer(text):
        if token["brace"]:
            depth = depth + 1 if token["brace"] == "{" else max(depth - 1, 0)
        elif token.end() == len(text):
            return 0, 0  # a comment or a text block that may go on
    return whole, depth


def open_braces(text: str, suffix: str = "") -> int:
    """How many blocks of `text` are open at its end, less those that `suffix` closes."""
    depth = 0
    for token in _TOKEN.finditer(translated(text)):
        if token["brace"]:
            depth = depth + 1 if token["brace"] == "{" else max(depth - 1, 0)
    return max(depth - _closed_by(suffix), 0)


def is_in_prose(text: str, place: int) -> bool:
    """Whether a place of `text` is inside a comment, a string or a character."""
    place = len(translated(text[:place]))
    return any(token.start() < place < token.end() for token in PROSE.finditer(translated(text)))


def without_prose(text: str) -> str:
    """`text` with its Unicode escapes translated, a space for every comment, and every string and character empty."""
    return PROSE.sub(lambda token: " " if token["comment"] else '""' if token["text"] else "''", translated(text))


def translated(text: str) -> str:
    """`text` with its Unicode escapes translated, as the compiler reads it (The Java Language Specification, 3.3)."""
    if "\\u" not in text:
        return text
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else escape[0], text)


def _original(text: str, place: int) -> int:
    """The place in `text` of a place in its translation."""
    if "\\u" in text:
        for escape in _ESCAPE.finditer(text):
            if escape[1] and escape.start() < place:
                place += len(escape[0]) - 1
    return place


@functools.lru_cache(maxsize=256)
def _closed_by(suffix: str) -> int:
    """How many blocks a text closes that it has not opened."""
    depth = lowest = 0
    for token in _TOKEN.finditer(translated(suffix)):
        if token["brace"]:
            depth += 1 if token["brace"] == "{" else -1
            lowest = min(lowest, depth)
    return -lowest
