"""What import-linter cannot express: where an import may stand inside a function."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
HEAVY = {"models", "generation", "grounding", "training"}
"""Rooms that need torch, or take a second to import."""
HANDLERS = {"cli", "integrations", "__init__.py"}


def test_only_handlers_import_a_heavy_room_inside_a_function() -> None:
    for path in sorted((SOURCE / "rlcf").rglob("*.py")):
        room = path.relative_to(SOURCE / "rlcf").parts[0]
        functions = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.FunctionDef)]
        imports = [node for f in functions for node in ast.walk(f) if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in imports:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            rooms = {name.split(".")[1] for name in names if name.startswith("rlcf.")}
            assert room in HANDLERS or not (rooms & HEAVY) - {room}, f"{path}:{node.lineno}"
