"""MathQA's formulas as values and as programs: what every operation means, with answers worked out by hand."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

import rlcf
from rlcf.errors import SandboxUnavailable
from rlcf.tasks.mathqa.conversion import prompt_of
from rlcf.tasks.mathqa.formula import FormulaError, evaluate, parse_formula, reference
from rlcf.tasks.mathqa.notation import Notation, notation, notation_names
from rlcf.tasks.mathqa.operations import OPERATIONS

JAVA = notation("java")

MEANINGS = {
    "add": ([2, 3], 5),
    "subtract": ([2, 3], -1),
    "multiply": ([2, 3], 6),
    "divide": ([3, 4], 0.75),
    "negate": ([3], -3),
    "inverse": ([4], 0.25),
    "power": ([2, 10], 1024),
    "sqrt": ([49], 7),
    "log": ([8], 3),
    "max": ([2, 3], 3),
    "min": ([2, 3], 2),
    "floor": ([-2.5], -3),
    "round": ([2.5], 3),
    "reminder": ([17, 5], 2),
    "remindar": ([17, 5], 2),
    "gcd": ([12, 18], 6),
    "lcm": ([4, 6], 12),
    "factorial": ([5], 120),
    "choose": ([5, 2], 10),
    "combination": ([52, 5], 2598960),
    "permutation": ([5, 2], 20),
    "sine": ([math.pi / 6], 0.5),
    "cosine": ([math.pi / 3], 0.5),
    "tangent": ([math.pi / 4], 1),
    "radians_to_degree": ([math.pi], 180),
    "radians_to_degrees": ([math.pi / 2], 90),
    "degree_to_radians": ([180], math.pi),
    "count_interval": ([9, 3], 7),
    "sum_consecutive_number": ([1, 5], 10),  # 1 + 2 + 3 + 4
    "circle_area": ([2], 4 * math.pi),
    "circumface": ([3], 6 * math.pi),
    "circle_arc": ([90, 2], math.pi),
    "circle_sector_area": ([2, 90], math.pi),
    "semi_circle_perimiter": ([2], 2 * math.pi + 4),
    "rectangle_area": ([2, 3], 6),
    "rectangle_perimeter": ([2, 3], 10),
    "square_area": ([3], 9),
    "square_perimeter": ([3], 12),
    "square_edge_by_area": ([81], 9),
    "square_edge_by_perimeter": ([12], 3),
    "square_edge_by_parameter": ([12], 3),
    "rhombus_area": ([6, 8], 24),
    "rhombus_perimeter": ([5], 20),
    "quadrilateral_area": ([10, 3, 5], 40),
    "trapezium_area": ([14, 20, 18], 266),
    "triangle_area": ([6, 5], 15),
    "triangle_perimeter": ([3, 4, 5], 12),
    "triangle_area_three_edges": ([3, 4, 5], 6),
    "diagonal": ([3, 4], 5),
    "side_by_diagonal": ([5, 3], 4),
    "volume_cube": ([3], 27),
    "volume_rectangular_prism": ([2, 3, 4], 24),
    "volume_sphere": ([3], 36 * math.pi),
    "volume_cylinder": ([2, 3], 12 * math.pi),
    "volume_cone": ([2, 3], 4 * math.pi),
    "surface_cube": ([2], 24),
    "surface_rectangular_prism": ([2, 3, 4], 52),
    "surface_sphere": ([2], 16 * math.pi),
    "surface_cylinder": ([2, 3], 20 * math.pi),
    "surface_cone": ([3, 4], 24 * math.pi),
    "cube_edge_by_volume": ([27], 3),
    "percent": ([20, 50], 10),
    "from_percent": ([20], 0.2),
    "to_percent": ([0.2], 20),
    "negate_percent": ([20], 80),
    "gain_percent": ([20], 120),
    "loss_percent": ([20], 80),
    "p_after_gain": ([20, 50], 60),
    "p_after_loss": ([20, 50], 40),
    "price_after_gain": ([20, 50], 60),
    "price_after_loss": ([20, 50], 40),
    "original_price_before_gain": ([20, 60], 50),
    "original_price_before_loss": ([20, 40], 50),
    "union_prob": ([0.5, 0.25, 0.125], 0.625),
    "negate_prob": ([0.25], 0.75),
    "speed": ([100, 8], 12.5),
    "speed_in_still_water": ([19, 9], 14),
    "stream_speed": ([19, 9], 5),
    "speed_ratio_steel_to_stream": ([6, 2], 2),
    "combined_work": ([3, 6], 2),
    "find_work": ([2, 6], 3),
}


def _call(operation: str) -> str:
    return f"{operation}({','.join(f'n{i}' for i in range(len(MEANINGS[operation][0])))})"


def test_every_operation_has_a_value_worked_out_by_hand() -> None:
    assert MEANINGS.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_means_what_its_name_says(operation: str) -> None:
    numbers, expected = MEANINGS[operation]
    assert evaluate(parse_formula(_call(operation)), numbers) == pytest.approx(expected, rel=1e-12)


CASES = [(_call(o), [float(n) for n in numbers], float(v)) for o, (numbers, v) in MEANINGS.items()] + [
    ("multiply(const_0_2778,const_3600)", [], 1000.08),
    ("add(const_2.0,const_pi)", [], 2 + math.pi),
    ("multiply(n0,const_deg_to_rad)", [180.0], math.pi),
    ("power(const_0_33,n1)|negate(#0)|subtract(#1,n0)|subtract(#2,#1)", [5.0, 2.0], -5.0),
    ("reminder(n0,n1)|remindar(n0,n1)|add(#0,#1)|negate(n0)|remindar(#3,n1)", [17.0, 5.0], -2.0),
    ("choose(n0,n1)|factorial(n1)|gcd(#0,#1)|permutation(n0,n1)|lcm(#2,#3)", [6.0, 3.0], 120.0),  # all helpers
]
"""Formula, numbers, value."""


def _programs(written: Notation) -> list[str]:
    """A program with a test of its value for each of `CASES`."""
    return [
        prompt_of("", written) + reference(parse_formula(formula), numbers, written) + written.test(value)
        for formula, numbers, value in CASES
    ]


@pytest.mark.usefixtures("jdk")
def test_java_computes_the_same_for_every_operation_and_constant() -> None:
    try:
        with rlcf.load_language("java").runner(workers=1) as runner:
            executions = runner.run(_programs(JAVA))
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    assert {c[0]: e.detail for c, e in zip(CASES, executions, strict=True) if not e.passed} == {}


def test_python_computes_the_same_for_every_operation_and_constant() -> None:
    for program in _programs(notation("python")):
        exec(compile(program, "program", "exec", dont_inherit=True), {})


def test_typescript_computes_the_same_for_every_operation_and_constant(tmp_path: Path) -> None:
    tsc, node = shutil.which("tsc"), shutil.which("node")
    if tsc is None or node is None:
        pytest.skip("TypeScript's compiler is not on the path: npm install -g typescript")
    for place, program in enumerate(_programs(notation("typescript"))):
        (tmp_path / f"t{place}.ts").write_text(program + "export {};\n", encoding="utf-8")
    options = {"strict": True, "target": "es2022", "module": "commonjs", "types": []}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options}), encoding="utf-8")
    compiled = subprocess.run([tsc, "--project", "."], cwd=tmp_path, capture_output=True, text=True)
    assert (compiled.stdout, compiled.returncode) == ("", 0)
    for place, case in enumerate(CASES):
        run = subprocess.run([node, f"t{place}.js"], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, f"{case}: {run.stderr}"


@pytest.mark.parametrize("language", notation_names())
def test_the_test_of_a_wrong_value_fails(language: str) -> None:
    written = notation(language)
    assert written.test(3.5) != written.test(3.25)
    assert "3.5" in written.test(3.5)
    if language == "python":
        program = prompt_of("", written) + reference(parse_formula("add(n0,n1)"), [1.0, 2.0], written)
        with pytest.raises(AssertionError, match=r"expected 3\.5, found 3\.0"):
            exec(compile(program + written.test(3.5), "program", "exec", dont_inherit=True), {})


def test_a_reference_reads_as_a_person_would_write_it() -> None:
    steps = parse_formula("add(n1,n2)|subtract(const_100,#0)|multiply(n0,#1)|divide(#2,const_100)|")
    assert reference(steps, [650.0, 44.0, 28.0, 9.0], JAVA) == (
        "        double n0 = 650.0;\n"
        "        double n1 = 44.0;\n"
        "        double n2 = 28.0;\n"
        "        double t0 = n1 + n2;\n"
        "        double t1 = 100.0 - t0;\n"
        "        double t2 = n0 * t1;\n"
        "        return t2 / 100.0;\n"
        "    }\n"
        "}\n"
    )
    assert reference(steps[:2], [650.0, 44.0, 28.0], notation("python")) == (
        "    n1 = 44.0\n    n2 = 28.0\n    t0 = n1 + n2\n    return 100.0 - t0\n"
    )
    assert reference(steps[:2], [650.0, 44.0, 28.0], notation("typescript")) == (
        "    const n1 = 44.0;\n    const n2 = 28.0;\n    const t0 = n1 + n2;\n    return 100.0 - t0;\n}\n"
    )


def test_python_imports_math_only_where_it_is_needed() -> None:
    steps = parse_formula("sqrt(n0)|multiply(#0,const_pi)|power(#1,n0)|max(#2,n0)")
    assert reference(steps, [4.0], notation("python")) == (
        "    import math\n\n    n0 = 4.0\n    t0 = math.sqrt(n0)\n    t1 = t0 * math.pi\n"
        "    t2 = t1 ** n0\n    return max(t2, n0)\n"
    )


def test_a_helper_stands_behind_the_method_once_and_only_where_it_is_called() -> None:
    body = reference(parse_formula("gcd(n0,n1)|lcm(#0,n1)"), [4.0, 6.0], JAVA)
    assert body.count("private static double") == body.count("private static double gcd(") == 1
    assert body.index("return") < body.index("private static")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("cube_root(n0)", "unknown operation 'cube_root'"),
        ("add(n0,const_e)", "unknown constant 'const_e'"),
        ("add(n0,x)", "unknown argument 'x'"),
        ("add(n0)", "'add' takes 2 arguments, not 1"),
        ("add(n0,n1", "not of the form"),
        (" | ", "the formula is empty"),
        ("add(n0,n2)", "names a number that the problem does not have"),
        ("add(n0,#0)", "names a number that the problem does not have"),
        ("divide(n0,#0)", "names a number that the problem does not have"),
        ("subtract(n0,n0)|divide(n0,#0)", "no finite value"),
        ("negate(n0)|sqrt(#0)", "no finite value"),
        ("power(const_1000,const_1000)", "no finite value"),
        ("factorial(const_1000)", "no finite value"),
        ("multiply(n0,const_100000000)|divide(#0,const_2)|choose(#0,#1)", "no finite value"),
    ],
)
def test_what_is_no_formula_is_named(formula: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        evaluate(parse_formula(formula), [4.0, 6.0])
