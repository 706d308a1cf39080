"""A program's verdict as text for people, and as a line of JSON."""

import json
from dataclasses import asdict

from rich.cells import cell_len

from rlcf.cli.terminal import printable
from rlcf.evaluation.checking import Checked
from rlcf.records import LINE_END

_MAX_WIDTH, _MAX_MESSAGE, _MAX_DIAGNOSTICS = 160, 500, 10
"""How much is shown: characters of a source line and of a message, diagnostics of a program."""


def as_json(checked: Checked) -> str:
    """One line; a completion's diagnostics say where in it they are, `None` when outside."""
    rows = [asdict(d) for d in checked.verdict.diagnostics]
    if checked.program.end is not None:
        for row, diagnostic in zip(rows, checked.verdict.diagnostics, strict=True):
            d = checked.program.in_completion(diagnostic)
            row["in_completion"] = d and {"line": d.line, "column": d.column, "offset": d.offset}
    return json.dumps({"id": checked.id, "status": checked.verdict.status, "diagnostics": rows}) + "\n"


def as_text(checked: Checked) -> str:
    """The status, and of each diagnostic the message, the source line and a caret below the place."""
    elsewhere = "" if checked.asked else " (elsewhere in the project)"
    shown = [f"{printable(checked.id)}: {checked.verdict.status}{elsewhere}"]
    lines = LINE_END.split(checked.program.source)
    for d in checked.verdict.diagnostics[:_MAX_DIAGNOSTICS]:
        inside = checked.program.in_completion(d) if checked.program.end is not None else None
        where = f" (line {inside.line} of the completion)" if inside else ""
        place = f"{d.line}:{d.column} " if d.line else ""
        shown.append(f"  {place}{d.severity}: {_message(d.message)}{where}  [{printable(d.code)}]")
        if 0 < d.line <= len(lines):
            shown += [f"    {text}" for text in _under(lines[d.line - 1], max(0, d.column - 1))]
    if len(checked.verdict.diagnostics) > _MAX_DIAGNOSTICS:
        shown.append(f"  … and {len(checked.verdict.diagnostics) - _MAX_DIAGNOSTICS} more")
    return "\n".join(shown) + "\n"


def _message(message: str) -> str:
    """The first line of a message, cut where it is very long: some quote the whole program."""
    first = printable(LINE_END.split(message)[0])
    return first if len(first) <= _MAX_MESSAGE else first[:_MAX_MESSAGE] + "…"


def _under(line: str, column: int) -> list[str]:
    """The line and a caret below its character `column`; of a long line the part around it."""
    if len(line) > _MAX_WIDTH:
        start, end = max(0, column - _MAX_WIDTH // 2), column + _MAX_WIDTH // 2
        head, tail = "…" if start else "", "…" if end < len(line) else ""
        line, column = head + line[start:end] + tail, column - start + len(head)
    shown = "".join(c if c == "\t" or c.isprintable() else "\ufffd" for c in line)  # one for one: the caret stays right
    return [shown, "".join("\t" if c == "\t" else " " * cell_len(c) for c in shown[:column]) + "^"]
