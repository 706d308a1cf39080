"""What is said of a checker that is a package of Python and not there."""

from __future__ import annotations

import pytest

from rlcf.errors import CheckerUnavailable
from rlcf.languages.packages import Package


def test_a_package_that_is_missing_has_a_remedy() -> None:
    missing = Package("rlcf-no-such-package", oldest=(1,))
    assert missing.requirement().found is None
    with pytest.raises(CheckerUnavailable, match=r"^X's checker rlcf-no-such-package is not installed. To get it: pip"):
        missing.require("X")


def test_a_package_that_is_too_old_is_named_with_the_version_that_is_needed() -> None:
    old = Package("pytest", oldest=(1000, 2))
    assert old.requirement().found is None
    assert "is too old: 1000.2 or newer is needed; pip install" in old.requirement().remedy
    with pytest.raises(CheckerUnavailable, match=r"is too old: 1000\.2 or newer"):
        old.require("X")


def test_a_package_that_is_there_is_found() -> None:
    there = Package("pytest", oldest=(8,))
    assert (there.requirement().found or "").split(".")[0].isdigit()
    there.require("X")
