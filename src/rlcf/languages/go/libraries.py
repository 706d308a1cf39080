"""The compiled packages that programs in Go are built with, rlcf's own among them: made once, into the cache folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rlcf.languages.go.toolchain import Go, alone, objects
from rlcf.storage.atomic import whole_folder
from rlcf.storage.cache import cache_folder

_HARNESS = Path(__file__).parent / "harness"
_ASSERT = "github.com/stretchr/testify/assert"
"""The package that published tests import; ours stands in for it."""
_PACKAGES = tuple((_HARNESS / "packages.txt").read_text(encoding="utf-8").split())
"""What programs and tests may import when they run."""


@dataclass(frozen=True, slots=True)
class Libraries:
    """Compiled packages."""

    folder: Path

    @property
    def compiling(self) -> Path:
        """The list of them for Go's compiler."""
        return self.folder / "compiling.cfg"

    @property
    def linking(self) -> Path:
        """The list of them for Go's linker."""
        return self.folder / "linking.cfg"

    @property
    def packages(self) -> Path:
        """The list of rlcf's own, as the helper reads it."""
        return self.folder / "packages.json"


def libraries(go: Go) -> Libraries:
    """Compiles them where that was not done yet, and says so on standard error.

    Raises:
        CheckerUnavailable: Go cannot compile them.
        StorageError: the cache folder cannot be written.
    """
    sources = sorted(_HARNESS.rglob("*.go"))
    digest = hashlib.sha256(f"{go.root} {go.version} {_PACKAGES}".encode())
    for source in sources:
        digest.update(source.read_bytes())
    made = Libraries(cache_folder() / "go" / f"libraries-{digest.hexdigest()[:16]}")
    if not made.compiling.is_file():
        with alone(cache_folder() / "go" / "lock"):
            if not made.compiling.is_file():
                print(f"rlcf: compiling Go {go.version}'s library, once (a minute)", file=sys.stderr, flush=True)
                with whole_folder(made.folder, replace=False) as fresh:
                    _compile(go, made.folder, fresh)
    return made


def _compile(go: Go, final: Path, target: Path) -> None:
    """Compiles into the folder `target`, which becomes `final`."""
    shutil.copytree(_HARNESS, target, dirs_exist_ok=True)
    (target / "go.mod").write_text("module rlcf.run\n\ngo 1.24\n", encoding="utf-8")
    asked = ("list", "-export", "-deps", "-json=ImportPath,Export", "./wire", "./assert", *_PACKAGES)
    lines = []
    for number, row in enumerate(objects(go.run(*asked, folder=target))):
        if row.get("Export"):
            shutil.copy(row["Export"], target / f"{number}.a")
            lines.append(f"packagefile {row['ImportPath']}={final / f'{number}.a'}")
    (target / "linking.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines.append(f"importmap {_ASSERT}=rlcf.run/assert")
    (target / "compiling.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")
    stand_in = {"Path": _ASSERT, "Dir": str(final / "assert"), "Files": ["assert.go"], "Imports": {}, "Visible": True}
    (target / "packages.json").write_text(json.dumps([stand_in]), encoding="utf-8")
