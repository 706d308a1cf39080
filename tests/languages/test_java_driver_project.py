"""Methods that stand in a project are driven with the project's classes around them."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.config.languages import JavaOptions
from rlcf.languages.java import project_classes
from rlcf.languages.java.driver import JavaDriver
from rlcf.languages.java.jdk import find_jdk
from rlcf.records import DrivenRun, Task
from tests.languages.driving import FEW, arguments, drive, values

PRICES = """package com.acme;
public class Prices {
    static int asked;
    static int of(int n) { asked++; return n + Taxes.on(n); }
    public static int total(int n) {
        return 17;
    }
    static int twice(int n) { return 2 * of(n); }
}
"""
TAXES = "package com.acme; final class Taxes { static int on(int n) { return n / 4; } }"
ITEM = "package com.acme; public class Item { final int n; public Item(int n) { this.n = n; } }"
ITEMS = "package com.acme; class Items { static int count(java.util.List<Item> items) { return items.size(); } }"


@pytest.fixture(scope="module")
def jar(tmp_path_factory: pytest.TempPathFactory, jdk_here: None, sandbox_here: None) -> Path:
    """The project, compiled."""
    folder = tmp_path_factory.mktemp("acme")
    for name, text in (("Prices", PRICES), ("Taxes", TAXES), ("Item", ITEM), ("Items", ITEMS)):
        (folder / f"{name}.java").write_text(text, encoding="utf-8")
    jdk = find_jdk()
    subprocess.run([jdk.javac, "-d", folder / "classes", *folder.glob("*.java")], check=True, capture_output=True)
    made = folder / "acme.jar"
    subprocess.run([jdk.home / "bin" / "jar", "cf", made, "-C", folder / "classes", "."], check=True)
    return made


@pytest.fixture(scope="module")
def driver(jar: Path) -> Iterator[JavaDriver]:
    with JavaDriver(workers=2, timeout_s=2.0, memory_mib=64, options=JavaOptions(class_path=(jar,))) as driver:
        yield driver


def run(file: str, method: str, body: str) -> DrivenRun:
    """Another body for a method of a file of the project."""
    start = file.index("{", file.index(f" {method}(")) + 1
    rest = file[start:]
    suffix = rest[rest.index("}") + 1 :]
    return DrivenRun(
        Task(method, f"int {method}", prefix=file[:start], suffix=suffix, entry_point=method), body + "}", FEW
    )


def test_a_method_uses_its_file_and_its_package(driver: JavaDriver) -> None:
    own, other, far = drive(
        driver,
        run(PRICES, "total", "return twice(n % 100);"),
        run(PRICES, "total", "return Taxes.on(n % 100);"),
        run(PRICES, "total", "Thread.yield(); return Taxes.on(n % 100);"),  # a machine of its own
    )
    small = [math.fmod(n, 100) for (n,) in arguments(own)]
    assert values(own) == [2 * (n + int(n / 4)) for n in small]
    assert values(other) == values(far) == [int(n / 4) for n in small]


def test_the_files_own_classes_are_the_programs_and_not_the_projects(driver: JavaDriver) -> None:
    calls, changed = drive(
        driver, run(PRICES, "total", "return 3;"), run(PRICES, "twice", "return Prices.total(n) + 1;")
    )
    assert set(values(calls)) == {3}
    assert set(values(changed)) == {18}


def test_what_a_program_leaves_in_the_projects_classes_is_its_own(driver: JavaDriver) -> None:
    first, second = drive(driver, *[run(PRICES, "total", "of(1); return asked;")] * 2)
    assert values(first) == values(second) == list(range(1, len(FEW) + 1))


def test_objects_of_the_projects_classes_are_made(driver: JavaDriver) -> None:
    (calls,) = drive(driver, run(ITEMS, "count", "return items.size();"))
    items = [given for (given,) in arguments(calls)]
    assert values(calls) == list(map(len, items))
    assert any("n" in item["fields"] for each in items for item in each if item is not None)


def test_a_program_that_needs_too_much_is_not_driven(driver: JavaDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_classes, "_MOST_BYTES", 100)
    with_taxes, alone = driver.drive(
        [
            run(PRICES, "total", "return 2;"),
            run(ITEM.replace("int n)", "int k) { this.n = k; } int f(int n)"), "f", "return n;"),
        ]
    )
    assert with_taxes.reason == "the program needs too much of its project"
    assert alone.reason is None


def test_a_class_found_by_a_name_that_is_made_up_is_missing(driver: JavaDriver) -> None:
    body = 'try { Class.forName("com.acme.It" + "em"); return 1; } catch (ClassNotFoundException e) { return 2; }'
    (calls,) = drive(driver, run(PRICES, "total", body))
    assert set(values(calls)) == {2}
