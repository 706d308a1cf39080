"""The smallest completion of a Java context that compiles: it ends the method and does nothing."""

import itertools
import re
from collections.abc import Sequence

from rlcf.languages.java.ends import open_braces
from rlcf.languages.java.judged import opening_of
from rlcf.records import Task

_MODIFIERS = re.compile("public|protected|private|static|final|synchronized|abstract|native|strictfp|default")
_CONSTANTS = dict.fromkeys(("byte", "short", "int", "long"), "0")
_CONSTANTS |= {"float": "0.0f", "double": "0.0", "boolean": "false", "char": "' '"}


def stub(task: Task) -> str | None:
    """A completion that returns a constant (`null` for references) or nothing; `None` when no method is open."""
    opening = opening_of(task.context)
    if not opening.innermost:
        return None
    value = _returned(opening.header)
    body = f"        return {value};\n" if value else ""
    return body + "".join("    " * level + "}\n" for level in reversed(range(open_braces(task.context, task.suffix))))


def _returned(header: Sequence[str]) -> str:
    """What a method with this header may return; empty for nothing."""
    opened = header.index("(")
    words = [token for token in header[: opened - 1] if not _MODIFIERS.fullmatch(token)]
    if words[:1] == ["<"]:
        depths = itertools.accumulate((token == "<") - (token == ">") for token in words)
        words = words[[*depths].index(0) + 1 :]
    if words in ([], ["void"]):  # without a type it is a constructor
        return ""
    return "null" if "[" in header[header.index(")", opened) :] else _CONSTANTS.get("".join(words), "null")
