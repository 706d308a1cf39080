"""The messages of tools that fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rlcf.errors import ToolError
from rlcf.languages.go.toolchain import Go
from rlcf.languages.java.build import compiled
from rlcf.languages.java.jdk import Jdk
from rlcf.languages.typescript.compiler import Compiler
from rlcf.languages.typescript.settings import _run
from rlcf.workers.git import changes
from rlcf.workers.sandbox import find_sandbox

TOOLS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "javac": ("languages.java.build._TIMEOUT_S", "javac", lambda home: compiled(Jdk(home, "17"), "late", [], [])),
    "go": ("languages.go.toolchain._TIMEOUT_S", "go", lambda home: Go(home, "1.27").run("build", folder=home)),
    "tsc": (
        "languages.typescript.settings._TIMEOUT_S",
        "TypeScript's compiler",
        lambda home: _run(Compiler(home / "bin" / "tsc", "7.0"), "--showConfig"),
    ),
    "git": ("workers.git._TIMEOUT_S", "git", changes),
    "bwrap": ("workers.sandbox._PROBE_TIMEOUT_S", "bwrap", lambda _: find_sandbox()),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_that_takes_too_long_is_one_line_that_says_what_to_do(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeout, name, call = TOOLS[tool]
    program = tmp_path / "bin" / tool
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setenv("RLCF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(f"rlcf.{timeout}", 0.5)
    find_sandbox.cache_clear()
    with pytest.raises(ToolError) as told:
        call(tmp_path)
    find_sandbox.cache_clear()
    message = str(told.value)
    assert name in message
    assert message.endswith("it took longer than 0.5 s; try again when the machine is less busy")
    assert len(message) < len(str(tmp_path)) + 150
