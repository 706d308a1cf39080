"""What a test has of its own of the program that it tests, so that the program cannot falsify it.

These are the imports of modules that only compute, and what the task's context defines completely: functions, and
constants of plain data. What needs anything else, such as a variable that changes, stays the program's; so do classes,
and all functions of a context that has classes, for they may be given objects of these.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType
from typing import TypeVar

from rlcf.languages.python.ends import logical_lines
from rlcf.records import Program

PURE_MODULES = frozenset(
    """
    __future__ abc bisect cmath collections copy dataclasses datetime decimal enum fractions functools heapq itertools
    json math numbers operator random re statistics string typing
    """.split()
)
"""Modules that a test imports itself where its program imports them: they only compute."""
_BUILTINS = frozenset(dir(builtins))
_REACHING = {"eval", "exec", "globals", "vars"}
"""Of these, what may read names that it does not spell."""
_PLAIN_CALLS = {each.__name__ for each in (bool, bytes, complex, float, frozenset, int, range, str, tuple, TypeVar)}
_OPERATIONS = (ast.UnaryOp, ast.BinOp, ast.Attribute, ast.Subscript, ast.Call)
_PLAIN = (ast.Constant, ast.Name, ast.Tuple, *_OPERATIONS, ast.operator, ast.unaryop, ast.expr_context)
_OPENED = re.compile(r"^(?:async[ \t]+)?(def|class)[ \t]+(\w+)", re.MULTILINE)
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def preamble(program: Program) -> str:
    """The statements that are run before the test of a program, in the test's process."""
    text, bound = _of_context(program.source[: program.start])
    return f"{text}\n{_of_program(program.source[: program.test_start], bound)}"


@dataclass(frozen=True, slots=True)
class _Definition:
    """One statement, the names that it binds, and the names of the module that it reads."""

    statement: ast.stmt
    names: frozenset[str]
    needs: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def _of_context(context: str) -> tuple[str, frozenset[str]]:
    """What a context defines completely and for good, and all names that it binds."""
    complete, opened = _divided(context)
    statements = list(_singles(complete))
    functions = not any(kind == "class" for kind, _ in opened) and not _has_class(statements)
    found = [(s, _import(s) or _constant(s) or (_function(s) if functions else None)) for s in statements]
    unfinished = {name for _, name in opened}
    lacking = unfinished | {name for s, definition in found if not definition for name in _bound(s)}
    lacking |= {name for s in statements for node in ast.walk(s) if isinstance(node, ast.Global) for name in node.names}
    definitions = [definition for _, definition in found if definition]
    bound = lacking.union(*(each.names for each in definitions))
    return _text(_settled(definitions, lacking, unfinished)), frozenset(bound)


def _of_program(source: str, bound: frozenset[str]) -> str:
    """The imports of a program, by the names that things have where they come from, of what its context does not bind.

    So whoever wrote the program decides nothing but that there is such a name.
    """
    found = [(s, _import(s) if _is_public(s) else None) for s in _singles(_statements(source) or [])]
    others = _BUILTINS.union(bound, *(_bound(s) for s, definition in found if not definition))
    return _text(definition for _, definition in found if definition and not definition.names & others)


def _text(definitions: Iterable[_Definition]) -> str:
    return "\n".join(ast.unparse(each.statement) for each in definitions)


def _settled(definitions: Sequence[_Definition], lacking: set[str], asked: set[str]) -> Sequence[_Definition]:
    """Those that need only each other, Python's own and the names `asked`, and bind no name that is bound elsewhere."""
    while True:
        known = (_BUILTINS - _REACHING - lacking).union(asked, *(each.names for each in definitions))
        lacking = lacking.union(*(each.names for each in definitions if not each.needs <= known))
        kept = [each for each in definitions if not each.names & lacking]
        if len(kept) == len(definitions):
            return kept
        definitions = kept


def _statements(text: str) -> list[ast.stmt] | None:
    """`None` where Python cannot read it."""
    try:
        return ast.parse(text).body
    except _UNREADABLE:
        return None


