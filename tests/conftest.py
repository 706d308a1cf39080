"""Shared by all tests: what is on this machine, and a tiny policy that costs nothing to train."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, ModelError
from rlcf.languages.base import Checker
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.registry import LANGUAGES, load_language
from rlcf.models.builtin import BUILTIN_ENCODERS, BUILTIN_MODELS, resolve_model

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

# A shell that starts the tests in the background has Ctrl-C ignored, which the programs they start would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def jdk() -> None:
    """Skips where there is no JDK."""
    try:
        find_jdk()
    except CheckerUnavailable as error:
        pytest.skip(f"no JDK: {error}")


@pytest.fixture(scope="session")
def java_checker(jdk: None) -> Iterator[Checker]:
    """One warm Java checker for the whole session."""
    with load_language("java").checker(workers=2) as checker:
        yield checker


@pytest.fixture(scope="session")
def builtin_model() -> str:
    """The built-in model's name; skips where its package is not installed."""
    return _builtin("builtin:smollm2-135m", BUILTIN_MODELS)


@pytest.fixture(scope="session")
def builtin_encoder() -> str:
    """The built-in encoder's name; skips where its package is not installed."""
    return _builtin("builtin:minilm", BUILTIN_ENCODERS)


def _builtin(name: str, known: dict[str, tuple[str, str]]) -> str:
    try:
        resolve_model(name, known)
    except ModelError as error:
        pytest.skip(str(error))
    return name


@pytest.fixture
def fixed_seed() -> None:
    """The same randomness in every run."""
    import torch

    random.seed(0)
    torch.manual_seed(0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names the languages that were left out, where tests of languages ran."""
    reports = [report for kind in ("passed", "skipped", "failed") for report in terminalreporter.stats.get(kind, ())]
    if not any(report.nodeid.startswith("tests/languages/") for report in reports):
        return
    lines = [
        f"{name}, {need.needed_for}: {need.name} is missing: {need.remedy}"
        for name in sorted(LANGUAGES)
        for need in load_language(name).requirements()
        if need.found is None
    ]
    if lines:
        terminalreporter.section("languages left out (make languages installs what Debian, PyPI and npm have)")
        for line in lines:
            terminalreporter.write_line(line)
