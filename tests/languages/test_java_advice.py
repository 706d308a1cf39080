"""What rlcf tasks mine says of a project that does not compile."""

from __future__ import annotations

import pytest

from rlcf.languages.java import Java
from rlcf.languages.projects import SourceError

SHOP = "package com.acme;\nclass Shop { }"
LOMBOK = "package com.acme;\nimport lombok.Data;\n@Data class Item { }"


def error(message: str, code: str = "compiler.err.doesnt.exist") -> SourceError:
    return SourceError(code, message, 3, 40)


@pytest.mark.parametrize(
    ("errors", "texts", "lines"),
    [
        ([], [SHOP, LOMBOK], []),
        ([error("incompatible types: String cannot be converted to int", "compiler.err.prob.found.req")], [SHOP], []),
        (
            [
                *[error("package org.b does not exist")] * 2,
                *[error(f"package org.a{n} does not exist") for n in range(6)],
            ],
            [SHOP],
            ["packages that are missing: org.b, org.a0, org.a1, org.a2, org.a3 and 2 more; name their jars"],
        ),
        (
            [error("cannot find symbol\n  symbol:   class Version\n  location: package com.acme")],
            [SHOP],
            ["no source declares com.acme.Version; if the build generates it, build the project first"],
        ),
        ([error("cannot find symbol\n  symbol:   class Version\n  location: package org.other")], [SHOP], []),
        (
            [error("package lombok does not exist"), error("package org.b does not exist")],
            [SHOP, LOMBOK],
            ["packages that are missing: org.b; name", "Lombok, which adds code when it is built; build it first"],
        ),
        (
            [error("records are not supported in -source 8", "compiler.err.feature.not.supported.in.source.plural")],
            [SHOP],
            ["some code is for a newer Java"],
        ),
    ],
    ids=["right", "wrong", "packages", "generated", "elsewhere", "lombok", "release"],
)
def test_each_known_cause_is_one_line(errors: list[SourceError], texts: list[str], lines: list[str]) -> None:
    found = Java().advice(errors, texts, is_built=False)
    assert len(found) == len(lines)
    assert all(part in line for part, line in zip(lines, found, strict=True))


def test_a_project_that_is_built_is_not_to_be_built() -> None:
    (line,) = Java().advice([error("package lombok does not exist")], [LOMBOK], is_built=True)
    assert line.endswith("files that do so make no tasks")
