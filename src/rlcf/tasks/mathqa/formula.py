"""MathQA's `linear_formula`: steps such as `add(n1,n2)|divide(#0,const_100)`, as a value and as a program.

`n1` is the second number of the problem's text, `#0` the result of the first step; the last step is the answer.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rlcf.tasks.mathqa.notation import Notation
from rlcf.tasks.mathqa.operations import OPERATIONS, arity, constant, value

_STEP = re.compile(r"(\w+)\s*\(([^()]*)\)")


class FormulaError(ValueError):
    """A formula that cannot be made a program of; the text says why, the same for all that share the reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation."""

    operation: str
    arguments: tuple[str, ...]


def parse_formula(text: str) -> list[Step]:
    """The steps of a `linear_formula`.

    Raises:
        FormulaError: an operation or a constant is unknown, or the text is no formula.
    """
    steps = [_parse_step(part.strip()) for part in text.split("|") if part.strip()]
    if not steps:
        raise FormulaError("the formula is empty")
    return steps


def _parse_step(text: str) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        raise FormulaError("the formula is not of the form operation(a,b)|operation(#0,c)")
    operation, arguments = found[1], tuple(a.strip() for a in found[2].split(","))
    if operation not in OPERATIONS:
        raise FormulaError(f"unknown operation {operation!r}")
    if len(arguments) != arity(operation):
        raise FormulaError(f"{operation!r} takes {arity(operation)} arguments, not {len(arguments)}")
    for argument in arguments:
        if argument.startswith("const_") and constant(argument) is None:
            raise FormulaError(f"unknown constant {argument!r}")
    return Step(operation, arguments)


def evaluate(steps: Sequence[Step], numbers: Sequence[float]) -> float:
    """The answer, computed as Java would.

    Raises:
        FormulaError: a step names a number or a result that is not there, or there is no finite value.
    """
    results: list[float] = []
    for step in steps:
        arguments = [_value(a, numbers, results) for a in step.arguments]
        try:
            results.append(value(step.operation, arguments))
        except (ValueError, ArithmeticError) as error:
            raise FormulaError("the formula has no finite value") from error
    if not math.isfinite(results[-1]):
        raise FormulaError("the formula has no finite value")
    return results[-1]


def _value(argument: str, numbers: Sequence[float], results: Sequence[float]) -> float:
    known = constant(argument)
    if known is not None:
        return known[1]
    if not re.fullmatch(r"[n#]\d+", argument):
        raise FormulaError(f"unknown argument {argument!r}")
    values, index = (numbers if argument[0] == "n" else results), int(argument[1:])
    if index >= len(values):
        raise FormulaError("the formula names a number that the problem does not have")
    return values[index]


def reference(steps: Sequence[Step], numbers: Sequence[float], written: Notation) -> str:
    """What a person would write after the prompt: up to the end of the function, or of its class, and no further.

    The numbers that are used come first, then a line for each step.
    """
    used = sorted({int(a[1:]) for s in steps for a in s.arguments if a.startswith("n")})
    expressions = [written.expression(s.operation, [written.argument(a) for a in s.arguments]) for s in steps]
    values = [(f"n{i}", repr(numbers[i])) for i in used]
    values += [(f"t{i}", expression) for i, expression in enumerate(expressions[:-1])]
    lines = [written.value.format(name=name, expression=expression) for name, expression in values]
    lines.append(written.answer.format(expression=expressions[-1]))
    helpers = [text for part, text in written.helpers.items() if any(part in e for e in expressions)]
    return written.body.format(lines="".join(lines), helpers="".join(helpers))
