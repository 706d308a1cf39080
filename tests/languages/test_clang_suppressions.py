"""Nothing that a C or C++ program says silences its compiler."""

from __future__ import annotations

import pytest

from rlcf.config.languages import COptions
from rlcf.languages.c import C
from rlcf.languages.clang.suppressions import without_suppressions
from tests.languages.installed import require

WRONG = "int f(void) { return g(1); }\n"
IGNORED = 'ignored "-Wimplicit-function-declaration"'
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
]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    require(C())


def test_a_program_cannot_silence_the_compiler() -> None:
    with C().checker(workers=1) as checker:
        assert [verdict.status for verdict in checker.check([WRONG, *SILENT])] == ["rejected"] * (1 + len(SILENT))


def test_where_suppressions_count_it_can() -> None:
    with C().checker(workers=1, options=COptions(suppressions=True)) as checker:
        assert [verdict.status for verdict in checker.check(SILENT)] == ["accepted"] * len(SILENT)


@pytest.mark.parametrize(
    "source", ["#pragma once\n", "int diagnostic;\n", "#define ONE 1\n", "#if 1\n#endif\n", "# include <math.h>\n"]
)
def test_what_silences_nothing_stays(source: str) -> None:
    assert without_suppressions(source) == source


def test_places_stay() -> None:
    assert all(len(without_suppressions(source)) == len(source) for source in SILENT)
