"""What a judge sees of a completion: the same for programs that differ in their prose only."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rlcf.languages.base import Language
from rlcf.languages.registry import load_language
from rlcf.records import Task


@dataclass(frozen=True)
class Written:
    """A function, and what a judge sees of it."""

    language: str
    context: str
    completion: str
    seen: str
    judged: str
    """With the names that it makes up left out."""


CASES = [
    Written(
        "python",
        'def total(prices):\n    """The sum."""\n',
        '    """Adds up prices."""\n    # the sum of all prices\n    found = 0\n\n    for p in prices:\n'
        '        found += p  # add\n    print(f"sum of prices: {found} now")\n    return found\n',
        '    """"""\n    found = 0\n    for p in prices:\n        found += p\n    print(f"{found}")\n    return found',
        '    """"""\n    v0 = 0\n    for v1 in prices:\n        v0 += v1\n    print(f"{v0}")\n    return v0',
    ),
    Written(
        "javascript",
        "function total(prices) {\n",
        "  /* the sum */ const found = prices.map(x => x.cents); // all\n  return `sum ${found} \\n` + 'prices';\n}\n",
        "   const found = prices.map(x => x.cents);\n  return `${found}` + '';\n}",
        "   const v0 = prices.map(v1 => v1.cents);\n  return `${v0}` + '';\n}",
    ),
    Written(
        "typescript",
        "function total(prices: number[]): number {\n",
        "  const found: number = 0; // the sum of all prices\n  return found;\n}\nfunction sum() { }\n",
        "  const found: number = 0;\n  return found;\n}",
        "  const v0: number = 0;\n  return v0;\n}",
    ),
    Written(
        "go",
        "package shop\n\nfunc total(prices []int) int {\n",
        '\tfound := 0 // the sum\n\tfmt.Println("prices", `sum`)\n\treturn found\n}\n',
        '\tfound := 0\n\tfmt.Println("", ``)\n\treturn found\n}',
        '\tv0 := 0\n\tv1.Println("", ``)\n\treturn v0\n}',
    ),
    Written(
        "c",
        "#include <stdio.h>\nint total(int *prices, int n) {\n",
        '    /* so */ int found = 0; // of all\n    printf("sum %d\\n", found);\n    return found;\n}\nint other;\n',
        '     int found = 0;\n    printf("", found);\n    return found;\n}',
        '     int v0 = 0;\n    printf("", v0);\n    return v0;\n}',
    ),
    Written(
        "cpp",
        "int total(std::vector<int> prices) {\n",
        '  int found = prices.size(); // all\n  std::string s = R"(sum)" + std::string("x");\n  return found;\n}\n',
        '  int found = prices.size();\n  std::string s = R"()" + std::string("");\n  return found;\n}',
        '  int v0 = prices.size();\n  std::string v1 = R"()" + std::string("");\n  return v0;\n}',
    ),
    Written(
        "rust",
        "fn total(prices: &[i32]) -> i32 {\n",
        '    /// the sum\n    let found = 0; /* of all */\n    println!("prices {}", r#"sum"#);\n    found\n}\n',
        '    let found = 0;\n    println!("", r#""#);\n    found\n}',
        '    let v0 = 0;\n    println!("", r#""#);\n    v0\n}',
    ),
    Written(
        "sql",
        "CREATE TABLE t(name TEXT, n INT);\nSELECT name FROM t\n",
        "WHERE name = 'the sum' -- of all\n  AND \"n\" > 1 /* prices */;\nSELECT 2;\n",
        "WHERE name = ''\n  AND \"n\" > 1 ;",
        "WHERE name = ''\n  AND \"n\" > 1 ;",
    ),
    Written(
        "systemverilog",
        "module total(input a, output b);\n",
        '  assign b = a; // the sum\n  /* of all */ initial $display("prices");\nendmodule\nmodule sum; endmodule\n',
        '  assign b = a;\n   initial $display("");\nendmodule',
        '  assign b = a;\n   initial $display("");\nendmodule',
    ),
]


def installed(name: str) -> Language:
    """The language; skips the test where its grammar is missing."""
    language = load_language(name)
    if language.grammar is not None:
        pytest.importorskip(language.grammar.module, reason="make languages installs it")
    return language


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.language)
def test_a_judge_reads_the_function_without_comments_and_texts(case: Written) -> None:
    language, task = installed(case.language), Task("t", case.context, language=case.language)
    assert language.written_code(task, case.completion) == case.seen
    assert language.judged_code(task, case.completion) == case.judged


@pytest.mark.parametrize("name", ["python", "javascript", "typescript", "go", "rust", "c", "cpp"])
@pytest.mark.parametrize("text", ["", "}", "\ud800", "/* open", '"', "'''", "{" * 2000, "\0", "é" * 5])
def test_any_text_can_be_shown(name: str, text: str) -> None:
    language = installed(name)
    for context in ("", "def f(x):\n", "function f(x) {\n", "fn f() {"):
        task = Task("t", context, language=name)
        assert isinstance(language.written_code(task, text), str)
        assert isinstance(language.judged_code(task, text), str)
