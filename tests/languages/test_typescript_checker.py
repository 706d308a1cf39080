"""TypeScript's compiler as a checker: options, packages, and what programs cannot see or change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlcf.config.languages import JavaScriptOptions, NodeOptions, TypeScriptOptions
from rlcf.errors import CheckerUnavailable, SandboxUnavailable, UserError
from rlcf.languages.base import Language
from rlcf.languages.javascript import JavaScript
from rlcf.languages.typescript import TypeScript
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.records import Task
from rlcf.workers.sandbox import find_sandbox


@pytest.fixture(autouse=True)
def _tools() -> None:
    try:
        find_compiler()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))


def codes(source: str, options: NodeOptions | None = None, language: Language | None = None) -> list[str]:
    """The codes of a program's errors."""
    with (language or TypeScript()).checker(workers=1, options=options) as checker:
        (verdict,) = checker.check([source])
    errors = [d.code for d in verdict.diagnostics if d.severity == "error"]
    assert verdict.accepted == (not errors)
    return errors


def test_strictness_says_what_rejects() -> None:
    untyped, wrong, broken = "function f(a) { return a; }\n", "let x: string = 1;\n", "let x = (;\n"
    found = {
        strictness: [codes(s, TypeScriptOptions(strictness=strictness)) for s in (untyped, wrong, broken)]
        for strictness in ("syntax", "types", "strict")
    }
    assert found == {
        "syntax": [[], [], ["TS1109"]],
        "types": [[], ["TS2322"], ["TS1109"]],
        "strict": [["TS7006"], ["TS2322"], ["TS1109"]],
    }
    assert codes("zz;\n", JavaScriptOptions(strictness="syntax"), JavaScript()) == []
    assert codes("zz = (;\n", JavaScriptOptions(strictness="syntax"), JavaScript()) == ["TS1109"]


def test_what_does_not_reject_is_a_warning() -> None:
    with TypeScript().checker(workers=1, options=TypeScriptOptions(strictness="syntax")) as checker:
        (verdict,) = checker.check(["let x: string = 1;\n"])
    assert [(d.code, d.severity) for d in verdict.diagnostics] == [("TS2322", "warning")]


@pytest.mark.parametrize("comment", ["// @ts-ignore", "// @ts-expect-error", "/* @ts-ignore */"])
def test_comments_silence_the_compiler_only_where_that_is_wanted(comment: str) -> None:
    source = f"{comment}\nlet x: string = 1;\n"
    assert codes(source) == ["TS2322"]
    assert codes(source, TypeScriptOptions(suppressions=True)) == []