def _divided(context: str) -> tuple[list[ast.stmt], list[tuple[str, str]]]:
    """The statements of a context that no completion can continue; kinds and names of what the rest defines."""
    lines = [(start, stop) for start, stop, indent in logical_lines(context) if indent == 0]
    ended = [stop for _, stop in lines[-1:] if context[:stop].endswith(("\n", "\r"))]
    for end in (*ended, *(start for start, _ in reversed(lines))):
        if (statements := _statements(context[:end])) is not None:
            return statements, _OPENED.findall(context, end)
    return [], _OPENED.findall(context)


def _singles(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, with one import for each name; the `*` of a module that only computes is divided, too."""
    for each in statements:
        if isinstance(each, ast.Import):
            yield from (ast.Import([alias]) for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            is_all = each.names[0].name == "*" and _module(each) in PURE_MODULES
            names = [ast.alias(name) for name in _public_names(_module(each))] if is_all else each.names
            yield from (ast.ImportFrom(each.module, [alias], each.level) for alias in names)
        else:
            yield each


def _module(statement: ast.stmt) -> str:
    """That from which it imports; none has no name."""
    if isinstance(statement, ast.Import):
        return statement.names[0].name
    return statement.module or "" if isinstance(statement, ast.ImportFrom) and statement.level == 0 else ""


@cache
def _public_names(module: str) -> tuple[str, ...]:
    """The names that a module gives out; other modules are none of them."""
    found = import_module(module)
    names = getattr(found, "__all__", None) or [name for name in vars(found) if not name.startswith("_")]
    return tuple(name for name in names if not isinstance(getattr(found, name), ModuleType))


def _is_public(statement: ast.stmt) -> bool:
    """Whether it imports a module that only computes, or what such a module gives out, by its own name."""
    if not isinstance(statement, ast.Import | ast.ImportFrom) or _module(statement) not in PURE_MODULES:
        return False
    (alias,) = statement.names
    is_given = isinstance(statement, ast.Import) or alias.name in _public_names(_module(statement))
    return is_given and alias.asname in (None, alias.name)


def _import(statement: ast.stmt) -> _Definition | None:
    is_pure = _module(statement).partition(".")[0] in PURE_MODULES
    return _Definition(statement, frozenset(_bound(statement))) if is_pure else None


def _function(statement: ast.stmt) -> _Definition | None:
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    return _Definition(statement, frozenset({statement.name}), _needs(statement))


def _constant(statement: ast.stmt) -> _Definition | None:
    """A name with a capital that stands for plain data, which nothing can change, or for a type."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    is_capital = isinstance(target, ast.Name) and target.id.lstrip("_")[:1].isupper() and len(_bound(statement)) == 1
    if not is_capital or not all(_is_plain(node) for node in ast.walk(statement.value)):
        return None
    return _Definition(statement, frozenset(_bound(statement)), _needs(statement))


def _is_plain(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(node, _PLAIN) and (called is None or getattr(called, "id", None) in _PLAIN_CALLS)


def _has_class(statements: Iterable[ast.stmt]) -> bool:
    return any(isinstance(node, ast.ClassDef) for each in statements for node in ast.walk(each))


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, or changes something of; names of its inner functions may be among them."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    return {name for node in ast.walk(statement) if (name := _bound_by(node))}


def _bound_by(node: ast.AST) -> str | None:
    if isinstance(node, ast.alias):
        return node.asname or node.name.partition(".")[0]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        return node.name
    is_changed = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if is_changed and isinstance(node, ast.Name) else None


def _needs(statement: ast.stmt) -> frozenset[str]:
    try:
        return frozenset(_read(symtable.symtable(ast.unparse(statement), "context", "exec")))
    except _UNREADABLE:
        return frozenset({""})  # which nothing binds


def _read(table: symtable.SymbolTable) -> Iterator[str]:
    """The names of the module that are read in a scope and in those within."""
    for symbol in table.get_symbols():
        if symbol.is_global() or (table.get_type() == "module" and symbol.is_referenced()):
            yield symbol.get_name()
    for each in table.get_children():
        yield from _read(each)
