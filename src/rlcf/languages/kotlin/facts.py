"""What the nodes of Kotlin's syntax tree mean."""

from __future__ import annotations

import re

from rlcf.languages.syntax import Grammar

_CONTROL = {"if_expression", "when_expression", "for_statement", "while_statement", "do_while_statement"}
GRAMMAR = Grammar(
    module="tree_sitter_kotlin",
    functions=frozenset({"function_declaration", "anonymous_function", "secondary_constructor"}),
    statements=frozenset({"return_expression", "throw_expression", *_CONTROL, "try_expression"}),
    control=frozenset({*_CONTROL, "try_expression"}),
    chained=frozenset({"if_expression"}),
    identifiers=frozenset({"identifier"}),
    calls=frozenset({"call_expression"}),
    assignments=frozenset({"assignment"}),
    returns=frozenset({"return_expression"}),
    literals=frozenset({"number_literal", "string_literal", "multiline_string_literal", "character_literal"}),
    throws=frozenset({"throw_expression"}),
    bodies=frozenset({"function_body"}),
    parameter_lists=frozenset({"function_value_parameters"}),
    constants=frozenset({"true", "false", "null"}),
    blocks=frozenset({"block"}),
    value_blocks=frozenset({"block"}),
    throwing=frozenset({"TODO", "error"}),
    texts=frozenset({"string_literal", "multiline_string_literal"}),
    in_texts=re.compile(r"\$\{?(\w+)"),
    unclosed=frozenset({'"""', "/*"}),
    unclosed_in_line=frozenset({'"', "'"}),
)
