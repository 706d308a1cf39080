"""What the syntax trees of C and C++ say of the functions of a program."""

from __future__ import annotations

import re
from dataclasses import replace

from rlcf.languages.syntax import Grammar

_CONTROL = {"if_statement", "for_statement", "while_statement", "do_statement", "switch_statement"}
_LEAVE = {"return_statement", "break_statement", "continue_statement", "goto_statement"}
_LITERALS = {"number_literal", "string_literal", "char_literal", "concatenated_string", "true", "false", "null"}
C = Grammar(
    module="tree_sitter_c",
    functions=frozenset({"function_definition"}),
    statements=frozenset({*_CONTROL, *_LEAVE, "expression_statement", "declaration"}),
    control=frozenset(_CONTROL),
    chained=frozenset({"else_clause"}),
    identifiers=frozenset({"identifier"}),
    members=frozenset({"field_identifier"}),
    calls=frozenset({"call_expression"}),
    assignments=frozenset({"assignment_expression"}),
    returns=frozenset({"return_statement"}),
    literals=frozenset({*_LITERALS, "initializer_list", "compound_literal_expression"}),
    throws=frozenset(),
    hidden=re.compile(
        rb"""
          //(?:[^\\\r\n]|\\(?:\r\n|.)?)* | /\*.*?(?:\*/|\Z) | (?<!\w)(?:u8|[uUL])?R"([^()\s\\]{0,16})\(.*?(?:\)\1"|\Z)
        | "(?:[^"\\\r\n]|\\(?:\r\n|.)?)*"? | (?<!\w)[0-9][\w.']* | '(?:[^'\\\r\n]|\\.?)*'?
        """,
        re.VERBOSE | re.DOTALL,
    ),
)
_CPP_CONTROL = {*_CONTROL, "for_range_loop", "try_statement"}
CPP = replace(
    C,
    module="tree_sitter_cpp",
    statements=frozenset(
        {*C.statements, *_CPP_CONTROL, "throw_statement", "co_return_statement", "co_yield_statement"}
    ),
    control=frozenset(_CPP_CONTROL),
    literals=frozenset({*C.literals, "raw_string_literal", "user_defined_literal"}),
    throws=frozenset({"throw_statement"}),
)
GRAMMARS = {"c": C, "c++": CPP}
"""By clang's name of the language."""
