"""Skips tests of languages whose tools are not on this machine."""

from __future__ import annotations

import pytest

from rlcf.languages.base import CHECKING, Language


def require(language: Language, *purposes: str) -> None:
    """Skips where the language lacks something for one of the purposes; by default for checking."""
    for need in language.requirements():
        if need.needed_for in (purposes or (CHECKING,)) and need.found is None:
            pytest.skip(f"{need.name} is missing: {need.remedy}")
