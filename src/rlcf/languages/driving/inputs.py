"""Inputs of functions, generated from the types of their parameters, for languages whose values are plain data.

The input of a number depends on the types, the constants and the seed alone. The first inputs are small; they grow with
their number. Values of one input are related: a number may be the length of a list, an index or an element of it, and a
text a part of another one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rlcf.records import Constants

Kind = Literal[
    "int", "float", "bool", "text", "none", "list", "tuple", "set", "map", "union", "unknown", "object", "record",
    "constant",
]  # fmt: skip


class CannotMake(Exception):
    """A type that no value can be made of."""


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a parameter, as far as values need it."""

    kind: Kind
    of: tuple[Type, ...] = ()
    """The elements of a list or set, the parts of a tuple or record, key and value of a map, the members of a union."""
    name: str = ""
    """Of the class of an object, and of a map where it is not the usual one. In JSON: a constant, or the names of a
    record's parts, as a list."""


INT, FLOAT, BOOL, TEXT, NONE, UNKNOWN = (Type(k) for k in ("int", "float", "bool", "text", "none", "unknown"))

_ROUND = 160
_SCALES_END_AT = (96, 128, 152)
_DEPTH = 5
_CORNERS = (0, 1, -1, 2, 3, 10)
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = (
    *("ab", "abc", "abcde", _LOWER, _LOWER, "aeioubcd", "aAbBcC", _LOWER.upper(), "0123456789", "01", "abcABC123"),
    *("ab12 ", "()", "()[]{}", "ab ", "a_b-c.d,e", "aB1!@# "),
)
_WORDS = tuple(
    "a b I an to red Blue level apple noon The tree abba sky x1 green Data 2024 42 go stats EVEN".split()  # noqa: SIM905
)
# What a parameter without a type is taken for: the first is the most likely one.
_GUESSES = (
    *(INT, INT, INT, Type("list", (INT,)), Type("list", (INT,)), Type("list", (INT,)), TEXT, TEXT, TEXT),
    *(Type("list", (TEXT,)), FLOAT, Type("list", (Type("list", (INT,)),)), Type("list", (Type("tuple", (INT, INT)),))),
    *(Type("tuple", (INT, INT, INT)), Type("map", (TEXT, INT)), Type("list", (FLOAT,)), BOOL),
)


def arguments(
    types: Sequence[Type],
    number: int,
    seed: int,
    constants: Constants,
    make_object: Callable[[str, Inputs], Any] | None = None,
) -> list[Any]:
    """The arguments of the input of a number. Raises `CannotMake`."""
    return Inputs(number, seed, constants, make_object).arguments(types)


