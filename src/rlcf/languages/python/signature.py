"""The function that a task asks for, and the types of its parameters, from the task's own text."""

from __future__ import annotations

import ast

from rlcf.languages.driving.inputs import BOOL, FLOAT, INT, NONE, TEXT, UNKNOWN, Type
from rlcf.languages.driving.target import Signature
from rlcf.languages.python.ends import stub
from rlcf.records import Task

_NAMES = {"int": INT, "float": FLOAT, "complex": FLOAT, "bool": BOOL, "str": TEXT, "None": NONE, "Any": UNKNOWN}
_NAMES |= {"object": UNKNOWN, "Hashable": UNKNOWN, "bytes": Type("object", name="bytes")}
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "MutableSequence", "Iterator", "deque"})
_SETS = frozenset({"set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"})
_MAPS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "Counter"})
_LENGTH_OF_OPEN_TUPLES = 3


def signature_of(task: Task) -> Signature | str:
    """The signature of the function that the task's context opens, or why there is none."""
    try:
        tree = ast.parse(task.context + (stub(task) or "") + task.suffix)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "the task's own text does not parse"
    found = [(owner, node) for owner, node in _functions(tree) if node.name == task.entry_point]
    found = found or _functions(tree)[-1:]
    if not found:
        return "the task opens no function"
    owner, node = found[-1]
    classes = frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef))
    if owner is None:
        return Signature(node.name, _parameters(node, classes))
    decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    static = bool(decorators & {"staticmethod", "classmethod"})
    makers = [f for o, f in _functions(tree) if o is owner and f.name == "__init__"]
    parameters = _parameters(node, classes)[0 if "staticmethod" in decorators else 1 :]
    constructor = _parameters(makers[0], classes)[1:] if makers and node.name != "__init__" else ()
    return Signature(node.name, parameters, owner.name, constructor, static)


def _functions(tree: ast.Module) -> list[tuple[ast.ClassDef | None, ast.FunctionDef]]:
    """The functions of a module and of its classes; none that stand in functions."""
    found: list[tuple[ast.ClassDef | None, ast.FunctionDef]] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.append((None, node))
        elif isinstance(node, ast.ClassDef):
            found += [(node, each) for each in node.body if isinstance(each, ast.FunctionDef)]
    return found


def _parameters(function: ast.FunctionDef, classes: frozenset[str]) -> tuple[Type, ...]:
    """Those that have no default."""
    given = [*function.args.posonlyargs, *function.args.args]
    needed = given[: len(given) - len(function.args.defaults)] or given
    return tuple(_type(each.annotation, classes) for each in needed)


def _type(node: ast.expr | None, classes: frozenset[str]) -> Type:
    """The type that an annotation means."""
    if node is None:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return NONE if node.value is None else _of_text(node.value, classes)
    if isinstance(node, ast.BinOp):
        return Type("union", (_type(node.left, classes), _type(node.right, classes)))
    head, parts = node, []
    if isinstance(node, ast.Subscript):
        head = node.value
        parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    name = head.attr if isinstance(head, ast.Attribute) else head.id if isinstance(head, ast.Name) else ""
    of = tuple(_type(p, classes) for p in parts if not (isinstance(p, ast.Constant) and p.value is ...))
    if name in _NAMES:
        return _NAMES[name]
    if name in _LISTS or name in _SETS:
        return Type("list" if name in _LISTS else "set", of[:1] or (UNKNOWN,))
    if name in _MAPS:
        return Type("map", (*of, *((TEXT, INT)[len(of) :]))[:2])
    if name in ("tuple", "Tuple"):
        return Type("tuple", of if len(of) == len(parts) and of else (of or (INT,)) * _LENGTH_OF_OPEN_TUPLES)
    if name in ("Optional", "Union"):
        return Type("union", (*of, NONE) if name == "Optional" else of)
    return Type("object", name=name or ast.unparse(node)) if name in classes or name else UNKNOWN


def _of_text(value: object, classes: frozenset[str]) -> Type:
    """The type of an annotation that is written as a text."""
    try:
        return _type(ast.parse(str(value), mode="eval").body, classes)
    except (SyntaxError, ValueError, RecursionError):
        return UNKNOWN
