"""Skips what cannot be tested here, with the reason; one warm checker and runner for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.driver import JavaDriver
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.java.runner import JavaRunner
from rlcf.workers.sandbox import find_sandbox


@pytest.fixture(scope="session")
def jdk_here() -> None:
    try:
        find_jdk()
    except CheckerUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def sandbox_here() -> None:
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def java_checker(request: pytest.FixtureRequest) -> Iterator[JavaChecker]:
    request.getfixturevalue("jdk_here")
    with JavaChecker(workers=1, timeout_s=30.0) as checker:
        yield checker


@pytest.fixture(scope="session")
def java_runner(request: pytest.FixtureRequest) -> Iterator[JavaRunner]:
    request.getfixturevalue("jdk_here")
    request.getfixturevalue("sandbox_here")
    with JavaRunner(workers=2, timeout_s=10.0, memory_mib=128) as runner:
        yield runner


@pytest.fixture(scope="session")
def java_driver(request: pytest.FixtureRequest) -> Iterator[JavaDriver]:
    request.getfixturevalue("jdk_here")
    request.getfixturevalue("sandbox_here")
    with JavaDriver(workers=2, timeout_s=2.0, memory_mib=64) as driver:
        yield driver
