"""What the operations and constants of MathQA's formulas mean, as a Java expression and as a value.

The meanings are those of the data set's own interpreter (`new_DataStructure.py` in `mathqa-categorization`, Amini et
al., 2019) without its limits, which refuse large powers and the like. Where that interpreter does not do what a name
says (`sine` is its arcsine, `choose` multiplies where it should divide, `cube_edge_by_volume` takes the power 0.33333,
`radians_to_degree` forgets π), the name is taken at its word. `log` has the base 2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on doubles. Java and Python compute it in the same order, so that they agree to the last bit."""

    java: str
    """An expression; `{0}` is the first argument, which is a name or a literal."""
    value: Callable[..., float]
    """Raises `ValueError` or an `ArithmeticError` where there is no value."""

    @property
    def arity(self) -> int:
        return 1 + max(int(n) for n in re.findall(r"\{(\d)\}", self.java))


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


HELPERS = {
    "factorial": """
    private static double factorial(double n) {
        double product = 1.0;
        for (int i = 2; i <= n; i++) {
            product *= i;
        }
        return product;
    }
""",
    "choose": """
    private static double choose(double n, double k) {
        k = Math.min(k, n - k);
        double ways = 1.0;
        for (int i = 1; i <= k; i++) {
            ways = ways * (n - k + i) / i;
        }
        return ways;
    }
""",
    "permutation": """
    private static double permutation(double n, double k) {
        double ways = 1.0;
        for (int i = 0; i < Math.min(n, k); i++) {
            ways *= Math.max(n, k) - i;
        }
        return ways;
    }
""",
    "gcd": """
    private static double gcd(double a, double b) {
        while (b != 0) {
            double rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    }
""",
}
"""Methods that follow the requested one, where an expression calls them."""

_ARITHMETIC = {
    "add": Operation("{0} + {1}", lambda a, b: a + b),
    "subtract": Operation("{0} - {1}", lambda a, b: a - b),
    "multiply": Operation("{0} * {1}", lambda a, b: a * b),
    "divide": Operation("{0} / {1}", lambda a, b: a / b),
    "negate": Operation("-{0}", lambda a: -a),
    "inverse": Operation("1.0 / {0}", lambda a: 1.0 / a),
    "power": Operation("Math.pow({0}, {1})", math.pow),
    "sqrt": Operation("Math.sqrt({0})", math.sqrt),
    "log": Operation("Math.log({0}) / Math.log(2.0)", lambda a: math.log(a) / math.log(2.0)),
    "max": Operation("Math.max({0}, {1})", max),
    "min": Operation("Math.min({0}, {1})", min),
    "floor": Operation("Math.floor({0})", lambda a: float(math.floor(a))),
    "round": Operation("Math.floor({0} + 0.5)", lambda a: float(math.floor(a + 0.5))),
    "reminder": Operation("{0} % {1}", math.fmod),
    "gcd": Operation("gcd({0}, {1})", gcd),
    "lcm": Operation("{0} * {1} / gcd({0}, {1})", lambda a, b: a * b / gcd(a, b)),
    "factorial": Operation("factorial({0})", factorial),
    "choose": Operation("choose({0}, {1})", choose),
    "permutation": Operation("permutation({0}, {1})", permutation),
    "sine": Operation("Math.sin({0})", math.sin),
    "cosine": Operation("Math.cos({0})", math.cos),
    "tangent": Operation("Math.tan({0})", math.tan),
    "radians_to_degree": Operation("{0} * 180.0 / Math.PI", lambda a: a * 180.0 / math.pi),
    "degree_to_radians": Operation("{0} * Math.PI / 180.0", lambda a: a * math.pi / 180.0),
    "count_interval": Operation("{0} - {1} + 1.0", lambda a, b: a - b + 1.0),
    "sum_consecutive_number": Operation(
        "({0} + {1} - 1.0) * ({1} - {0}) / 2.0", lambda a, b: (a + b - 1.0) * (b - a) / 2.0
    ),
}

