"""The most frequent diagnostics: which first error rejects how many samples, before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from rlcf.report.before_after import sample_count, unscored
from rlcf.report.load import Evaluation, Row

SHOWN = 12


@dataclass(frozen=True, slots=True)
class DiagnosticRow:
    """A code with the share of scored samples in which it is the first error."""

    code: str
    example: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before


def diagnostic_table(before: Evaluation | None, after: Evaluation | None) -> list[DiagnosticRow]:
    """The most frequent codes first; what does not fit is added up in a last row."""
    shares = [_shares(side) for side in (before, after)]
    codes = {code for side in shares for code in side or {}}
    ranked = sorted(codes, key=lambda code: (-max((side or {}).get(code, 0.0) for side in shares), code))
    examples = _examples(before, after)
    rows = [
        DiagnosticRow(code, examples.get(code, ""), *(_share(side, [code]) for side in shares))
        for code in ranked[:SHOWN]
    ]
    rest = ranked[SHOWN:]
    if rest:
        rows.append(DiagnosticRow(f"{len(rest)} other codes", "", *(_share(side, rest) for side in shares)))
    return rows


def _share(side: dict[str, float] | None, codes: list[str]) -> float | None:
    return None if side is None else sum(side.get(code, 0.0) for code in codes)


def _shares(side: Evaluation | None) -> dict[str, float] | None:
    if side is None or (side.scored and all(row.get("compiled") is None for row in side.scored)):
        return None  # results from elsewhere do not say what the compiler found
    scored = (sample_count(side) or 0) - (unscored(side) or 0)
    written = side.summary.get("diagnostics")
    counts = written if isinstance(written, Mapping) else _counted(side)
    return {
        str(code): count / scored for code, count in counts.items() if scored > 0 and isinstance(count, int | float)
    }


def _counted(side: Evaluation) -> Counter[str]:
    firsts = (first_error(row) for row in side.scored)
    return Counter(str(first.get("code", "")) for first in firsts if first)


def first_error(row: Row) -> Row | None:
    """The first diagnostic of a sample that is an error."""
    diagnostics = row.get("diagnostics")
    if not isinstance(diagnostics, list):
        return None
    return next((d for d in diagnostics if isinstance(d, dict) and d.get("severity", "error") == "error"), None)


def _examples(*sides: Evaluation | None) -> dict[str, str]:
    """Code → the shortest first message seen, so that the example stays readable."""
    examples: dict[str, str] = {}
    for side in sides:
        for row in side.results if side else []:
            first = first_error(row)
            if first:
                code, message = str(first.get("code", "")), _one_line(str(first.get("message", "")))
                if code not in examples or len(message) < len(examples[code]):
                    examples[code] = message
    return examples


def _one_line(message: str) -> str:
    text = " · ".join(" ".join(line.split()) for line in message.splitlines() if line.strip())
    return text if len(text) <= 120 else f"{text[:119]}…"
