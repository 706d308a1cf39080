"""Nothing that a C or C++ program says silences its compiler."""

from __future__ import annotations

import time

import pytest

from rlcf.config.languages import ClangOptions, COptions, CppOptions
from rlcf.languages.base import Language
from rlcf.languages.c import C
from rlcf.languages.clang.suppressions import without_suppressions
from rlcf.languages.cpp import Cpp
from tests.languages.installed import require

WRONG = "int f(void) { return g(1); }\n"
IGNORED = 'ignored "-Wimplicit-function-declaration"'
BLANKS = ("\f", "\v", "\0", "\x85", "\xa0", "\u3000")
PASTED = """#define JOINED(a, b) a##b
#define JOIN(a, b) JOINED(a, b)
#define AS_TEXT(x) JOIN(_Pra, gma)(#x)
#define HIDE(x) AS_TEXT(x)
"""
SILENT = [
    f"#pragma GCC diagnostic {IGNORED}\n{WRONG}",
    f"#pragma clang diagnostic {IGNORED}\n{WRONG}",
    f"%:pragma clang /* */ diagnostic {IGNORED}\n{WRONG}",
    f"#pragma clang diag\\\nnostic {IGNORED}\n{WRONG}",
    f'_Pragma("clang diagnostic ignored \\"-Wimplicit-function-declaration\\"")\n{WRONG}',
    f"#define HIDE(x) _Pragma(#x)\nHIDE(clang diagnostic {IGNORED})\n{WRONG}",
    f'# 1 "x.h" 3\n{WRONG}',
    f'#/**/1 "x.h" 3\n{WRONG}',
    f'%: 1 "x.h" 3\n{WRONG}',
    f'%\\\n: 1 "x.h" 3\n{WRONG}',
    f'/* */ # 1 "x.h" 3\n{WRONG}',
    f'int x;\r# 1 "x.h" 3\n{WRONG}',
    f'#/\\\n* */1 "x.h" 3\n{WRONG}',
    f'#\\ \n1 "x.h" 3\n{WRONG}',
    *(f"#pragma GCC{blank}diagnostic {IGNORED}\n{WRONG}" for blank in BLANKS),
    *(f'{blank}# 1 "x.h" 3\n{WRONG}' for blank in BLANKS),
    *(f'#{blank}1 "x.h" 3\n{WRONG}' for blank in BLANKS),
    f"#pragma GCC diag\\\rnostic {IGNORED}\n{WRONG}",
    f"{PASTED}HIDE(JOIN(G, CC) JOIN(diag, nostic) {IGNORED})\n{WRONG}",
    f'#ifndef ONCE\n#define ONCE\n#include "program.c"\n#else\n#pragma GCC system_header\n{WRONG}#endif\n',
]
OF_TRIGRAPHS = [
    f'??= 1 "x.h" 3\n{WRONG}',
    f'#??/\n1 "x.h" 3\n{WRONG}',
    f"#pragma GCC diag??/\nnostic {IGNORED}\n{WRONG}",
]
NARROWS = "int f() { char c{300}; return c; }\n"
OF_CPP = [
    f'/* */ # 1 "x.h" 3\n{NARROWS}',
    f'#pragma GCC\fdiagnostic ignored "-Wc++11-narrowing"\n{NARROWS}',
    f'_Pragma("GCC diagnostic ignored \\"-Wc++11-narrowing\\"")\n{NARROWS}',
]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    require(C())
    require(Cpp())


@pytest.mark.parametrize(
    ("language", "options", "sources"),
    [
        (C(), COptions(), [WRONG, *SILENT]),
        (C(), COptions(standard="c17"), OF_TRIGRAPHS),
        (Cpp(), CppOptions(), [NARROWS, *OF_CPP]),
    ],
    ids=["c", "trigraphs", "cpp"],
)
def test_a_program_cannot_silence_the_compiler(language: Language, options: ClangOptions, sources: list[str]) -> None:
    with language.checker(workers=1, options=options) as checker:
        came = dict(zip(sources, checker.check(sources), strict=True))
    assert [source for source, verdict in came.items() if verdict.status != "rejected"] == []


@pytest.mark.parametrize(
    ("language", "options", "sources"),
    [
        (C(), COptions(suppressions=True), SILENT),
        (C(), COptions(standard="c17", suppressions=True), OF_TRIGRAPHS),
        (Cpp(), CppOptions(suppressions=True), OF_CPP),
    ],
    ids=["c", "trigraphs", "cpp"],
)
def test_where_suppressions_count_it_can(language: Language, options: ClangOptions, sources: list[str]) -> None:
    with language.checker(workers=1, options=options) as checker:
        came = dict(zip(sources, checker.check(sources), strict=True))
    assert [source for source, verdict in came.items() if verdict.status != "accepted"] == []


def test_a_program_with_pragmas_that_is_right_is_accepted() -> None:
    right = '#pragma GCC diagnostic push\n_Pragma("GCC diagnostic pop")\nchar *f(void) { return "#1 \\f#\\n"; }\n'
    with C().checker(workers=1) as checker:
        assert [verdict.diagnostics for verdict in checker.check([right])] == [()]


@pytest.mark.parametrize(
    "source",
    [
        "#pragma once\n",
        'puts("#\\n");\n',
        "#define S(x) #x\n#\n# // nothing\n",
        "int diagnostic;\n",
        "#define ONE 1\n",
        "#if 1\n#endif\n",
        "# include <math.h>\n",
    ],
)
def test_what_silences_nothing_stays(source: str) -> None:
    assert without_suppressions(source) == source


def test_places_stay() -> None:
    for source in (*SILENT, *OF_TRIGRAPHS, *OF_CPP):
        spoilt = without_suppressions(source)
        assert [
            at for at, (one, other) in enumerate(zip(source, spoilt, strict=True)) if one != other and one.isspace()
        ] == []


@pytest.mark.parametrize("part", ["#/*", "/*#/**/", "#\\ ", "%\\\n", "GCC d\\\n", "\\\n"])
def test_a_hostile_text_takes_no_longer_than_its_length_allows(part: str) -> None:
    started = time.process_time()
    without_suppressions("GCC #" + part * (1_000_000 // len(part)))
    assert time.process_time() - started < 5
