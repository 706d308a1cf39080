"""What rlcf tasks mine says of a project that does not compile."""

from __future__ import annotations

import pytest

from rlcf.languages.java import Java
from rlcf.languages.projects import SourceError

SHOP = "package com.acme;\nclass Shop { }"
LOMBOK = "package com.acme;\nimport lombok.Data;\n@Data class Item { }"


def error(message: str, code: str = "compiler.err.doesnt.exist") -> SourceError:
    return SourceError(code, message, 3, 40)


def missing(symbol: str, code: str = "compiler.err.cant.resolve.location") -> SourceError:
    return error(f"cannot find symbol\n  symbol:   {symbol}\n  location: class com.acme.Shop", code)


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
            [error("package com.acme.gen does not exist"), missing("class Parser"), missing("variable Version")],
            [SHOP, "package com.acme;\nimport com.acme.gen.Parser;\nclass Reader { }"],
            ["no source declares com.acme.Version, com.acme.gen; if the build generates it, build the project first"],
        ),
        (
            [
                error("package org.b does not exist"),
                missing("class Json"),
                missing("variable MAX"),
                missing("variable n"),
            ],
            [SHOP, "package com.acme;\nimport org.b.Json;\nclass Reader { }"],
            ["packages that are missing: org.b; name"],
        ),
        (
            [error("package org.b does not exist"), missing("class Json")],
            ["package com.acme;\nimport org.b.*;\nclass Shop { }"],
            ["packages that are missing: org.b; name"],
        ),
        ([missing("class Shop")], [SHOP], []),
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
        (
            [
                error("'.class' expected", "compiler.err.dot.class.expected"),
                error("patterns in switch statements", "compiler.err.preview.feature.disabled.plural"),
            ],
            [SHOP],
            ["some code is for a newer Java"],
        ),
        (
            [
                error("';' expected", "compiler.err.expected"),
                missing("variable a", "compiler.err.cant.resolve.location"),
            ],
            [SHOP],
            ["files with errors of syntax: correct them; if they are for a newer Java, set JAVA_HOME"],
        ),
        (
            [error("';' expected", "compiler.err.expected"), error("package org.b does not exist")],
            [SHOP],
            ["packages that are missing: org.b; name"],
        ),
    ],
    ids=[
        *["right", "wrong", "packages", "generated", "elsewhere", "below", "imported", "all imported", "declared"],
        *["lombok", "release", "preview", "syntax", "syntax and packages"],
    ],
)
def test_each_known_cause_is_one_line(errors: list[SourceError], texts: list[str], lines: list[str]) -> None:
    found = Java().advice(errors, texts, is_built=False)
    assert len(found) == len(lines)
    assert all(part in line for part, line in zip(lines, found, strict=True))


def test_a_project_that_is_built_is_not_to_be_built() -> None:
    (line,) = Java().advice([error("package lombok does not exist")], [LOMBOK], is_built=True)
    assert line.endswith("files that do so make no tasks")
