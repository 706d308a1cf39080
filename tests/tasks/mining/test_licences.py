"""The licence of a file, by its header."""

from __future__ import annotations

import pytest

from rlcf.tasks.mining.licences import file_licence, licence_of


def header(*lines: str) -> str:
    return "/*\n" + "".join(f" * {line}\n" for line in lines) + " */\npackage a;\n"


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (header("subject to the terms of the Mozilla Public", "License, v. 2.0. If a copy"), "MPL-2.0"),
        (header("The contents are subject to the Mozilla Public License Version", "1.1 (the"), "MPL-1.1"),
        (header("under the terms of the Eclipse Public License v1.0", "which accompanies"), "EPL-1.0"),
        (header("under the terms of the Eclipse Public License 2.0", "which is available"), "EPL-2.0"),
        (
            header(
                "under the terms of the GNU Lesser General Public",
                "License as published by the Free Software Foundation; either",
                "version 2.1 of the License, or (at your option) any later version.",
            ),
            "LGPL-2.1-or-later",
        ),
        (header("under the terms of version 2 of the GNU General Public License as published"), "GPL-2.0"),
        ("# Foo.\n# Licensed under the Apache\n# License, Version 2.0 (the", "Apache-2.0"),
        (header("http://www.apache.org/licenses/LICENSE-2.0"), "Apache-2.0"),
        ("GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n", "GPL-3.0"),
        ("Eclipse Public License - v 2.0\n\nTHE ACCOMPANYING", "EPL-2.0"),
        ("MIT License\n\nCopyright (c) 2026", "MIT"),
        (header("This is under the GNU General Public License, see", "2026"), "GPL"),
        ("class A { }", None),
    ],
)
def test_the_licence_that_a_head_names(text: str, licence: str | None) -> None:
    assert licence_of(text) == licence


@pytest.mark.parametrize(
    "text",
    [
        header("Licensed under the Frobnicate", "License."),
        header("under the terms of the Common Development and Distribution License (the", "License)."),
        "# Under the CeCILL license, version 2.1\nimport os\n",
        '"""Tools.\n\nLicensed under the Frobnicate License."""\n',
    ],
)
def test_a_file_under_a_licence_that_is_not_known_is_not_under_the_projects(text: str) -> None:
    assert file_licence(text, "MIT") is None


@pytest.mark.parametrize(
    "text",
    [
        "class A { }",
        header("Copyright 2026 A. All rights reserved."),
        header("Use of this source code is governed by a style of license that can be", "found in the LICENSE file."),
        header("Licensed under the terms in LICENSE.txt."),
        'package a;\nclass A { String s = "Licensed under the Frobnicate License"; }',
    ],
)
def test_a_file_that_names_no_licence_is_under_the_projects(text: str) -> None:
    assert file_licence(text, "MIT") == "MIT"
