"""Small programs of Structured Text, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task

_HEAD = "FUNCTION made : DINT\nVAR_INPUT a : DINT; END_VAR\n"


def structured_text(undeclared: str) -> Examples:
    """With the code that the checker has for a name that is not declared."""
    return Examples(
        accepted=["", f"{_HEAD}    made := a + 1;\nEND_FUNCTION\n"],
        rejected=[
            Rejected(f"{_HEAD}    made := a + b;\nEND_FUNCTION\n", undeclared, len(_HEAD) + 16),
            Rejected("FUNCTION f : DINT\r\n  f := x;\r\nEND_FUNCTION", undeclared, 26),
        ],
        hostile=["\x00", "(*", "'\ud800", "END_FUNCTION\n" * 1_000, "x := '$'' (* y;"],
        tasks=[Task("add", _HEAD, language="structured-text", canonical_solution="    made := a + a;\nEND_FUNCTION\n")],
        endings=[
            Ending(
                _HEAD, "    IF a > 0 THEN\n        made := a;\n    END_IF;\nEND_FUNCTION", "\nFUNCTION other : INT\n"
            ),
            Ending(_HEAD, "(* END_FUNCTION *) made := LEN('END_FUNCTION $' x');\nend_function", ""),
            Ending(
                "FUNCTION_BLOCK A\nVAR x : INT; END_VAR\nMETHOD m\n",
                "  x := 1;  // END_METHOD\nEND_METHOD",
                "\n",
                suffix="\nEND_FUNCTION_BLOCK\n",
            ),
            Ending("FUNCTION_BLOCK A\n", "  my_IF := 1;\nEND_FUNCTION_BLOCK", "\nEND_FUNCTION"),
        ],
    )
