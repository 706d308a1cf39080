"""Types of parameters that a task does not declare: from the calls that its prompt shows, and from their names."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from rlcf.languages.driving.inputs import BOOL, FLOAT, INT, NONE, TEXT, UNKNOWN, Type

_MOST_EXAMPLES = 8
_WORDS = {"true": "True", "false": "False", "null": "None", "undefined": "None"}
_WORD = re.compile(r"(?<![\w\"'])(?:true|false|null|undefined)(?![\w\"'])")
_LIST, _TEXTS, _MATRIX = Type("list", (INT,)), Type("list", (TEXT,)), Type("list", (Type("list", (INT,)),))
_NAMES: tuple[tuple[re.Pattern[str], Type], ...] = tuple(
    (re.compile(pattern), of)
    for pattern, of in (
        (r"(?:words|strings|strs|names|texts|lines)$", _TEXTS),
        (r"(?:matrix|grid|board|intervals|pairs|points)$", _MATRIX),
        (r"(?:arr|array|list|lst|nums|numbers|values|items|elements|ints|tuple|tup|seq)\d?$", _LIST),
        (r"(?:str|string|text|word|sentence|name|char|ch|substr|prefix|suffix|pattern)\d?$", TEXT),
        (r"(?:obj|object|dict|map|record|counts)\d?$", Type("map", (TEXT, INT))),
        (r"^(?:price|rate|ratio|radius|celsius|fahrenheit|percent\w*)$", FLOAT),
        (r"^(?:s|t)\d?$", TEXT),
        (r"(?:^[a-ik-rx-z]\d?$|num|number|count|index|size|length|limit|target|sum|digit|year)\d?$", INT),
    )
)


def type_of_name(name: str) -> Type:
    """What a parameter of that name often is."""
    if re.match(r"(?:is|has)[A-Z_]", name):
        return BOOL
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().rpartition("_")[2] if len(name) > 1 else name.lower()
    return next((of for pattern, of in _NAMES if pattern.search(words)), UNKNOWN)


def types_of_examples(prompt: str, function: str) -> tuple[Type, ...] | None:
    """The types of the arguments in the calls that a prompt shows; `None` where it shows none that can be read."""
    rows = []
    for call in re.finditer(rf"(?<![\w.]){re.escape(function)}\(", prompt):
        values = _arguments(prompt[call.start() :])
        if values:
            rows.append(values)
        if len(rows) == _MOST_EXAMPLES:
            break
    rows = [row for row in rows if rows and len(row) == len(rows[0])]
    return tuple(joined(column) for column in zip(*rows, strict=True)) if rows else None


def joined(types: Sequence[Type]) -> Type:
    """One type that all of these may be an example of."""
    known = list(dict.fromkeys(t for t in types if t != UNKNOWN))
    if not known:
        return UNKNOWN
    kinds = {t.kind for t in known}
    if kinds == {"int", "float"}:
        return FLOAT
    if len(kinds) == 1 and known[0].kind in ("list", "map") and all(len(t.of) == len(known[0].of) for t in known):
        return Type(known[0].kind, tuple(joined(parts) for parts in zip(*(t.of for t in known), strict=True)))
    return known[0] if len(known) == 1 else Type("union", tuple(known))


def _arguments(text: str) -> tuple[Type, ...]:
    """The types of the arguments of the call that a text begins with; none where they are no literals."""
    line = text.splitlines()[0].replace("\\/", "/")
    for end in [m.end() for m in re.finditer(r"\)", line)]:
        try:
            call = ast.parse(_WORD.sub(lambda word: _WORDS[word[0]], line[:end]), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found = [_type(each) for each in call.args] if isinstance(call, ast.Call) and not call.keywords else []
        return tuple(t for t in found if t is not None) if all(found) else ()
    return ()


def _type(node: ast.expr) -> Type | None:
    if isinstance(node, ast.UnaryOp):
        return _type(node.operand)
    if isinstance(node, ast.Constant):
        kinds = {bool: BOOL, int: INT, float: FLOAT, str: TEXT, type(None): NONE}
        return kinds.get(type(node.value))
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _elements([_type(each) for each in node.elts])
    if isinstance(node, ast.Dict):
        values = [_type(each) for each in node.values]
        return None if None in values else Type("map", (TEXT, joined([v for v in values if v is not None])))
    return None


def _elements(types: Sequence[Type | None]) -> Type | None:
    return None if None in types else Type("list", (joined([t for t in types if t is not None]),))