class Inputs:
    """The random choices of one input."""

    def __init__(
        self,
        number: int,
        seed: int,
        constants: Constants,
        make_object: Callable[[str, Inputs], Any] | None = None,
    ) -> None:
        self.random = random.Random(seed * 1_000_003 + number)
        self._scale = sum(number % _ROUND >= end for end in _SCALES_END_AT)
        self._constants = constants
        self._make_object = make_object
        self._numbers: list[int] = []
        self._sizes: list[int] = []
        self._texts: list[str] = []
        self._guess: Type | None = None

    def arguments(self, types: Sequence[Type]) -> list[Any]:
        """Whole numbers last, for they may be lengths of the others."""
        types = [self._guessed(t) if t.kind == "unknown" else t for t in types]
        made: dict[int, Any] = {}
        for i, each in sorted(enumerate(types), key=lambda pair: pair[1].kind == "int"):
            made[i] = self._whole_argument() if each.kind == "int" else self.make(each)
        return [made[i] for i in range(len(types))]

    def make(self, of: Type, depth: int = 0) -> Any:
        """A value of a type."""
        if depth > _DEPTH:
            raise CannotMake(of.name or of.kind)
        if of.kind in ("int", "float"):
            whole = self._whole()
            return whole if of.kind == "int" else self._real(whole)
        if of.kind == "bool":
            return self.random.random() < 0.5
        if of.kind == "text":
            return self._text(depth)
        if of.kind == "none":
            return None
        if of.kind == "tuple":
            return tuple(self.make(part, depth + 1) for part in of.of)
        if of.kind in ("list", "set"):
            elements = self._elements(of.of[0] if of.of else self._guessed(UNKNOWN), depth)
            return elements if of.kind == "list" else {e for e in elements if _hashable(e)}
        if of.kind == "map":
            keys = [key for key in self._elements(of.of[0], depth) if _hashable(key)]
            return {key: self.make(of.of[1], depth + 1) for key in keys}
        if of.kind == "record":
            names = json.loads(of.name)
            return {name: self.make(part, depth + 1) for name, part in zip(names, of.of, strict=True)}
        if of.kind == "constant":
            return json.loads(of.name)
        if of.kind == "union":
            return self.make(self.random.choice(of.of), depth)
        if of.kind == "unknown":
            return self.make(self._guessed(of), depth)
        if self._make_object is None:
            raise CannotMake(of.name)
        return self._make_object(of.name, self)

    def _guessed(self, _: Type) -> Type:
        """Parameters without a type are often of one type."""
        if self._guess is None or self.random.random() < 0.6:
            self._guess = self.random.choice(_GUESSES)
        return self._guess

    def _scaled(self, *values: int) -> int:
        return values[self._scale]

    def _whole_argument(self) -> int:
        kind = self.random.randrange(100)
        if self._sizes and kind < 55:
            size = self.random.choice(self._sizes)
            index = self.random.randrange(size) if size else 0
            return size if kind < 30 else index if kind < 50 else size + self.random.randint(-1, 1)
        return self.random.choice(self._numbers) if kind >= 85 and self._numbers else self._whole()

    def _whole(self) -> int:
        kind, whole = self.random.randrange(100), [n for n in self._constants.numbers if isinstance(n, int)]
        if self._scale == len(_SCALES_END_AT) and kind < 30:
            number = self.random.randint(1 << 15, 1 << 40) * (1 if kind < 20 else -1)
        elif kind < 20 and whole:
            number = self.random.choice(whole) + (0 if kind < 15 else self.random.randint(-1, 1))
        elif kind < 75:
            number = self.random.randint(0, self._scaled(12, 60, 1000, 100_000))
        elif kind < 85:
            number = self.random.randint(1, 5)
        elif kind < 92:
            number = -self.random.randint(1, self._scaled(12, 60, 1000, 100_000))
        else:
            number = self.random.choice(_CORNERS)
        self._numbers.append(number)
        return number

    def _real(self, whole: int) -> float:
        kind, real = self.random.randrange(100), [n for n in self._constants.numbers if isinstance(n, float)]
        if kind < 15 and real:
            return self.random.choice(real)
        fraction = 0.0 if kind < 45 else self.random.randrange(4) / 4 if kind < 70 else self.random.randrange(10) / 10
        return float(whole) + fraction

    def _length(self, depth: int) -> int:
        if depth > 0:
            return self.random.randrange(self._scaled(4, 5, 6, 7)) + 1
        if self._sizes and self.random.random() < 0.45:
            return self.random.choice(self._sizes)
        tiny = self.random.random() < (0.4 if self._scale == len(_SCALES_END_AT) else 0.05)
        return self.random.randrange(2) if tiny else self.random.randrange(self._scaled(7, 10, 20, 40)) + 1

    def _elements(self, of: Type, depth: int) -> list[Any]:
        """Numbers of one list are often of one range; one list in five is sorted."""
        length = self._length(depth)
        if of.kind == "int" and self.random.random() < 0.85:
            low, high = self.random.choice(((0, 1), (0, 9), (-9, 9), (1, self._scaled(20, 100, 1000, 100_000))))
            made: list[Any] = [self.random.randint(low, high) for _ in range(length)]
            self._numbers += made
        else:
            made = [self.make(of, depth + 1) for _ in range(length)]
        if depth == 0:
            self._sizes.append(length)
        if self.random.random() < 0.18 and of.kind in ("int", "text", "float"):
            made.sort(reverse=self.random.random() < 0.25)
        return made

    def _text(self, depth: int) -> str:
        if self._texts and self.random.random() < 0.45:
            text = self._related(self.random.choice(self._texts))
        else:
            text = self._new_text(depth)
        self._texts.append(text)
        if depth == 0:
            self._sizes.append(len(text))
        return text

    def _new_text(self, depth: int) -> str:
        kind, texts, choice = self.random.randrange(100), self._constants.texts, self.random.choice
        alphabet = "".join(texts)[:500] if texts and kind % 4 == 0 else choice(_ALPHABETS)
        if kind < 30 and texts:
            return choice(texts)
        if kind < 45:
            words = [choice(texts or _WORDS) if kind < 37 else choice(_WORDS) for _ in range(1 if depth else 4)]
            return " ".join(words[: self.random.randrange(len(words)) + 1])
        if kind < 55:
            half = "".join(choice(alphabet) for _ in range(self.random.randrange(5)))
            return half + choice(("", choice(alphabet))) + half[::-1]
        if kind < 62:
            return "".join(choice(alphabet) for _ in range(self.random.randrange(3) + 1)) * self.random.randint(1, 3)
        length = 0 if kind > 96 else self.random.randrange(self._scaled(8, 14, 30, 60) if depth == 0 else 6) + 1
        return "".join(choice(alphabet) for _ in range(length))

    def _related(self, text: str) -> str:
        """The text itself, a part of it, its letters in another order, or one letter changed."""
        start, end = sorted((self.random.randint(0, len(text)), self.random.randint(0, len(text))))
        how = self.random.randrange(7)
        if how < 2:
            return text
        if how == 2:
            return text[start:end]
        if how == 3:
            return text[start:] + text[:start]
        if how == 4:
            return "".join(self.random.sample(text, len(text)))
        return text[::-1] if how == 5 else text[:start] + text[start : start + 1].swapcase() + text[start + 1 :]


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
