"""The folder that a compiler works in: settings, and the way to packages. It sees nothing else of the machine.

What `globals.d.ts` declares is there only where neither a `tsconfig.json` nor packages say what a program finds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcf.config.languages import NodeOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.lsp import unknown_names
from rlcf.languages.typescript.compiler import Compiler
from rlcf.workers.sandbox import find_sandbox

_GLOBALS = Path(__file__).parent / "globals.d.ts"
_MEMORY_MIB = 2048
_TIMEOUT_S = 60.0
_ENVIRONMENT = {"GOMAXPROCS": "1", "GOGC": "400", "HOME": "/tmp"}
"""One thread, and garbage left for longer: collecting it is a third of the work."""
_SETTINGS: dict[str, Any] = {
    "lib": ["es2023"],
    "target": "es2023",
    "module": "preserve",
    "moduleDetection": "force",
    "resolveJsonModule": False,
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one of the two languages is given to the compiler."""

    suffix: str
    """That of a program's file."""
    language_id: str
    settings: dict[str, Any]
    """The compiler's options in which it differs."""


class Workspace:
    """A temporary folder; close it to remove it."""

    def __init__(self, compiler: Compiler, dialect: Dialect, options: NodeOptions) -> None:
        """Raises `UserError` where an option names what is not there, or settings that the compiler refuses."""
        self._compiler = compiler
        self.temporary = tempfile.TemporaryDirectory(prefix="rlcf-typescript-")
        packages = [existing(folder) for folder in options.search_path]
        tsconfig = options.tsconfig
        if tsconfig is not None:
            if not tsconfig.is_file():
                raise UserError(f"no such file: {tsconfig}")
            tsconfig = tsconfig.resolve()
            packages += [p / "node_modules" for p in tsconfig.parents if (p / "node_modules").is_dir()][:1]
        self.root = linked(Path(self.temporary.name).resolve(), packages)
        self.readable = [compiler.folder, Path(self.temporary.name), *packages]
        shutil.copy(_GLOBALS, self.root / _GLOBALS.name)
        settings: dict[str, Any] = dialect.settings | {"noEmit": True, "composite": False, "incremental": False}
        if tsconfig is None:
            settings |= _SETTINGS | {"types": ["*"] if packages else []}
        else:
            self.readable.append(tsconfig.parent)
        # With a tsconfig.json it is up to that whether programs see each other's names: they come one by one.
        self.files = unknown_names(dialect.suffix) if tsconfig is None else unknown_names(dialect.suffix, 1)
        """The names that programs go by, so many at once."""
        globals_too = [] if packages or tsconfig is not None else [_GLOBALS.name]
        written = {"compilerOptions": settings, "files": [*self.files, *globals_too], "include": []}
        if tsconfig is not None:
            written["extends"] = str(tsconfig)
        (self.root / "tsconfig.json").write_text(json.dumps(written), encoding="utf-8")
        if tsconfig is not None or packages:
            self._try()

    def command(self, *arguments: str) -> list[str]:
        """The command that starts the compiler in the sandbox."""
        return sandboxed(self._compiler, self.readable, *arguments)

    def close(self) -> None:
        self.temporary.cleanup()

    def _try(self) -> None:
        """Checks empty programs: what is wrong with them is wrong with the settings."""
        for file in self.files:
            (self.root / file).touch()
        tried = subprocess.run(
            self.command("--project", str(self.root), "--pretty", "false"),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={},
        )
        for file in self.files:
            (self.root / file).unlink()
        if tried.returncode:
            first = (tried.stdout.strip() or tried.stderr.strip() or "nothing").splitlines()[0]
            if "error TS" not in first:
                raise CheckerUnavailable(f"TypeScript's compiler does not start: {first}")
            raise UserError(f"the settings of the language do not work with an empty program: {first}")


def sandboxed(
    compiler: Compiler, readable: Sequence[Path], *arguments: str, memory_mib: int = _MEMORY_MIB
) -> list[str]:
    """The command that starts the compiler in the sandbox."""
    command, seen = [str(compiler.program), *arguments], list(dict.fromkeys(readable))
    return find_sandbox().command(command, seen, memory_mib, environment=_ENVIRONMENT)


def linked(folder: Path, packages: Sequence[Path]) -> Path:
    """The innermost of folders in `folder` of which each has one of packages: they are looked up from inside out."""
    folder /= "program"
    folder.mkdir()
    for number, each in enumerate(reversed(packages)):
        if number:
            folder /= "program"
            folder.mkdir()
        (folder / "node_modules").symlink_to(each)
    return folder


def existing(folder: Path) -> Path:
    """The absolute path of a folder; raises `UserError` where there is none."""
    if not folder.is_dir():
        raise UserError(f"no such folder: {folder}")
    return folder.resolve()
