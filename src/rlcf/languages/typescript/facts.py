"""What the nodes of TypeScript's syntax tree mean."""

from __future__ import annotations

from dataclasses import replace

from rlcf.languages.javascript import facts as javascript

GRAMMAR = replace(
    javascript.GRAMMAR,
    module="tree_sitter_typescript",
    function="language_typescript",
    statements=javascript.STATEMENTS | {"abstract_class_declaration", "enum_declaration", "import_alias"},
)