def test_packages_of_the_search_path_can_be_imported_and_their_types_are_known(tmp_path: Path) -> None:
    for name, text in {
        "inner/lib/index.d.ts": "export function twice(x: number): number;",
        "outer/lib/index.d.ts": "export const never: string;",
        "outer/other/index.d.ts": "export const n: number;",
        "outer/@types/world/index.d.ts": "declare const world: { age: number };",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = (
        "import { twice } from 'lib';\nimport { n } from 'other';\nexport const x: number = twice(n) + world.age;\n"
    )
    options = TypeScriptOptions(search_path=(tmp_path / "inner", tmp_path / "outer"))
    assert codes(source, options) == []
    assert codes(source.replace("number = ", "string = "), options) == ["TS2322"]
    assert codes(source) == ["TS2307", "TS2307", "TS2304"]


def test_a_projects_settings_hold(tmp_path: Path) -> None:
    file = tmp_path / "tsconfig.json"
    file.write_text(json.dumps({"compilerOptions": {"strict": False, "lib": ["es5"], "target": "es2015"}}), "utf-8")
    (tmp_path / "node_modules" / "lib").mkdir(parents=True)
    (tmp_path / "node_modules" / "lib" / "index.d.ts").write_text("export const n: number;", encoding="utf-8")
    assert codes("import { n } from 'lib';\nfunction f(a) { return n + a; }\n", TypeScriptOptions(tsconfig=file)) == []
    assert codes("new Map();\n", TypeScriptOptions(tsconfig=file)) == ["TS2583"]
    strict = TypeScriptOptions(tsconfig=file, strictness="strict")
    assert codes("function f(a) { return a; }\n", strict) == ["TS7006"]


def test_errors_of_style_reject_where_the_settings_ask_for_them(tmp_path: Path) -> None:
    file = tmp_path / "tsconfig.json"
    source = "export function f(a: number): number | undefined {\n    const b = 1;\n    if (a) return 1;\n}\n"
    for settings, expected in (({}, []), ({"noUnusedLocals": True, "noImplicitReturns": True}, ["TS6133", "TS7030"])):
        file.write_text(json.dumps({"compilerOptions": settings}), encoding="utf-8")
        assert sorted(codes(source, TypeScriptOptions(tsconfig=file))) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tsconfig": Path("/nowhere/tsconfig.json")}, "no such file: /nowhere/tsconfig.json"),
        ({"search_path": (Path("/nowhere"),)}, "no such folder: /nowhere"),
    ],
)
def test_an_option_that_names_nothing_is_a_users_mistake(options: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        TypeScript().checker(options=TypeScriptOptions.model_validate(options))


@pytest.mark.parametrize("settings", [{}, {"lib": ["es2020", "dom"]}])
def test_a_tsconfig_with_the_browsers_library_brings_its_globals_itself(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    file = tmp_path / "tsconfig.json"
    file.write_text(json.dumps({"compilerOptions": settings}), encoding="utf-8")
    source = "const a: Uint8Array = new TextEncoder().encode('a');\nconsole.log(performance.now(), document.title);\n"
    assert codes(source, TypeScriptOptions(tsconfig=file)) == []


def test_settings_that_the_compiler_refuses_are_a_users_mistake(tmp_path: Path) -> None:
    file = tmp_path / "tsconfig.json"
    file.write_text('{"compilerOptions": {"target": "es1"}}', encoding="utf-8")
    with pytest.raises(UserError, match=r"do not work with an empty program: .*TS6046"):
        TypeScript().checker(options=TypeScriptOptions(tsconfig=file))


def test_programs_see_no_file_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "secret.ts").write_text("export const secret = 'hunter2';", encoding="utf-8")
    (tmp_path / "data.json").write_text('{"password": "hunter2"}', encoding="utf-8")
    sources = [
        f"import {{ secret }} from '{tmp_path}/secret';\nlet x: number = secret;\n",
        f"import * as data from '{tmp_path}/data.json';\nlet x: number = data.password;\n",
        f"type S = typeof import('{tmp_path}/secret');\nlet x: S = 1;\n",
        f'/// <reference path="{tmp_path}/secret.ts" />\n',
        "/// <reference path='/etc/passwd' />\n",
        "import x = require('/etc/hostname');\n",
        "import passwd from '../../../../etc/passwd';\n",
    ]
    with TypeScript().checker(workers=1) as checker:
        verdicts = checker.check(sources)
    assert {verdict.status for verdict in verdicts} == {"rejected"}
    assert "hunter2" not in str(verdicts)
    assert "root:" not in str(verdicts)


def test_what_a_program_declares_globally_is_gone_with_it() -> None:
    uses = "shared = 1;\n"
    with TypeScript().checker(workers=1) as checker:
        declares = [
            "declare global { var shared: number }\nexport {};\n",
            "declare module 'lib' { export const shared: number }\n",
            "declare global { interface Array<T> { shared: T } }\nexport {};\n",
            '/// <reference lib="dom" />\ndocument.title;\n',
        ]
        users = [uses, "import { shared } from 'lib';\n", "[1].shared;\n", "document.title;\n"]
        alone = checker.check(users)
        among = checker.check([each for pair in zip(declares, users, strict=True) for each in pair])
    assert among[1::2] == alone
    assert {verdict.status for verdict in alone} == {"rejected"}


def test_a_compiler_that_is_missing_or_too_old_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CheckerUnavailable, match=r"no compiler .*/tsc\. To get it: make languages, or npm install"):
        TypeScript().checker(options=TypeScriptOptions(compiler=tmp_path / "tsc"))
    old = tmp_path / "typescript"
    (old / "bin").mkdir(parents=True)
    (old / "bin" / "tsc").write_text("#!/usr/bin/env node\n", encoding="utf-8")
    (old / "package.json").write_text('{"version": "5.9.3"}', encoding="utf-8")
    with pytest.raises(CheckerUnavailable, match=r"TypeScript 5\.9\.3 in .* is too old\. To get a newer one: make"):
        TypeScript().checker(options=TypeScriptOptions(compiler=old / "bin" / "tsc"))
    (old / "package.json").write_text('{"version": "7.0.2"}', encoding="utf-8")
    with pytest.raises(CheckerUnavailable, match="comes without the native compiler"):
        TypeScript().checker(options=TypeScriptOptions(compiler=old / "bin" / "tsc"))


