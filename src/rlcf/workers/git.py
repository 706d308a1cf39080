"""What git says of a folder: its repository, what has changed in it, when files came. Git writes nothing, and runs no
helper."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rlcf.errors import ToolError, UserError, no_answer

_TIMEOUT_S = 120.0
_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")
"""Variables that git sets for its hooks: they name another repository than the folder's own."""
_SUBMODULE = b"160000"
"""The mode of one."""
_MODES = len(":160000 160000")
"""Both come first in what `git diff --raw` says of a file."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from a revision. Paths are absolute, sorted."""

    files: tuple[Path, ...]
    """Those that are there: changed, new, renamed, and not yet known to git."""
    deleted: tuple[Path, ...]
    """Those that are not there any more, old names of renamed files included."""
    repositories: tuple[Path, ...] = ()
    """Folders of other repositories, submodules or not, of which git does not name the files; they may be gone."""


def repository_of(folder: Path) -> Path | None:
    """The top folder of the git repository that a folder is in; `None` where git knows none."""
    try:
        return Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").removesuffix(b"\n")))
    except (ToolError, UserError):
        return None


def changes(folder: Path, since: str = "HEAD") -> Changes:
    """What differs in a folder, its index and its worktree, from a revision; ignored files are left out.

    Raises:
        UserError: the folder is in no git repository, or there is no such revision.
        ToolError: git is not installed, or fails.
    """
    _git(folder, "rev-parse", "--show-toplevel")
    try:
        told = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{since}^{{commit}}")
    except UserError as error:
        hint = "fetch it, or name another with --since REV"
        raise UserError(f"git knows no revision {since!r} in {folder}: {hint}") from error
    compared = ["diff", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv", "--relative", "-z"]
    differ = _git(folder, *compared, "--ignore-submodules=none", told.decode().strip(), "--", ".").split(b"\0")
    changed = dict(zip(differ[1::2], differ[::2], strict=False))
    untracked = _git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", ".").split(b"\0")
    inside = {name for name in untracked if name.endswith(b"/")}
    inside |= {name for name, modes in changed.items() if _SUBMODULE in modes[:_MODES]}
    files = sorted({folder / os.fsdecode(name) for name in {*changed, *untracked} - inside if name})
    there = [os.path.lexists(path) for path in files]
    return Changes(
        tuple(path for path, here in zip(files, there, strict=True) if here),
        tuple(path for path, here in zip(files, there, strict=True) if not here),
        tuple(sorted(folder / os.fsdecode(name) for name in inside)),
    )


def added(folder: Path) -> dict[str, int]:
    """When each file in a folder was added, in seconds since 1970, by its path in it; empty where git cannot tell.

    A file that was renamed in the folder, also since the last commit, was added when its first name was.
    """
    told = ["--find-renames", "--name-status", "--relative", "--no-ext-diff", "-z"]
    try:
        history = _git(folder, "log", "--topo-order", "--reverse", "--format=%at", "--diff-filter=AR", *told, "--", ".")
        since = _git(folder, "diff", "--diff-filter=R", *told, "HEAD", "--", ".")
    except (ToolError, UserError):
        return {}
    times: dict[str, int] = {}
    time = 0
    parts = iter((history + since).split(b"\0"))
    for part in parts:
        kind = part.strip(b"\n")
        if kind.isdigit():
            time = int(kind)
        elif kind.startswith(b"A"):
            times.setdefault(os.fsdecode(next(parts)), time)
        elif kind.startswith(b"R"):
            old, new = os.fsdecode(next(parts)), os.fsdecode(next(parts))
            times.setdefault(new, times.get(old, time))
    return times


def _git(folder: Path, *arguments: str) -> bytes:
    """What git prints; a `UserError` with its first line where it refuses."""
    environment = {name: value for name, value in os.environ.items() if name not in _PLACES}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S,
            check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise ToolError("git is not installed: install it, or name the files instead of --changed") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"git does not work in {folder}: {no_answer(error)}") from error
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UserError(f"git cannot tell what has changed in {folder}: {lines[0] if lines else 'no reason given'}")
    return done.stdout
