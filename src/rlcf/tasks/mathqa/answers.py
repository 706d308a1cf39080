"""Whether a formula's value is the option that MathQA marks as correct."""

import math
import re
from dataclasses import dataclass

_LABEL = re.compile(r"(?<![a-z])([a-e]) \)")
_AMOUNT = r"\d+(?:,\d{3})*(?:\.\d+)?|\.\d+"
_OPTION = re.compile(
    rf"(?:r?s ?\. ?)?[^\d./^(√π]*?(?P<sign>[-−–—]\s?)?"
    rf"(?:(?P<whole>\d+) (?=\d+ / \d))?(?P<first>{_AMOUNT})(?:\s?(?P<mark>[/:])\s?(?P<second>{_AMOUNT}))?"
    rf"(?:[^\d^√π]*?\b(?:c?m|ft|feet|inch(?:es)?|km|units?)\s?\^?\s?[23])?(?P<rest>[^\d^√π]*)"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A number, and how exactly it was given."""

    value: float
    unit: float = 0.0
    """Of the last digit that was written: 0.01 for `3.14`; 0 for a fraction."""

    def agrees(self, value: float) -> bool:
        """Whether `value` is this answer: within 1 %, and within one unit of the last digit where it was rounded.

        One unit, not half of one, because options are cut off as often as they are rounded.
        """
        difference = abs(value - self.value)
        exact = difference <= 1e-6 * max(1.0, abs(self.value))
        return exact or (difference < self.unit and difference <= 0.01 * abs(self.value))


def marked_answer(options: str, correct: str) -> Answer | None:
    """The number in the option called `correct`; `None` where it holds none, or more than a number and its unit."""
    text = re.sub(r"""['"\[\]]""", " ", options)
    labels = list(_LABEL.finditer(text))
    for i, label in enumerate(labels):
        if label[1] == correct:
            later = [m.start() for m in labels[i + 1 :] if m[1] != correct]
            return _number(_LABEL.sub(" ", text[label.end() : later[0] if later else len(text)]))
    return None


def _number(option: str) -> Answer | None:
    """The value of `rs . 1,250`, `- 3.5 %`, `31 / 36`, `16 2 / 3 %`, `2 : 3`, `15 cm ^ 2`."""
    text = re.sub(r"^\. (?=\d)", ".", " ".join(option.split()).strip(" ,"))
    found = _OPTION.fullmatch(text)
    if found is None:
        return None
    first = found["first"].replace(",", "")
    value, unit = float(first), 10.0 ** -len(first.partition(".")[2])
    if found["second"]:
        second = float(found["second"].replace(",", ""))
        if second == 0:
            return None
        value, unit = float(found["whole"] or 0) + value / second, 0.0
    if not math.isfinite(value):
        return None
    return Answer(-value if found["sign"] else value, unit)