_FLAT = {
    "circle_area": Operation("Math.PI * {0} * {0}", lambda r: math.pi * r * r),
    "circumface": Operation("2.0 * Math.PI * {0}", lambda r: 2.0 * math.pi * r),
    "circle_arc": Operation("{0} / 360.0 * 2.0 * Math.PI * {1}", lambda a, r: a / 360.0 * 2.0 * math.pi * r),
    "circle_sector_area": Operation("{1} / 360.0 * Math.PI * {0} * {0}", lambda r, a: a / 360.0 * math.pi * r * r),
    "semi_circle_perimiter": Operation("Math.PI * {0} + 2.0 * {0}", lambda r: math.pi * r + 2.0 * r),
    "rectangle_area": Operation("{0} * {1}", lambda a, b: a * b),
    "rectangle_perimeter": Operation("2.0 * ({0} + {1})", lambda a, b: 2.0 * (a + b)),
    "square_area": Operation("{0} * {0}", lambda a: a * a),
    "square_perimeter": Operation("4.0 * {0}", lambda a: 4.0 * a),
    "square_edge_by_area": Operation("Math.sqrt({0})", math.sqrt),
    "square_edge_by_perimeter": Operation("{0} / 4.0", lambda p: p / 4.0),
    "rhombus_area": Operation("{0} * {1} / 2.0", lambda a, b: a * b / 2.0),
    "rhombus_perimeter": Operation("4.0 * {0}", lambda a: 4.0 * a),
    "quadrilateral_area": Operation("{0} * ({1} + {2}) / 2.0", lambda d, a, b: d * (a + b) / 2.0),
    "trapezium_area": Operation("{0} * ({1} + {2}) / 2.0", lambda h, a, b: h * (a + b) / 2.0),
    "triangle_area": Operation("{0} * {1} / 2.0", lambda a, b: a * b / 2.0),
    "triangle_perimeter": Operation("{0} + {1} + {2}", lambda a, b, c: a + b + c),
    "triangle_area_three_edges": Operation(  # Heron's formula, for four times the area
        "Math.sqrt(({0} + {1} + {2}) * ({1} + {2} - {0}) * ({0} + {2} - {1}) * ({0} + {1} - {2})) / 4.0",
        lambda a, b, c: math.sqrt((a + b + c) * (b + c - a) * (a + c - b) * (a + b - c)) / 4.0,
    ),
    "diagonal": Operation("Math.sqrt({0} * {0} + {1} * {1})", lambda a, b: math.sqrt(a * a + b * b)),
    "side_by_diagonal": Operation("Math.sqrt({0} * {0} - {1} * {1})", lambda d, a: math.sqrt(d * d - a * a)),
}

_SOLID = {
    "volume_cube": Operation("{0} * {0} * {0}", lambda a: a * a * a),
    "volume_rectangular_prism": Operation("{0} * {1} * {2}", lambda a, b, c: a * b * c),
    "volume_sphere": Operation("4.0 / 3.0 * Math.PI * {0} * {0} * {0}", lambda r: 4.0 / 3.0 * math.pi * r * r * r),
    "volume_cylinder": Operation("Math.PI * {0} * {0} * {1}", lambda r, h: math.pi * r * r * h),
    "volume_cone": Operation("Math.PI * {0} * {0} * {1} / 3.0", lambda r, h: math.pi * r * r * h / 3.0),
    "surface_cube": Operation("6.0 * {0} * {0}", lambda a: 6.0 * a * a),
    "surface_rectangular_prism": Operation(
        "2.0 * ({0} * {1} + {1} * {2} + {0} * {2})", lambda a, b, c: 2.0 * (a * b + b * c + a * c)
    ),
    "surface_sphere": Operation("4.0 * Math.PI * {0} * {0}", lambda r: 4.0 * math.pi * r * r),
    "surface_cylinder": Operation("2.0 * Math.PI * {0} * ({0} + {1})", lambda r, h: 2.0 * math.pi * r * (r + h)),
    "surface_cone": Operation(
        "Math.PI * {0} * ({0} + Math.sqrt({0} * {0} + {1} * {1}))",
        lambda r, h: math.pi * r * (r + math.sqrt(r * r + h * h)),
    ),
    "cube_edge_by_volume": Operation("Math.pow({0}, 1.0 / 3.0)", lambda v: math.pow(v, 1.0 / 3.0)),
}

