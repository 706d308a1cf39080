"""The runners of JavaScript and TypeScript: honest programs pass, and no program passes that should not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.javascript.node import find_node
from rlcf.languages.registry import load_language
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.records import Program
from rlcf.workers.sandbox import find_sandbox

_PROGRAM = re.compile(r"^//// ([^\n]+): (\w+)\n(.*?)^////\n(.*?)\n?(?=^//// |\Z)", re.MULTILINE | re.DOTALL)
_FOLDER = Path(__file__).parent / "exploits"
LANGUAGES = ("javascript", "typescript")
PROGRAMS = {
    (language, name): (source, test, status)
    for language in LANGUAGES
    for name, status, source, test in _PROGRAM.findall((_FOLDER / f"{language}.txt").read_text(encoding="utf-8"))
}
HONEST = [key for key, each in PROGRAMS.items() if each[2] == "passed"]


@pytest.fixture(scope="module")
def runners() -> Iterator[dict[str, Runner]]:
    try:
        find_compiler()
        find_node()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))
    made = {name: load_language(name).runner(workers=2, timeout_s=8.0, memory_mib=128) for name in LANGUAGES}
    yield made
    for runner in made.values():
        runner.close()


SUM = "function sum(xs) { return xs.reduce((s, x) => s + x, 0); }\n"
SPLIT = "function split(n) {\n"
IS_SPLIT = 'if (sum(split(7)) !== 7) throw new Error("no");'


HELPERS = {
    "a function": (SUM + SPLIT, "return [3, n - 3]; }", IS_SPLIT),
    "functions that call one another, and the program": (
        f"const ZERO = 0;\n{SUM}const total = (n) => ZERO + sum(split(n));\n{SPLIT}",
        "return [3, n - 3]; }",
        'if (total(7) !== 7) throw new Error("no");',
    ),
    "a function that a test passes on": (
        SUM + "function f(g) {\n",
        "return g([1, 2]); }",
        'if (f(sum) !== 3) throw new Error("no");',
    ),
    "a name that the context lacks": (SUM + SPLIT, "return rest(n); }\nfunction rest(n) { return [n]; }", IS_SPLIT),
    "a name of the test's": (SUM + SPLIT, "return [n]; }", "const sum = ([x]) => x;\n" + IS_SPLIT),
    "objects of a class": (
        "class Node { constructor(v, next) { this.v = v; this.next = next; } }\n"
        "function list(xs) { return xs.reduceRight((next, v) => new Node(v, next), null); }\n"
        "function values(node) { return node ? [node.v, ...values(node.next)] : []; }\n"
        "function reversed(node) {\n",
        "let made = null; for (; node instanceof Node; node = node.next) made = new Node(node.v, made); return made; }",
        'require("assert").deepStrictEqual(values(reversed(list([1, 2, 3]))), [3, 2, 1]);',
    ),
    "objects of a class of old": (
        "function Node(v) { this.v = v; }\nfunction f(node) {\n",
        "return node instanceof Node ? node.v : 0; }",
        'if (f(new Node(3)) !== 3) throw new Error("no");',
    ),
    "what functions remember": (
        "const seen = [];\nlet count = 0;\nfunction calls() { return [count, seen.length]; }\nfunction f(x) {\n",
        "count++; seen.push(x); return x; }",
        'f(1); require("assert").deepStrictEqual(calls(), [1, 1]);',
    ),
    "modules": (
        'const path = require("path");\nconst crypto = require("crypto");\n'
        "const last = (name) => path.basename(name);\nfunction f(name) {\n",
        "return path.join(name, last(name)); }",
        'if (last(f("a")) !== "a" || path.sep !== "/") throw new Error("no");',
    ),
}
"""A context, a body, and a test that uses what the context declares."""


def program(source: str, test: str, context: str = "") -> Program:
    return Program(context + source, len(context), len(context) + len(source)).with_test(test)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_programs(language: str) -> None:
    honest = [name for of, name in HONEST if of == language]
    assert len(honest) >= 12
    assert len([name for of, name in PROGRAMS if of == language]) - len(honest) >= 25


@pytest.mark.parametrize(("language", "name"), HONEST)
def test_an_honest_program_passes(runners: dict[str, Runner], language: str, name: str) -> None:
    (execution,) = runners[language].run([program(*PROGRAMS[language, name][:2])])
    assert execution.status == "passed", execution


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_dishonest_program_passes_nor_disturbs_another(runners: dict[str, Runner], language: str) -> None:
    right = program(*PROGRAMS[language, "a function"][:2])
    bad = {name: each for (of, name), each in PROGRAMS.items() if of == language and each[2] != "passed"}
    executions = runners[language].run([each for s, t, _ in bad.values() for each in (program(s, t), right)])
    came = {name: (execution.status, execution.detail) for name, execution in zip(bad, executions[::2], strict=True)}
    assert {name: status for name, (status, _) in came.items()} == {n: each[2] for n, each in bad.items()}, came
    assert {execution.status for execution in executions[1::2]} == {"passed"}


@pytest.mark.parametrize("name", HELPERS)
def test_helpers_of_the_context_work(runners: dict[str, Runner], name: str) -> None:
    context, body, test = HELPERS[name]
    (execution,) = runners["javascript"].run([program(body, f"\n{test}", context)])
    assert execution.status == "passed", execution


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_completion_does_not_change_the_helpers_of_its_context(runners: dict[str, Runner], language: str) -> None:
    kinds = {"javascript": ("", "", "globalThis"), "typescript": (": number[]", ": number", "(globalThis as any)")}
    xs, n, everything = kinds[language]
    context = (
        f"const ZERO{n} = 0;\n"
        f"function sum(xs{xs}){n} {{ return xs.reduce((s{n}, x{n}) => s + x, ZERO); }}\n"
        f"function split(n{n}){xs} {{\n"
    )
    bodies = {
        "honest": "return [3, n - 3]; }",
        "what it calls": "Array.prototype.reduce = () => 7; return []; }",
        "itself": "return []; }\n" + everything + ".sum = () => 7;",
        "declared again": "return []; }\n{ eval('var sum = () => 7'); }",
        "a constant": "return []; }\n" + everything + ".ZERO = 7;",
    }
    executions = runners[language].run([program(body, f"\n{IS_SPLIT}", context) for body in bodies.values()])
    statuses = dict(zip(bodies, [each.status for each in executions], strict=True))
    assert statuses.pop("honest") == "passed", executions
    assert set(statuses.values()) == {"failed"}, executions
