"""What Rust's syntax tree says, and a body that does nothing."""

from __future__ import annotations

import re

from rlcf.languages.syntax import Grammar, open_blocks
from rlcf.records import Task

_IN_COMMENT = rb"(?:[^*/]|\*(?!/)|/(?!\*))"
_COMMENT = (
    rb"/\*(?:" + _IN_COMMENT + rb"|/\*(?:" + _IN_COMMENT + rb"|/\*" + _IN_COMMENT + rb"*\*/)*\*/)*(?:\*/|/\*.*|\Z)"
)
"""Comments stand in comments, here up to three deep."""
_HIDDEN = re.compile(
    rb"""//[^\n]* | """
    + _COMMENT
    + rb"""
    | (?<!\w)b?c?r(?P<fence>\#*)"(?:.*?"(?P=fence)|.*) | "(?:[^"\\]|\\.)*(?:"|\\?\Z)
    | '(?:[^'\\\n]|[\x80-\xff]{2,4}|\\[^\n][^'\n]*)' | '(?:\\[^'\n]*|[^'\\\w\n])\Z""",
    re.VERBOSE | re.DOTALL,
)

GRAMMAR = Grammar(
    module="tree_sitter_rust",
    functions=frozenset({"function_item"}),
    statements=frozenset(),
    value_blocks=frozenset({"block"}),
    control=frozenset({"if_expression", "match_expression", "for_expression", "while_expression", "loop_expression"}),
    chained=frozenset({"else_clause"}),
    identifiers=frozenset({"identifier", "field_identifier", "shorthand_field_identifier"}),
    calls=frozenset({"call_expression", "macro_invocation"}),
    assignments=frozenset({"assignment_expression"}),
    returns=frozenset({"return_expression"}),
    literals=frozenset(
        {
            *("integer_literal", "float_literal", "string_literal", "raw_string_literal", "char_literal"),
            *("boolean_literal", "unit_expression", "tuple_expression", "array_expression"),
        }
    ),
    throws=frozenset(),
    throwing=frozenset({"panic", "todo", "unimplemented", "unreachable"}),
    receivers=frozenset({"self_parameter"}),
    texts=frozenset({"string_content"}),
    hidden=_HIDDEN,
)


def stub(task: Task) -> str | None:
    """A completion that panics; `None` where no block is open."""
    opened = open_blocks(GRAMMAR, task.context, task.suffix)
    start = "" if task.context.endswith("\n") else "\n"
    closing = "".join("    " * level + "}\n" for level in reversed(range(opened)))
    return f"{start}    todo!()\n{closing}" if opened else None
