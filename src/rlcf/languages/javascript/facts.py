"""What the nodes of JavaScript's syntax tree mean."""

from __future__ import annotations

from rlcf.languages.syntax import Grammar

_CONTROL = frozenset(
    {
        *("if_statement", "for_statement", "for_in_statement", "while_statement", "do_statement", "switch_statement"),
        *("try_statement", "with_statement"),
    }
)
STATEMENTS = frozenset(
    {
        *_CONTROL,
        *("expression_statement", "return_statement", "throw_statement", "break_statement", "continue_statement"),
        *("variable_declaration", "lexical_declaration", "labeled_statement", "import_statement", "export_statement"),
        *("function_declaration", "generator_function_declaration", "class_declaration"),
    }
)
GRAMMAR = Grammar(
    module="tree_sitter_javascript",
    functions=frozenset(
        {
            *("function_declaration", "function_expression", "arrow_function", "method_definition"),
            *("generator_function_declaration", "generator_function"),
        }
    ),
    statements=STATEMENTS,
    control=_CONTROL,
    chained=frozenset({"else_clause"}),
    identifiers=frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}),
    members=frozenset({"property_identifier", "private_property_identifier"}),
    calls=frozenset({"call_expression"}),
    assignments=frozenset({"assignment_expression"}),
    returns=frozenset({"return_statement"}),
    literals=frozenset(
        {"string", "template_string", "number", "true", "false", "null", "undefined", "regex", "array", "object"}
    ),
    throws=frozenset({"throw_statement"}),
    patterns=frozenset({"object_pattern", "array_pattern"}),
    blocks=frozenset({"statement_block"}),
    unclosed=frozenset({"`"}),
    unclosed_in_line=frozenset({"/"}),
)
