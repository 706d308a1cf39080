"""A Python project of a few modules, small enough to know what a miner has to find in it."""

from __future__ import annotations

from pathlib import Path

SHOP = '''# SPDX-License-Identifier: MIT
"""Sells."""

from __future__ import annotations

import sys
from typing import (
    Iterable,
)

from .item import Item, larger
from deprecated import deprecated


class Shop:
    """Has items."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._items: list[Item] = []

    @property
    def name(self) -> str:
        return self._name

    def rename(self, name: str) -> None:
        self._name = name

    def add(self, item: Item) -> None:
        """Adds one."""
        self._items.append(item)

    # The sum of what all items cost, with the discount of the day taken off it.
    def total(self, discount: int) -> int:  # in cents
        """The price.

        Of all items.
        """
        # by hand
        cents = 0
        for item in self._items:
            if item.cost() > 0:
                cents += item.cost()

        return cents - discount  # not below zero
        # it never is

    def best(self) -> Item | None:
        best: Item | None = None
        for item in self._items:
            best = item if best is None else larger(best, item)
        return best

    @deprecated("old")
    def worst(self) -> Item:
        self._items.sort(key=Item.cost)
        return self._items[0]

    def login(self) -> str:
        password = 'hunter2hunter2'
        return self._name + password

    def quiet(self) -> int:
        count: int = self._items  # type: ignore
        return count

    def wrong(self) -> int:
        n = len(self._items)
        return self._nothing + n

    def greeter(self):
        def greet(other: str) -> str:
            text = self._name + other
            return text

        return greet


if sys.platform == "win32":

    def drive(path: str) -> str:
        letter = path[:1]
        return letter.upper()


def prices(shops: Iterable[Shop]) -> list[int]: return [shop.total(0) for shop in shops if shop.name]
'''
ITEM = '''class Item:
    def __init__(self, cents: int) -> None:
        self.cents = cents

    def cost(self) -> int:
        return max(0, self.cents)

    def halve(self) -> None:
        self.half = self.cents // 2
        self.cents -= self.half

    def double(self) -> int:
        self.cents = 2 * self.cents
        return self.cents

    def nothing(self) -> None:
        """Does nothing."""

    def refuse(self) -> None:
        raise NotImplementedError


def larger(one: Item, other: Item) -> Item:
    return one if one.cost() >= other.cost() else other


def one() -> int:
    return 1


def clamp(value: int, low: int, high: int) -> int:
    if value < low:
        return low
    return high if value > high else value
'''
BASKET = """from shop.item import Item


def clamp(value: int, low: int, high: int) -> int:
    if value < low:
        return low
    return high if value > high else value


def rest(item: Item) -> int:
    item.halve()
    return item.cents - item.half


async def fetch(name: str) -> bytes:
    text = name.upper()
    return text.encode()
"""
BROKEN = "def f(:\n    pass\n"
PYPROJECT = '[project]\nname = "shop"\nrequires-python = ">=3.11"\nlicense = "Apache-2.0"\n'
FILES = {
    "pyproject.toml": PYPROJECT,
    "src/shop/__init__.py": "",
    "src/shop/shop.py": SHOP,
    "src/shop/item.py": ITEM,
    "src/shop/basket.py": BASKET,
    "src/shop/broken.py": BROKEN,
    "src/shop/tests/test_shop.py": "def test_it():\n    x = 1\n    assert x\n",
    "tests/test_all.py": "def test_all():\n    x = 1\n    assert x\n",
    "setup.py": "def setup():\n    x = 1\n    return x + 1\n",
    ".venv/pyvenv.cfg": "home = /usr\nversion = 3.11.7\n",
    ".venv/lib/python3.11/site-packages/deprecated/__init__.py": (
        "def deprecated(why: str):\n    def mark[F](f: F) -> F:\n        return f\n\n    return mark\n"
    ),
    ".venv/lib/python3.11/site-packages/deprecated/py.typed": "",
}


def make_project(root: Path) -> Path:
    """Writes the project, and returns its folder."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
