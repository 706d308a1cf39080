"""Text from outside in Markdown (CommonMark with GitHub's tables): shown as it is, never read as markup."""

import re

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$#!]")


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def escape(value: object) -> str:
    """One line that a reader sees as `value`, also in a table's cell."""
    return value if isinstance(value, Markdown) else _SPECIAL.sub(r"\\\g<0>", _one_line(str(value)))


def code(value: object) -> Markdown:
    """`value` as a code span in one line, also in a table's cell."""
    text = _one_line(str(value)).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return Markdown(f"{ticks}{space}{text}{space}{ticks}") if text else Markdown("–")


def _one_line(text: str) -> str:
    """Without line breaks; control characters, bidirectional marks and lone surrogates are escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in " ".join(text.split()))
