"""Where TypeScript projects have their sources, their settings and their packages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcf.config.languages import TypeScriptOptions
from rlcf.errors import CheckerUnavailable, DataError
from rlcf.languages.projects import SourceProject
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.layout import find_project


@pytest.fixture(autouse=True, scope="module")
def _compiler() -> None:
    try:
        find_compiler()
    except CheckerUnavailable as error:
        pytest.skip(str(error))


def write(root: Path, *files: str, text: str = "export {};\n") -> None:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def found(root: Path, options: TypeScriptOptions | None = None) -> tuple[dict[str, Any], list[str], SourceProject]:
    """The compiler's options, the sources, and the project."""
    project = find_project(root, options or TypeScriptOptions(), ())
    told = json.loads(project.settings)["compilerOptions"]
    return told, [path.relative_to(root).as_posix() for path in project.files], project


def test_sources_are_those_of_the_settings_without_tests_and_what_is_built(tmp_path: Path) -> None:
    write(tmp_path, "tsconfig.json", text='{"compilerOptions": {"outDir": "out"}}')
    write(tmp_path, "src/a.ts", "src/b.mts", "src/deep/c.tsx", "src/d.d.ts", "vite.config.ts")
    write(tmp_path, "src/a.test.ts", "src/a.spec.tsx", "tests/a.ts", "src/__tests__/a.ts", "dist/a.d.ts", "build/a.ts")
    write(tmp_path, "out/a.ts", "node_modules/x/a.ts", "docs/a.ts", "examples/a.ts", ".hidden/a.ts")
    assert found(tmp_path)[1] == ["src/a.ts", "src/b.mts", "src/d.d.ts", "src/deep/c.tsx"]


def test_without_settings_sources_are_those_in_src_or_all(tmp_path: Path) -> None:
    write(tmp_path, "lib/a.ts", "b.ts", "tests/a.ts", "b.d.ts", "scripts/c.ts")
    options, files, project = found(tmp_path)
    assert files == ["b.ts", "lib/a.ts"]
    assert options["strict"] is True
    assert project.notes == (
        "there is no tsconfig.json: code is checked with strict, and with the libraries of browsers",
    )
    write(tmp_path, "src/d.ts")
    assert found(tmp_path)[1] == ["src/d.ts"]


def test_what_a_source_needs_belongs_to_the_project(tmp_path: Path) -> None:
    write(tmp_path, "tsconfig.json", text='{"compilerOptions": {"resolveJsonModule": true}, "files": ["src/a.ts"]}')
    write(tmp_path, "src/a.ts", text="import './b';\nimport t from '../data/t.json';\nimport '../../far';\nt;\n")
    write(tmp_path, "src/b.ts", "src/c.ts")
    write(tmp_path.parent, "far.ts")
    write(tmp_path, "data/t.json", "data/u.json", "package.json", "src/package.json", text="{}")
    _, files, project = found(tmp_path)
    assert files == ["src/a.ts", "src/b.ts"]
    assert [path.relative_to(tmp_path).as_posix() for path in project.data] == [
        "data/t.json",
        "package.json",
        "src/package.json",
    ]
    assert project.notes[-1] == "sources outside of the folder are left out: ../far.ts"


def test_settings_that_are_extended_are_read_with_comments_and_their_own_paths(tmp_path: Path) -> None:
    write(
        tmp_path,
        "config/base.json",
        text='{/* a */ "compilerOptions": {"paths": {"@/*": ["../src/*"], "lib": ["../../lib"]},}} // end',
    )
    write(tmp_path, "tsconfig.json", text='{"extends": ["./config/base"], "include": ["src"],}')
    write(tmp_path, "src/b.ts")
    write(tmp_path, "src/a.ts", text='import "@/b";\n')
    assert found(tmp_path)[0]["paths"] == {"@/*": ["./src/*"]}
    write(tmp_path, "tsconfig.json", text='{"extends": "./config/base", "compilerOptions": {"baseUrl": "src"}}')
    options, _, project = found(tmp_path)
    assert options["paths"]["*"] == ["./src/*"]
    assert "baseUrl" not in options
    assert any("no longer has are replaced: baseUrl" in note for note in project.notes)


def test_old_settings_are_replaced_and_old_defaults_hold_for_old_projects(tmp_path: Path) -> None:
    told = {"target": "ES5", "module": "AMD", "moduleResolution": "node", "esModuleInterop": False, "sourceMap": True}
    write(tmp_path, "tsconfig.json", text=json.dumps({"compilerOptions": told}))
    write(tmp_path, "package.json", text='{"devDependencies": {"typescript": "~5.4.2"}, "license": "MIT"}')
    write(tmp_path, "a.ts")
    options, _, project = found(tmp_path)
    assert project.licence == "MIT"
    kept = ("target", "module", "moduleResolution", "esModuleInterop", "strict", "types", "sourceMap")
    assert [options.get(name) for name in kept] == ["es2015", "preserve", "bundler", True, False, ["*"], None]
    assert "target=ES5" in project.notes[0].replace("es5", "ES5")
    assert "what it leaves out is as before version 6 of TypeScript" in project.notes


