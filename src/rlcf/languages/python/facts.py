"""What the nodes of Python's syntax tree mean."""

from __future__ import annotations

from rlcf.languages.syntax import Grammar

_CONTROL = {"if_statement", "for_statement", "while_statement", "try_statement", "with_statement", "match_statement"}
GRAMMAR = Grammar(
    module="tree_sitter_python",
    functions=frozenset({"function_definition"}),
    statements=frozenset(
        {
            *_CONTROL,
            *("expression_statement", "return_statement", "raise_statement", "assert_statement", "delete_statement"),
            *("break_statement", "continue_statement", "import_statement", "import_from_statement"),
            *("global_statement", "nonlocal_statement", "function_definition", "class_definition", "exec_statement"),
        }
    ),
    control=frozenset(_CONTROL),
    chained=frozenset({"elif_clause"}),
    identifiers=frozenset({"identifier"}),
    calls=frozenset({"call"}),
    assignments=frozenset({"assignment"}),
    returns=frozenset({"return_statement"}),
    literals=frozenset({"string", "integer", "float", "true", "false", "none", "list", "dictionary", "tuple", "set"}),
    throws=frozenset({"raise_statement"}),
    receivers=frozenset({"self", "cls"}),
    docstrings=True,
)
