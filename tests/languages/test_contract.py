"""Every language passes the contract suite. A new language adds a file to `examples` and one line to `EXAMPLES`."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.languages.base import RUNNING, Language
from rlcf.languages.c import C as CLanguage
from rlcf.languages.cpp import Cpp
from rlcf.languages.go import Go
from rlcf.languages.java import Java
from rlcf.languages.javascript import JavaScript
from rlcf.languages.kotlin import Kotlin
from rlcf.languages.python import Python
from rlcf.languages.registry import LANGUAGES, load_language
from rlcf.languages.rust import Rust
from rlcf.languages.self_check import CHECKS, Check, Examples, Skipped, runs_end_as_they_should
from rlcf.languages.sql import Sql
from rlcf.languages.systemverilog import SystemVerilog
from rlcf.languages.typescript import TypeScript
from tests.languages.examples.c import C
from tests.languages.examples.compiled_python import COMPILED_PYTHON
from tests.languages.examples.cpp import CPP
from tests.languages.examples.go import GO
from tests.languages.examples.java import JAVA
from tests.languages.examples.javascript import JAVASCRIPT
from tests.languages.examples.kotlin import KOTLIN
from tests.languages.examples.ocaml import OCAML
from tests.languages.examples.php import PHP
from tests.languages.examples.python import PYTHON
from tests.languages.examples.rust import RUST
from tests.languages.examples.sql import SQL
from tests.languages.examples.systemverilog import SYSTEMVERILOG
from tests.languages.examples.typescript import TYPESCRIPT
from tests.languages.installed import require
from tests.languages.python_language import Python as CompiledPython

_TABLES = Path(__file__).parents[2] / "recipes" / "languages"

EXAMPLES: dict[str, tuple[Language, Examples]] = {
    "go": (Go(), GO),
    "c": (CLanguage(), C),
    "cpp": (Cpp(), CPP),
    "java": (Java(), JAVA),
    "javascript": (JavaScript(), JAVASCRIPT),
    "kotlin": (Kotlin(), KOTLIN),
    "python": (Python(), PYTHON),
    "rust": (Rust(), RUST),
    "typescript": (TypeScript(), TYPESCRIPT),
    "sql": (Sql(), SQL),
    "systemverilog": (SystemVerilog(), SYSTEMVERILOG),
    "compiled-python": (CompiledPython(), COMPILED_PYTHON),
    "ocaml": (load_language(str(_TABLES / "ocaml.toml")), OCAML),
    "php": (load_language(str(_TABLES / "php.toml")), PHP),
}


def test_every_language_has_examples() -> None:
    assert set(EXAMPLES) >= set(LANGUAGES)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_language_keeps_its_contract(name: str, check: Check, request: pytest.FixtureRequest) -> None:
    language, examples = EXAMPLES[name]
    require(language)
    if check is runs_end_as_they_should:
        require(language, RUNNING)
    if language.can_run:
        request.getfixturevalue("sandbox_here")
    try:
        check(language, examples)
    except Skipped as reason:
        pytest.skip(str(reason))
