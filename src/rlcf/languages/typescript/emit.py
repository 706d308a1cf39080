"""JavaScript from TypeScript, by the compiler itself: it strips types and translates enums, without checking anything.

It works in a sandbox of its own, on texts that do not see each other, and runs none of them.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rlcf.languages.typescript.compiler import Compiler
from rlcf.workers.sandbox import find_sandbox

_FLAGS = (
    *("--noCheck", "--noLib", "--noResolve", "--isolatedModules", "--removeComments"),
    *("--target", "es2023", "--module", "commonjs"),
)
_MEMORY_MIB = 2048
_TIMEOUT_S = 30.0
"""Hundreds of times what it takes."""


def emit(compiler: Compiler, texts: Sequence[str]) -> list[str] | None:
    """The JavaScript of each text; `None` where the compiler comes to no end, or gives none."""
    with tempfile.TemporaryDirectory(prefix="rlcf-emit-") as name:
        folder, made = Path(name) / "in", Path(name) / "out"
        folder.mkdir()
        made.mkdir()
        files = [folder / f"{number}.ts" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode("utf-8", "surrogatepass"))
        command = find_sandbox().command(
            [str(compiler.program), *_FLAGS, "--outDir", str(made), *map(str, files)],
            [compiler.folder, folder],
            _MEMORY_MIB,
            environment={"GOMAXPROCS": "1"},
            writable=[made],
        )
        nothing = subprocess.DEVNULL
        try:
            subprocess.run(command, stdout=nothing, stderr=nothing, timeout=_TIMEOUT_S, check=False, env={})
            return [(made / f"{file.stem}.js").read_text(encoding="utf-8") for file in files]
        except (subprocess.TimeoutExpired, OSError):
            return None