def test_a_stub_leaves_a_suffix_its_own_braces() -> None:
    task = Task("made", "class A {\n    made(a: number): number {\n", "typescript", suffix="\n    }\n}\n")
    assert TypeScript().stub(task) == '\n    throw new Error("not implemented");\n\n'


@pytest.mark.parametrize(
    ("language", "source", "facts"),
    [
        (JavaScript(), "const f = ({ a, b }, [c]) => a + c;\n", ("f", 1, ("a", "b", "c"), ("a", "c"), False)),
        (JavaScript(), "const f = x => 7;\n", ("f", 1, ("x",), (), True)),
        (
            JavaScript(),
            "function f(a, b = 1, ...c) {\n    for (;;) if (a) c.push(b);\n}\n",
            ("f", 3, ("a", "b", "c"), ("a", "b", "c"), False),
        ),
        (
            TypeScript(),
            "class A {\n    f(this: A, a?: number): void {\n        return;\n    }\n}\n",
            ("f", 1, ("a",), (), True),
        ),
        (TypeScript(), "function f<T>(a: T): T {\n    throw new Error('x' + a);\n}\n", ("f", 1, ("a",), ("a",), True)),
    ],
)
def test_facts_of_a_function_are_those_of_its_syntax(
    language: Language, source: str, facts: tuple[str, int, tuple[str, ...], tuple[str, ...], bool]
) -> None:
    with language.checker(workers=1) as checker:
        (verdict,) = checker.check([source])
    assert verdict.methods is not None
    (made,) = verdict.methods
    assert (made.name, made.statements, made.parameters, made.parameters_read, made.returns_literal) == facts


REACHING = {
    "typescript": [
        "declare global { var leaked: number; interface Array<T> { leak(): T; } }\nexport {};\n",
        "export as namespace leaked;\nexport {};\n",
        "declare module 'leaked' { export const n: number; }\n",
        '/// <reference lib="dom" />\nlet leak: HTMLElement;\n',
    ],
    "javascript": [
        "globalThis.leaked = 1;\nArray.prototype.leak = function () { return 1; };\n",
        "\\u0067lobalThis.leaked = 1;\nleaked = 2;\n",
        "this.leaked = 1;\nvar leaked = 2;\nfunction leak() {}\n",
        "Leaked.leaked = 1;\nLeaked.prototype.leak = () => 1;\n",
        "/** @typedef {number} Leaked */\n/** @type {Leaked} */\nlet n = 'a';\n",
        "module.exports.leaked = 1;\n",
    ],
}
LEAKS = {
    "typescript": [
        "leaked;\n",
        "[1].leak();\n",
        "import { n } from 'leaked';\nconsole.log(n);\n",
        "let e: HTMLElement;\n",
        "interface Leaked { a: number }\nconst a: Leaked = { b: 1 };\n",
    ],
    "javascript": [
        "leaked;\n",
        "[1].leak();\n",
        "leak();\n",
        "/** @type {Leaked} */\nlet n;\n",
        "Leaked.leaked;\n",
        "import { leaked } from './program';\nleaked;\n",
    ],
}


@pytest.mark.parametrize("language", [TypeScript(), JavaScript()], ids=lambda each: each.name)
def test_programs_that_are_checked_together_get_the_verdicts_that_each_gets_alone(language: Language) -> None:
    leaks, reaching = LEAKS[language.name], REACHING[language.name]
    programs = [*leaks, *(each for one in reaching for each in (one, *leaks))] * 2
    with language.checker(workers=1) as checker:
        together = checker.check(programs)
        assert together == [checker.check([each])[0] for each in programs]
    for source, verdict in list(zip(programs, together, strict=True))[: len(leaks)]:
        with language.checker(workers=1) as checker:
            assert checker.check([source]) == [verdict]
