"""Coarse-tune code language models with compiler feedback (RLCF, arXiv 2305.18341).

>>> import rlcf
>>> java = rlcf.load_language("java")
>>> with java.checker(workers=2, timeout_s=10.0) as checker:
...     verdicts = checker.check(["class A { int f() { return x; } }"])
>>> verdicts[0].status
'rejected'

Importing rlcf imports no torch, starts no process and prints nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlcf.errors import CheckerUnavailable, RlcfError
from rlcf.languages.registry import language_names, load_language
from rlcf.records import Completion, Diagnostic, Execution, MethodFacts, Program, Score, Slice, Task, Verdict

if TYPE_CHECKING:
    from rlcf.generation.prompts import editor_prompt
    from rlcf.grounding import Grounding

__version__ = "0.2.0"

__all__ = [
    "CheckerUnavailable",
    "Completion",
    "Diagnostic",
    "Execution",
    "Grounding",
    "MethodFacts",
    "Program",
    "RlcfError",
    "Score",
    "Slice",
    "Task",
    "Verdict",
    "editor_prompt",
    "language_names",
    "load_language",
]


def __getattr__(name: str) -> Any:
    if name == "Grounding":  # this and the next need torch: imported when first asked for
        from rlcf.grounding import Grounding

        return Grounding
    if name == "editor_prompt":
        from rlcf.generation.prompts import editor_prompt

        return editor_prompt
    raise AttributeError(f"module 'rlcf' has no attribute {name!r}")
