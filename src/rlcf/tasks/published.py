"""Rows of published benchmarks as rows of tasks: what they name or divide in another way than `Task` does."""

import re
from collections.abc import Mapping
from typing import Any

_SPELLINGS = {
    "py": "python",
    "python3": "python",
    "ts": "typescript",
    "js": "javascript",
    "node": "javascript",
    "c++": "cpp",
    "golang": "go",
    "rs": "rust",
    "kt": "kotlin",
    "sv": "systemverilog",
    "verilog": "systemverilog",
}
"""Names that files have for languages → those of rlcf."""
_NAMES = (*_SPELLINGS.values(), "c", "java", "sql")

_CHECK = re.compile(r"^def check\(", re.MULTILINE)
_CALLED = re.compile(r"^check\(", re.MULTILINE)
_DECLARED = re.compile(r"(\w+)\s*(?:<[^(]*>)?\s*(?:=\s*)?\(")
_USE = re.compile(r"^(?:pub )?use (?!(?:std|core|alloc|crate|self|super)\b)[^;]*;\n", re.MULTILINE)
_GO_PACKAGE = re.compile(r"\s*package\s+\w+")
_GO_IMPORTS = re.compile(r"\s*package\s+\w+\s+import\s+(\([^)]*\))")
_REFERENCE_HEADER = re.compile(r"\bmodule\s+RefModule\b[^;]*;")


def language_name(name: str) -> str:
    """rlcf's name for a language: `cpp` for `C++`, `systemverilog` for `verilog`; others as they are."""
    lower = name.lower()
    return _SPELLINGS.get(lower, lower if lower in _NAMES else name)


def task_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the fields of a `Task`; its `language` is known. A row that has them already stays as it is."""
    named = {**row, "language": language_name(row["language"])} if _has(row, "language") else dict(row)
    if _has(row, "prompt", "declaration", "test"):
        named |= _of_humaneval_x(named)
    elif named["language"] == "go" and _has(named, "prompt", "test") and not _has(named, "prefix"):
        named |= _of_mbxp_in_go(named)
    if _has(row, "prompt", "ifc", "reference_module", "test"):
        named |= _of_verilog_eval(named)
    if named["language"] == "python" and _has(named, "test", "entry_point"):
        named["test"] = _with_call(named["test"], named["entry_point"])
    return named


def _of_humaneval_x(row: Mapping[str, Any]) -> dict[str, Any]:
    """Its prompts in Rust are comments: the declaration follows. Its tests in Go are files of their own."""
    prompt, declaration, test = str(row["prompt"]), str(row["declaration"]), str(row["test"])
    header = declaration.strip().rpartition("\n")[2]
    if _squeezed(header) not in _squeezed(prompt):
        prompt += declaration
    changed = {"prompt": prompt, "test": "\n" + test.lstrip("\n")}
    if row.get("entry_point") is None and (declared := _DECLARED.search(header)):
        changed["entry_point"] = declared[1]
    if row["language"] == "go" and _has(row, "test_setup"):
        changed |= {"prefix": "package main\n\n" + prompt, "test": _go_test_file(row)}
    if row["language"] == "rust":
        solution, uses = str(row.get("canonical_solution")), [use[0] for use in _USE.finditer(prompt)]
        changed["prefix"] = _USE.sub(lambda use: use[0] if _uses(solution, use[0]) else "", prompt)
        tests = "".join(use for use in uses if _uses(test, use) and not _uses(solution, use))
        changed["test"] = "\n" + tests + test.lstrip("\n")
    return changed


def _of_mbxp_in_go(row: Mapping[str, Any]) -> dict[str, Any]:
    """Its prompts import what only their tests use, and Go refuses that: the compiler sees a use of each.

    The test goes on in the file of the program, where it cannot import anything.
    """
    prompt, test = str(row["prompt"]), str(row["test"])
    imports = _GO_IMPORTS.match(prompt)
    if imports is None or _GO_PACKAGE.match(test):
        return {}
    names = [path.rpartition("/")[2] for path in re.findall(r'"([\w/.]+)"', imports[1])]
    uses = [use[0] for name in names if (use := re.search(rf"\b{name}\.[A-Z]\w*(?=\()", test))]
    added = "".join(f"\nvar _ = {use}" for use in uses) + "\n" if uses else ""
    return {"prefix": prompt[: imports.end()] + added + prompt[imports.end() :]}


def _go_test_file(row: Mapping[str, Any]) -> str:
    """A test with its package and its imports. Some tests lack imports that their program may have."""
    setup, test = str(row["test_setup"]), str(row["test"])
    programs = re.findall(r'"([\w/.]+)"', str(row.get("import")))
    lacking = [p for p in programs if f'"{p}"' not in setup and re.search(rf"\b{p.rpartition('/')[2]}\.", test)]
    return f"\n{setup}\n" + "".join(f'import "{path}"\n' for path in lacking) + test


def _of_verilog_eval(row: Mapping[str, Any]) -> dict[str, Any]:
    """Its prompts are prose and the module's header, its test compares `TopModule` with `RefModule`."""
    module = str(row["reference_module"])
    changed = {"prefix": row["ifc"], "test": f"\n{row['test']}\n{module}", "entry_point": "TopModule"}
    if row.get("canonical_solution") is None and (header := _REFERENCE_HEADER.search(module)):
        changed["canonical_solution"] = module[header.end() :]
    return changed


def _with_call(test: str, entry_point: str) -> str:
    """HumanEval's and MBPP's tests define `check(candidate)`, and leave it to others to call it."""
    if not _CHECK.search(test) or _CALLED.search(test):
        return test
    if entry_point == "check":  # the test's own `check` takes the name away
        return f"\n\nwritten = check\n{test}\n\ncheck(written)\n"
    return f"{test}\n\ncheck({entry_point})\n"


def _uses(code: str, use: str) -> bool:
    """Whether code has one of the names in a `use` line. Crates that a row names and does not use may be missing."""
    return any(re.search(rf"\b{name}\b", code) for name in re.findall(r"\w+", use) if name not in ("pub", "use"))


def _has(row: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(row.get(name), str) for name in names)


def _squeezed(text: str) -> str:
    return "".join(text.split())
