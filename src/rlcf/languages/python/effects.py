"""What a function's body can change for code outside of it, as ty sees it.

ty takes the type of a call from the signature alone: a function that says no type returns an unknown one, whatever its
body does. What remains are attributes, which ty collects from all methods; imports, which make a module's parts known
to the whole file; `global`; and a `yield`, which makes another thing of an `async def`.
"""

from __future__ import annotations

import ast


def reaches_out(body: str) -> bool:
    """Whether a body may change what other code is told; so it is, too, where it cannot be read.

    Args:
        body: from behind the colon of its function, or from its first line on.
    """
    parsed = _parsed(body)
    if parsed is None or len(parsed.body) != 1:
        return True
    return any(_has_effect(node) for node in ast.walk(parsed))


def does_nothing(body: str) -> bool:
    """Whether a body stands for one that is not there, for a checker: texts, `...`, `pass`, and `raise`."""
    parsed = _parsed(body)
    if parsed is None or not isinstance(function := parsed.body[0], ast.AsyncFunctionDef):
        return True
    return all(
        isinstance(n, ast.Pass | ast.Raise) or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        for n in function.body
    )


def _parsed(body: str) -> ast.Module | None:
    """A function with the body, and what follows it; `None` where the interpreter cannot read it."""
    for header in ("async def f():\n", "async def f():"):
        try:
            return ast.parse(header + body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _has_effect(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return not isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal | ast.Yield | ast.YieldFrom)