_DAILY_LIFE = {
    "percent": Operation("{0} / 100.0 * {1}", lambda p, a: p / 100.0 * a),
    "from_percent": Operation("{0} / 100.0", lambda p: p / 100.0),
    "to_percent": Operation("{0} * 100.0", lambda a: a * 100.0),
    "negate_percent": Operation("100.0 - {0}", lambda p: 100.0 - p),
    "gain_percent": Operation("100.0 + {0}", lambda p: 100.0 + p),
    "loss_percent": Operation("100.0 - {0}", lambda p: 100.0 - p),
    "p_after_gain": Operation("(1.0 + {0} / 100.0) * {1}", lambda p, a: (1.0 + p / 100.0) * a),
    "p_after_loss": Operation("(1.0 - {0} / 100.0) * {1}", lambda p, a: (1.0 - p / 100.0) * a),
    "original_price_before_gain": Operation("{1} * 100.0 / (100.0 + {0})", lambda p, a: a * 100.0 / (100.0 + p)),
    "original_price_before_loss": Operation("{1} * 100.0 / (100.0 - {0})", lambda p, a: a * 100.0 / (100.0 - p)),
    "union_prob": Operation("{0} + {1} - {2}", lambda a, b, both: a + b - both),
    "negate_prob": Operation("1.0 - {0}", lambda p: 1.0 - p),
    "speed": Operation("{0} / {1}", lambda way, time: way / time),
    "speed_in_still_water": Operation("({0} + {1}) / 2.0", lambda down, up: (down + up) / 2.0),
    "stream_speed": Operation("({0} - {1}) / 2.0", lambda down, up: (down - up) / 2.0),
    "speed_ratio_steel_to_stream": Operation("({0} + {1}) / ({0} - {1})", lambda a, b: (a + b) / (a - b)),
    "combined_work": Operation(  # each argument is a time or, below 1, a rate
        "1.0 / (Math.min({0}, 1.0 / {0}) + Math.min({1}, 1.0 / {1}))",
        lambda a, b: 1.0 / (min(a, 1.0 / a) + min(b, 1.0 / b)),
    ),
    "find_work": Operation(
        "1.0 / Math.abs(Math.min({0}, 1.0 / {0}) - Math.min({1}, 1.0 / {1}))",
        lambda a, b: 1.0 / abs(min(a, 1.0 / a) - min(b, 1.0 / b)),
    ),
}

OPERATIONS = _ARITHMETIC | _FLAT | _SOLID | _DAILY_LIFE
OPERATIONS |= {  # other spellings that the data set's interpreter knows
    "remindar": OPERATIONS["reminder"],
    "combination": OPERATIONS["choose"],
    "square_edge_by_parameter": OPERATIONS["square_edge_by_perimeter"],
    "price_after_gain": OPERATIONS["p_after_gain"],
    "price_after_loss": OPERATIONS["p_after_loss"],
    "radians_to_degrees": OPERATIONS["radians_to_degree"],
}


def constant(name: str) -> tuple[str, float] | None:
    """The Java expression and the value of `const_100`, `const_0_2778`, `const_2.0`, `const_pi`; `None` if unknown."""
    if name == "const_pi":
        return "Math.PI", math.pi
    if name == "const_deg_to_rad":
        return "(Math.PI / 180.0)", math.pi / 180.0
    found = re.fullmatch(r"const_(\d+)(?:[._](\d+))?", name)
    if found is None:
        return None
    value = float(f"{found[1]}.{found[2] or 0}")
    return repr(value), value
