"""What Go's syntax tree says, and a body that does nothing."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

from rlcf.languages.go.toolchain import built, find_go
from rlcf.languages.syntax import Grammar, open_blocks
from rlcf.records import Task

_CONTROL = frozenset(
    {"if_statement", "for_statement", "expression_switch_statement", "type_switch_statement", "select_statement"}
)
GRAMMAR = Grammar(
    module="tree_sitter_go",
    functions=frozenset({"function_declaration", "method_declaration", "func_literal"}),
    statements=_CONTROL
    | {
        *("expression_statement", "send_statement", "inc_statement", "dec_statement", "assignment_statement"),
        *("short_var_declaration", "var_declaration", "const_declaration", "type_declaration", "labeled_statement"),
        *("go_statement", "defer_statement", "return_statement", "goto_statement", "fallthrough_statement"),
        *("break_statement", "continue_statement"),
    },
    control=_CONTROL,
    chained=frozenset({"if_statement"}),  # what stands in its blocks has a list of statements for a parent
    identifiers=frozenset({"identifier", "field_identifier"}),
    calls=frozenset({"call_expression"}),
    assignments=frozenset({"assignment_statement", "short_var_declaration", "range_clause"}),
    returns=frozenset({"return_statement"}),
    literals=frozenset({"expression_list"}),
    throws=frozenset(),
    throwing=frozenset({"panic"}),
    lists=frozenset({"expression_list"}),
    hidden=re.compile(
        rb"""//[^\n]* | /\*.*?(?:\*/|\Z) | `[^`]*`? | "(?:[^"\\\n]|\\[^\n])*"? | '(?:[^'\\\n]|\\[^\n])*'?""",
        re.VERBOSE | re.DOTALL,
    ),
)

_IMPORTS = re.compile(r"^[ \t]*import\s*(?:\(([^)]*)\)|([^(\n]*))", re.MULTILINE)
_IMPORT = re.compile(r'([\w.]+)?[ \t]*["`]([^"`]+)["`]')
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_FUNCTION = re.compile(r"^func ([A-Z]\w*)\(", re.MULTILINE)
_TYPE = re.compile(r"^type ([A-Z]\w*) (?!interface\b)[a-z\[*]", re.MULTILINE)
_GENERIC = {
    "cmp": "Compare[int]",
    "iter": "Pull[int]",
    "maps": "Keys[map[int]int]",
    "slices": "Sort[[]int]",
    "unique": "Make[int]",
    "unsafe": "Pointer(nil)",
    "weak": "Make[int]",
}
"""Uses of packages that have neither plain functions nor plain types."""


def stub(task: Task) -> str | None:
    """A completion that panics, with what the context imports; `None` where no block is open.

    Go refuses imports that are not used, so the panic uses all of them.
    """
    opened = open_blocks(GRAMMAR, task.context, task.suffix)
    uses = [_use(name, path) for name, path in _imported(task.context)]
    if not opened or None in uses:
        return None
    value = f"[]any{{{', '.join(filter(None, uses))}}}" if uses else '""'
    start = "" if task.context.endswith("\n") else "\n"
    return f"{start}\tpanic({value})\n" + "".join("\t" * level + "}\n" for level in reversed(range(opened)))


def _imported(context: str) -> list[tuple[str, str]]:
    """The names that a context gives to packages, and their paths. Imports that are no names need no use."""
    code = _COMMENT.sub(" ", context)
    found = [each for group in _IMPORTS.finditer(code) for each in _IMPORT.findall(group[1] or group[2] or "")]
    return [(name or path.rpartition("/")[2], path) for name, path in found if name != "_"]


@functools.cache
def _use(name: str, path: str) -> str | None:
    """An expression that uses a package; `None` where it is not known."""
    member = _GENERIC.get(path) or _member(path)
    return None if member is None else member if name == "." else f"{name}.{member}"


@functools.cache
def _member(path: str) -> str | None:
    """What a package of the standard library has: a function, or else a value of a type."""
    package = _standard().get(path)
    if package is None:
        return None
    texts = [(Path(package["Dir"]) / file).read_text(encoding="utf-8") for file in package["Files"]]
    for pattern, use in ((_FUNCTION, "{}"), (_TYPE, "{}{{}}")):
        found = next((match[1] for text in texts if (match := pattern.search(text))), None)
        if found is not None:
            return use.format(found)
    return None


@functools.cache
def _standard() -> dict[str, dict[str, Any]]:
    packages = json.loads(built(find_go()).packages.read_text(encoding="utf-8"))
    return {each["Path"]: each for each in packages if each["Visible"]}
