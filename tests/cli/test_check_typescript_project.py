"""`rlcf check --project` for TypeScript: a source tree as a whole, and what `rlcf tasks mine` has kept of one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.workers.sandbox import find_sandbox
from tests.cli.test_check import rlcf

ITEM = "export class Item {\n  price(): number {\n    const n = 1;\n    return n;\n  }\n}\n"
CART = (
    "import { Item } from './item';\n\nexport function total(items: Item[]): number {\n"
    "  return items.reduce((sum, item) => sum + item.price(), 0);\n}\n"
)


@pytest.fixture(autouse=True, scope="module")
def _tools() -> None:
    pytest.importorskip("tree_sitter_typescript")
    try:
        find_compiler()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / "tsconfig.json").write_text('{"compilerOptions": {"strict": true}, "include": ["src"]}\n')
    (folder / "src" / "item.ts").write_text(ITEM)
    (folder / "src" / "cart.ts").write_text(CART)
    return folder


def heads(output: str) -> list[str]:
    return [line for line in output.splitlines() if not line.startswith(" ")]


def test_without_an_input_all_of_the_project_is_checked(shop: Path) -> None:
    (shop / "src/bad.ts").write_text("export const é = 'é'; export const x: number = nope;\r\n", encoding="utf-8")
    (shop / "src/latin.ts").write_bytes(b"export const s = '\xe9';\n")
    result = rlcf("check", "--project", ".", "--json", cwd=shop)
    rows = {row["id"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert {Path(k).stem: r["status"] for k, r in rows.items()} == {
        "bad": "rejected",
        "cart": "accepted",
        "item": "accepted",
        "latin": "rejected",
    }
    (error,) = rows["src/bad.ts"]["diagnostics"]
    assert (error["code"], error["line"], error["column"], error["offset"]) == ("TS2304", 1, 48, 47)
    assert rows["src/latin.ts"]["diagnostics"][0]["message"] == "is not UTF-8 text (byte 18)"
    assert result.returncode == 1


def test_an_error_that_a_file_causes_elsewhere_is_reported_too(shop: Path) -> None:
    (shop / "src/item.ts").write_text(ITEM.replace("price", "prize"))
    result = rlcf("check", "--project", ".", "src/item.ts", cwd=shop)
    assert heads(result.stdout) == ["src/item.ts: accepted", "src/cart.ts: rejected (elsewhere in the project)"]


def test_a_file_outside_the_sources_is_checked_where_it_stands(shop: Path) -> None:
    (shop / "tests").mkdir()
    (shop / "tests" / "cart.ts").write_text("import { total } from '../src/cart';\ntotal([]);\n")
    (shop / "tests" / "bad.ts").write_text("import { sumOf } from '../src/cart';\nsumOf([]);\n")
    result = rlcf("check", "--project", "shop", "shop/tests", cwd=shop.parent)
    assert heads(result.stdout) == ["shop/tests/bad.ts: rejected", "shop/tests/cart.ts: accepted"]


def test_completions_and_files_of_a_mined_project(shop: Path, builtin_model: str) -> None:
    mined = rlcf(
        "tasks", "mine", ".", "--out", "../corpus", cwd=shop, environment={"RLCF_CACHE": str(shop.parent / "cache")}
    )
    assert mined.returncode == 0, mined.stderr
    shutil.rmtree(shop)
    folder = shop.parent
    result = rlcf("check", "--project", "corpus", cwd=folder)
    assert heads(result.stdout) == ["src/cart.ts: accepted", "src/item.ts: accepted"]
    rows = [
        {"task_id": "src/item.ts#Item.price()", "completion": f"    return {value};\n  }}"}
        for value in ("1", "nope", "''")
    ]
    (folder / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = rlcf("check", "--tasks", "corpus/tasks.jsonl", "samples.jsonl", "--json", cwd=folder)
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["status"] for row in told] == ["accepted", "rejected", "rejected"]
    assert [d["in_completion"]["column"] for d in told[1]["diagnostics"]] == [12]
    assert [d["code"] for d in told[2]["diagnostics"]] == ["TS2322"]


def test_settings_that_are_not_there_are_one_line(shop: Path) -> None:
    result = rlcf("tasks", "mine", ".", "--out", "../corpus", "--tsconfig", "nowhere.json", cwd=shop)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (2, "rlcf: no such file: nowhere.json")
