"""What TypeScript and JavaScript need on a machine."""

from __future__ import annotations

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import CHECKING, RUNNING, Requirement
from rlcf.languages.javascript.node import REMEDY as NODE
from rlcf.languages.javascript.node import find_node, node_version
from rlcf.languages.typescript.compiler import REMEDY as COMPILER
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.workers.sandbox import REMEDY as SANDBOX
from rlcf.workers.sandbox import find_sandbox


def requirements() -> list[Requirement]:
    """See `Language.requirements`."""
    return [
        Requirement("typescript", _compiler(), COMPILER, CHECKING),
        Requirement("sandbox", _sandbox(), SANDBOX, CHECKING),
        Requirement("node", _node(), NODE, RUNNING),
    ]


def _compiler() -> str | None:
    try:
        compiler = find_compiler()
    except CheckerUnavailable:
        return None
    return f"{compiler.version} in {compiler.program}"


def _sandbox() -> str | None:
    try:
        return f"bubblewrap {find_sandbox().version}"
    except SandboxUnavailable:
        return None


def _node() -> str | None:
    try:
        node = find_node()
        return f"{node_version(node)} in {node}"
    except CheckerUnavailable:
        return None