def test_types_that_are_missing_are_named_and_left_out(tmp_path: Path) -> None:
    write(tmp_path, "tsconfig.json", text='{"compilerOptions": {"types": ["node", "here", "vite/client"]}}')
    write(tmp_path, "a.ts", "node_modules/@types/here/index.d.ts")
    options, _, project = found(tmp_path)
    assert options["types"] == ["here"]
    assert project.notes[-1] == "types that are missing: node, vite/client; npm install --save-dev @types/node vite"


def test_settings_that_refer_to_others_stand_for_the_largest_of_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        "tsconfig.json",
        text='{"files": [], "references": [{"path": "./tsconfig.node.json"}, {"path": "app"}]}',
    )
    write(tmp_path, "tsconfig.node.json", text='{"files": ["build.ts"]}')
    write(tmp_path, "app/tsconfig.json", text='{"compilerOptions": {"noUnusedLocals": true, "composite": true}}')
    write(tmp_path, "build.ts", "app/a.ts", "app/b.ts")
    options, files, project = found(tmp_path)
    assert files == ["app/a.ts", "app/b.ts"]
    assert options["noUnusedLocals"] is True
    settings, left_out, _ = project.notes[0].replace(": ", "; ").split("; ")
    assert settings == "settings are those of app/tsconfig.json"
    assert left_out == "the files of tsconfig.node.json are left out"
    assert found(tmp_path, TypeScriptOptions(tsconfig=tmp_path / "tsconfig.node.json"))[1] == ["build.ts"]
    with pytest.raises(DataError, match="no such file"):
        found(tmp_path, TypeScriptOptions(tsconfig=tmp_path / "nope.json"))


def test_wrong_settings_are_told_and_the_rest_of_them_holds(tmp_path: Path) -> None:
    write(
        tmp_path,
        "tsconfig.json",
        text='{"extends": "./nope.json", "compilerOptions": {"noUnusedLocals": true, "strict": 1}}',
    )
    write(tmp_path, "a.ts")
    options, files, project = found(tmp_path)
    assert (options["noUnusedLocals"], files) == (True, ["a.ts"])
    assert any("TS5083" in note for note in project.notes)
    assert any("TS5024" in note for note in project.notes)


@pytest.mark.parametrize(
    ("name", "code"),
    [("notes.json", "TS1005"), ("old (1)/notes.json", "TS1005"), ("a.ts", "TS1005"), ("list.json", "TS5092")],
)
def test_settings_that_extend_no_settings_are_told_in_one_line(tmp_path: Path, name: str, code: str) -> None:
    write(tmp_path, "notes.json", "old (1)/notes.json", text="these are notes {")
    write(tmp_path, "list.json", text="[1, 2]")
    write(tmp_path, "tsconfig.json", text=json.dumps({"extends": f"./{name}"}))
    write(tmp_path, "a.ts")
    _, files, project = found(tmp_path)
    assert files == ["a.ts"]
    assert [note for note in project.notes if code in note] == [project.notes[0]]


def test_packages_are_those_of_the_folders_around_up_to_the_repository(tmp_path: Path) -> None:
    for folder in ("", "repository", "repository/packages/one", "repository/packages/two"):
        (tmp_path / folder / "node_modules").mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    write(tmp_path, "repository/packages/one/a.ts")
    _, _, project = found(tmp_path / "repository/packages/one")
    assert isinstance(project.options, TypeScriptOptions)
    names = [path.relative_to(tmp_path).as_posix() for path in project.options.search_path]
    assert names == ["repository/packages/one/node_modules", "repository/node_modules"]


def test_settings_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    write(tmp_path, "tsconfig.json", text='{"extends": "./b.json", "compilerOptions": {"paths": {"@": ["./a.ts"]}}}')
    write(tmp_path, "b.json", text='{"extends": "./tsconfig.json"}')
    write(tmp_path, "a.ts")
    assert found(tmp_path)[1] == ["a.ts"]
    write(tmp_path, "tsconfig.json", text='{"files": [], "references": [{"path": "."}]}')
    with pytest.raises(DataError, match=r"to which a tsconfig\.json refers"):
        found(tmp_path)


def test_a_link_to_a_folder_brings_nothing_of_the_machine(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write(tmp_path, "elsewhere/b.ts")
    write(project, "src/a.ts")
    write(project, "tsconfig.json", text='{"include": ["src", "../elsewhere"]}')
    (project / "src" / "linked").symlink_to(tmp_path / "elsewhere")
    assert found(project)[1] == ["src/a.ts"]
