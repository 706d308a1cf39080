"""Where a Java program that is being written ends: at the brace that closes the type its prompt has opened.

Called while tokens are generated, so it is one regular expression over the text and a count.
"""

from __future__ import annotations

import re

END_MARKS = "}dD"
"""A program ends with `}` or with its Unicode escape, which ends in `d`."""

# In order: what hides braces (text blocks, strings, characters, comments; each may be unfinished, then it
# reaches to the end of the line or of the text), an escaped backslash, then braces, also as Unicode escapes.
_TOKEN = re.compile(
    r"""
      \"\"\"(?:[^\\"]|\\.|"(?!""))*(?:\"\"\"|\Z)
    | "(?:[^"\\\r\n]|\\[^\r\n])*"?
    | '(?:[^'\\\r\n]|\\[^\r\n])*'?
    | (?P<comment>//[^\r\n]*|/\*.*?(?:\*/|\Z))
    | \\\\
    | (?P<open>\{|\\u+007[bB])
    | (?P<close>\}|\\u+007[dD])
    """,
    re.VERBOSE | re.DOTALL,
)


def program_end(prompt: str, completion: str) -> int | None:
    """How many characters of `completion` belong to the program, its last brace included; `None`: not
    finished.

    The program ends where the depth of braces comes back to zero. A prompt that has closed all it opened
    counts as having opened nothing.
    """
    depth = 0
    for token in _TOKEN.finditer(prompt + completion):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth = max(depth - 1, 0)
            if depth == 0 and token.end() > len(prompt):
                return token.end() - len(prompt)
    return None


def open_braces(text: str) -> int:
    """How many braces of `text` are open at its end."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth = max(depth - 1, 0)
    return depth


def without_prose(text: str) -> str:
    """`text` with a space for every comment, and an empty string for every string and character."""

    def bare(token: re.Match[str]) -> str:
        if token["comment"]:
            return " "
        return '""' if token[0][0] in "\"'" else token[0]

    return _TOKEN.sub(bare, text)
