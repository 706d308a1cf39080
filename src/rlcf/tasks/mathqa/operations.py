"""What the operations and constants of MathQA's formulas mean; `operations.toml` has them as expressions.

The meanings are those of the data set's own interpreter (`new_DataStructure.py` in `mathqa-categorization`, Amini et
al., 2019) without its limits, which refuse large powers and the like. Where that interpreter does not do what a name
says (`sine` is its arcsine, `choose` multiplies where it should divide, `cube_edge_by_volume` takes the power 0.33333,
`radians_to_degree` forgets π), the name is taken at its word. `log` has the base 2.
"""

import functools
import math
import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from types import CodeType, SimpleNamespace

_FILE = tomllib.loads((resources.files("rlcf.tasks") / "mathqa" / "operations.toml").read_text(encoding="utf-8"))
OPERATIONS: dict[str, str] = {name: text for group in _FILE["operations"].values() for name, text in group.items()}
"""An expression each; `{0}` is the first argument, which is a name or a literal."""
SPELLINGS: dict[str, str] = _FILE["spellings"]
"""Another spelling of an operation → the one that `operations.toml` has."""
OPERATIONS |= {other: OPERATIONS[name] for other, name in SPELLINGS.items()}


def arity(operation: str) -> int:
    """How many arguments it takes."""
    return 1 + max(int(n) for n in re.findall(r"\{(\d)\}", OPERATIONS[operation]))


def value(operation: str, arguments: Sequence[float]) -> float:
    """The operation's value; `ValueError` or `ArithmeticError` where there is none.

    Python evaluates the expression as it stands in Java, so that both agree to the last bit.
    """
    if OPERATIONS[operation] == "{0} % {1}":
        return math.fmod(*arguments)  # Python's own remainder has the divisor's sign
    found: float = eval(_compiled(operation), _NAMES, {f"x{i}": a for i, a in enumerate(arguments)})
    return found


@functools.cache
def _compiled(operation: str) -> CodeType:
    return compile(OPERATIONS[operation].format("x0", "x1", "x2"), operation, "eval")


def factorial(n: float) -> float:
    """n! for n ≥ 0; infinite where a double cannot hold it."""
    return math.inf if n > 170 else math.prod(float(i) for i in range(2, int(n) + 1))


def choose(n: float, k: float) -> float:
    """Ways to choose k of n things."""
    k, ways = min(k, n - k), 1.0
    for i in range(1, math.floor(k) + 1):
        ways = ways * (n - k + i) / i
        if math.isinf(ways):
            break
    return ways


def permutation(n: float, k: float) -> float:
    """Ways to put k of n things in a row; the smaller argument is k."""
    n, k = max(n, k), min(n, k)
    ways = 1.0
    for i in range(math.ceil(k)):
        ways *= n - i
        if math.isinf(ways):
            break
    return ways


def gcd(a: float, b: float) -> float:
    while b != 0:
        a, b = b, math.fmod(a, b)
    return a


_MATH = SimpleNamespace(**{n: getattr(math, n) for n in ("pow", "sqrt", "log", "sin", "cos", "tan")}, PI=math.pi)
_MATH.abs, _MATH.max, _MATH.min, _MATH.floor = abs, max, min, lambda a: float(math.floor(a))
_NAMES = {"Math": _MATH, "__builtins__": {}} | {f.__name__: f for f in (factorial, choose, permutation, gcd)}


def constant(name: str) -> tuple[str, float] | None:
    """The expression and the value of `const_100`, `const_0_2778`, `const_2.0`, `const_pi`; `None` if unknown."""
    if name == "const_pi":
        return "Math.PI", math.pi
    if name == "const_deg_to_rad":
        return "(Math.PI / 180.0)", math.pi / 180.0
    found = re.fullmatch(r"const_(\d+)(?:[._](\d+))?", name)
    if found is None:
        return None
    value = float(f"{found[1]}.{found[2] or 0}")
    return repr(value), value
