"""`rlcf check --project` for Python: a source tree as a whole, and what `rlcf tasks mine` has kept of one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from rlcf.languages.python import find_ty
from tests.cli.test_check import rlcf

pytestmark = pytest.mark.skipif(find_ty() is None, reason="ty is not installed")
ITEM = "class Item:\n    def price(self) -> int:\n        n = 1\n        return n\n"
CART = "from .item import Item\n\n\ndef total(items: list[Item]) -> int:\n    return sum(i.price() for i in items)\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "src" / "shop").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nrequires-python = ">=3.11"\n')
    for name, text in (("__init__", ""), ("item", ITEM), ("cart", CART)):
        (folder / "src" / "shop" / f"{name}.py").write_text(text)
    return folder


def heads(output: str) -> list[str]:
    return [line for line in output.splitlines() if not line.startswith(" ")]


def test_without_an_input_all_of_the_project_is_checked(shop: Path) -> None:
    (shop / "src/shop/bad.py").write_text("é = 'é'; x: int = nope\r\n", encoding="utf-8")
    (shop / "src/shop/latin.py").write_bytes(b"s = '\xe9'\n")
    result = rlcf("check", "--project", ".", "--json", cwd=shop)
    rows = {row["id"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert {Path(k).stem: r["status"] for k, r in rows.items()} == {
        "__init__": "accepted",
        "bad": "rejected",
        "cart": "accepted",
        "item": "accepted",
        "latin": "rejected",
    }
    (error,) = rows["src/shop/bad.py"]["diagnostics"]
    assert (error["code"], error["line"], error["column"], error["offset"]) == ("unresolved-reference", 1, 19, 18)
    assert rows["src/shop/latin.py"]["diagnostics"][0]["message"] == "is not UTF-8 text (byte 5)"
    assert result.returncode == 1


def test_an_error_that_a_file_causes_elsewhere_is_reported_too(shop: Path) -> None:
    (shop / "src/shop/item.py").write_text(ITEM.replace("price", "prize"))
    result = rlcf("check", "--project", ".", "src/shop/item.py", cwd=shop)
    assert heads(result.stdout) == [
        "src/shop/item.py: accepted",
        "src/shop/cart.py: rejected (elsewhere in the project)",
    ]


def test_a_file_outside_the_sources_is_checked_against_them_by_itself(shop: Path) -> None:
    (shop / "tests").mkdir()
    (shop / "tests" / "test_cart.py").write_text("from shop.cart import total\n\nassert total([]) == 0\n")
    (shop / "tests" / "test_bad.py").write_text("from shop.cart import sum_of\n")
    result = rlcf("check", "--project", "shop", "shop/tests", cwd=shop.parent)
    assert heads(result.stdout) == ["shop/tests/test_bad.py: rejected", "shop/tests/test_cart.py: accepted"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_git_says_has_changed(shop: Path) -> None:
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *arguments], cwd=shop, check=True, capture_output=True)
    (shop / "src/shop/cart.py").write_text(CART.replace("price", "prize"))
    result = rlcf("check", "--project", ".", "--changed", cwd=shop)
    assert heads(result.stdout) == ["src/shop/cart.py: rejected"]


def test_completions_and_files_of_a_mined_project(shop: Path, builtin_model: str) -> None:
    mined = rlcf(
        "tasks", "mine", ".", "--out", "../corpus", cwd=shop, environment={"RLCF_CACHE": str(shop.parent / "cache")}
    )
    assert mined.returncode == 0, mined.stderr
    assert "tasks:" in mined.stdout
    shutil.rmtree(shop)
    folder = shop.parent
    result = rlcf("check", "--project", "corpus", cwd=folder)
    assert [line.partition(":")[2] for line in heads(result.stdout)] == [" accepted"] * len(heads(result.stdout))
    task = json.loads((folder / "corpus" / "tasks.jsonl").read_text().splitlines()[0])
    rows = [
        {"task_id": task["task_id"], "completion": f"        return {value}\n"} for value in ("1", "nope", "self.nope")
    ]
    (folder / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = rlcf("check", "--tasks", "corpus/tasks.jsonl", "samples.jsonl", "--json", cwd=folder)
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["status"] for row in told] == ["accepted", "rejected", "rejected"]
    assert [d["in_completion"]["column"] for d in told[1]["diagnostics"]] == [16]


def test_an_option_of_another_language_is_one_line(shop: Path) -> None:
    for command in (["check", "--project", "."], ["tasks", "mine", ".", "--out", "../corpus"]):
        result = rlcf(*command, "--class-path", "a.jar", cwd=shop)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == "rlcf: --class-path is no option of python: leave it out\n"
    result = rlcf("tasks", "mine", ".", "--out", "../corpus", "--environment", "nowhere", cwd=shop)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (2, "rlcf: no such folder: nowhere")
