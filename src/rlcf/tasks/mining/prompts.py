"""What a model is shown of the file that it completes, within a budget of tokens.

An editor that asks the model builds the same text: `rlcf.editor_prompt` takes the text around the cursor.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, get_args

from rlcf.languages.projects import BRACES, Notation, SourceFile, SourceMethod
from rlcf.tasks.mining.keys import after_keys, keys

PromptKind = Literal["tail", "skeleton", "header", "file"]
"""`tail`: the end of the text before the body. `header`: imports, the headers of the classes around, the method with
its comment. `skeleton`: the same, and the nearest members before it, without bodies. `file`: all that stands before."""
PROMPT_KINDS: tuple[str, ...] = get_args(PromptKind)

CountTokens = Callable[[str], int]
_LONGEST_COMMENT = 20_000
"""Characters; a longer one is not looked for."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def tail(text: str, tokens: int, count: CountTokens) -> str:
    """The longest end of `text` that begins with a line and has no more than `tokens` tokens; empty if none has.

    Lines next to each other have fewer tokens than each by itself. So what fits by the lines' own counts is taken, all
    is counted together, and again as long as there is room: where `count` remembers single lines, this costs little.
    """
    start, used = len(text), 0
    while start > 0 and used <= tokens:
        end, start = start, _line_before(text, start)
        left = tokens - used - count(text[start:end])
        while start > 0 and (left := left - count(text[(before := _line_before(text, start)) : start])) >= 0:
            start = before
        used = count(text[start:])
    while start < len(text) and used > tokens:
        start = text.find("\n", start) + 1 or len(text)
        used = count(text[start:])
    return text[start:]


def _line_before(text: str, end: int) -> int:
    """Where the line starts that ends at `end`, with its line break."""
    return text.rfind("\n", 0, end - 1) + 1


def head(text: str, tokens: int, count: CountTokens) -> str:
    """The longest beginning of `text` that ends with a line and has no more than `tokens` tokens; empty if none has."""
    ends = [match.end() for match in _LINE.finditer(text[: 8 * tokens + 1000])]
    if ends and len(text) > ends[-1] and text[ends[-1] - 1] != "\n":
        ends.pop()  # in the middle of a line
    low, high = 0, len(ends)  # ends[:low] fit
    while low < high:
        middle = (low + high) // 2
        if count(text[: ends[middle]]) <= tokens:
            low = middle + 1
        else:
            high = middle
    return text[: ends[low - 1]] if low else ""


def header(text: str, file: SourceFile, method: SourceMethod, start: int, notation: Notation = BRACES) -> str:
    """Imports, the headers of the classes around, and the method with its comment up to where its body starts."""
    return "".join([*_head(text, file, method, notation), _opened(text, method, start, notation)])


def skeleton(
    text: str,
    file: SourceFile,
    method: SourceMethod,
    start: int,
    tokens: int,
    count: CountTokens,
    notation: Notation = BRACES,
) -> str:
    """As `header`, with as many of the nearest members before the method as fit, without comments and bodies."""
    head, opened = _head(text, file, method, notation), _opened(text, method, start, notation)
    before = [m for m in file.methods if m.closing < method.start and m.owner == method.owner]
    members: list[str] = []
    for member in reversed(before):
        signature = text[_line_start(text, member.start) : member.opening].rstrip() + notation.bodiless + "\n"
        if count("".join([*head, signature, *members, opened])) > tokens:
            break
        members.insert(0, signature)
    return "".join([*head, *members, opened])


def prompt(
    kind: str,
    text: str,
    file: SourceFile,
    method: SourceMethod,
    start: int,
    tokens: int,
    count: CountTokens,
    notation: Notation = BRACES,
) -> str | None:
    """What a model is shown before it writes the body that starts at `start`; `None` where that does not fit.

    It shows nothing that looks like a key: `tail` and `file` begin after the last one.
    """
    first = after_keys(text, start)
    if kind == "tail":
        shown = tail(text[first:start], tokens, count)
        return shown if len(shown) >= start - method.start or shown == text[:start] else None
    if kind == "skeleton":
        shown = skeleton(text, file, method, start, tokens, count, notation)
    elif kind == "header":
        shown = header(text, file, method, start, notation)
    else:
        shown = text[first:start]
    if first and kind != "tail" and keys(shown):
        return None
    return shown if len(shown) <= 12 * tokens and count(shown) <= tokens else None


def comment_start(text: str, method: SourceMethod, notation: Notation = BRACES) -> int:
    """Where the documentation comment of a method starts; where the method does if it has none."""
    window = max(0, method.start - _LONGEST_COMMENT)
    found = notation.comment.search(text[window : method.start])
    return window + found.start() if found else method.start


def _opened(text: str, method: SourceMethod, start: int, notation: Notation) -> str:
    return text[_line_start(text, comment_start(text, method, notation)) : start]


def _head(text: str, file: SourceFile, method: SourceMethod, notation: Notation) -> list[str]:
    first = min([c.start for c in file.classes] + [m.start for m in file.methods], default=0)
    imports = "".join(match[0] for match in notation.imports.finditer(text[:first]))
    classes = [text[_line_start(text, c.start) : c.opening + 1] + "\n" for c in file.classes_around(method)]
    return [imports, *(["\n"] if imports else []), *classes]


def _line_start(text: str, place: int) -> int:
    start = text.rfind("\n", 0, place) + 1
    return start if not text[start:place].strip() else place
