"""What TypeScript and JavaScript need on a machine."""

from __future__ import annotations

from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import CHECKING, RUNNING, Requirement, sandbox_requirement
from rlcf.languages.javascript.node import REMEDY as NODE
from rlcf.languages.javascript.node import find_node, node_version
from rlcf.languages.typescript.compiler import REMEDY as COMPILER
from rlcf.languages.typescript.compiler import find_compiler


def requirements() -> list[Requirement]:
    """See `Language.requirements`."""
    return [
        Requirement("typescript", _compiler(), COMPILER, CHECKING),
        sandbox_requirement(CHECKING),
        Requirement("node", _node(), NODE, RUNNING),
    ]


def _compiler() -> str | None:
    try:
        compiler = find_compiler()
    except CheckerUnavailable:
        return None
    return f"{compiler.version} in {compiler.program}"


def _node() -> str | None:
    try:
        node = find_node()
        return f"{node_version(node)} in {node}"
    except CheckerUnavailable:
        return None
