"""Verdicts on bodies in the files of TypeScript projects: equal to those of tsc over the whole project, and how fast.

python -m benchmarks.typescript_context CORPUS… [--variants N] [--samples SAMPLES] [--rounds N] [--seed N] [--json]

A CORPUS is what `rlcf tasks mine` has written. Of its tasks variants of the body are drawn: the original, and changes
as people and models make them. What is compared, and how: `benchmarks/project_context.py`. The command is `tsc --noEmit
--project`, with one thread. Where it finds an error of syntax anywhere, it tells of no other ones, and so these are all
that is compared.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping

from benchmarks.project_context import Change, Cold, Place, line, replaced, run
from rlcf.config.languages import LanguageOptions, TypeScriptOptions
from rlcf.languages.base import options_as
from rlcf.languages.places import Places
from rlcf.languages.typescript.checker import is_syntax
from rlcf.languages.typescript.in_project import ProjectChecker
from rlcf.languages.typescript.tree import ProjectFolder

_CALL = re.compile(r"(?<=[\w\])]\()(?=[^)])")
_METHOD = re.compile(r"(?<=\.)[a-z_]\w*(?=\()")
_NAME = re.compile(r"(?<![\w.\"'`$])[a-z_]\w*\b(?!\s*[:=(\"'`])")
_FIELD = re.compile(r"(?<=\.)[a-z_]\w*\b(?!\()")
_MARK = re.compile(r"[()\[\]{},]")
_LITERAL = re.compile(r"(?<![\w.$\"'])\d+\b|'[^'\n]*'|\"[^\"\n]*\"|\btrue\b|\bfalse\b")
_RETURN = re.compile(r"\breturn\b[^\n;}]*;?")
_ERROR = re.compile(r"^(\S.*)\((\d+),(\d+)\): error TS(\d+): ")


def main() -> None:
    """See above."""
    run(__doc__, CHANGES, _checker, lambda options: ColdTsc(options_as(TypeScriptOptions, options)))


def _checker(options: LanguageOptions) -> ProjectChecker:
    return ProjectChecker(1, 60.0, options_as(TypeScriptOptions, options))


CHANGES: Mapping[str, Change] = {
    "renamed": replaced(_NAME, lambda name: f"{name}_x"),
    "unknown method": replaced(_METHOD, lambda name: f"{name}_x"),
    "unknown field": replaced(_FIELD, lambda name: f"{name}_x"),
    "retyped": replaced(_LITERAL, lambda literal: "'x'" if literal[0] not in "'\"" else "1"),
    "wrong argument": replaced(_CALL, lambda _: "Symbol(), "),
    "missing return": replaced(_RETURN, lambda _: ""),
    "wrong return": line("if (Date.now() > 1) return { nobodyHasThis: 1 };"),
    "syntax": replaced(_MARK, lambda _: ""),
    "import": line("const brought = import('./nobody-has-this');"),
    "silenced": line("/* @ts-ignore */ const unknown: string = nobodyHasThis;"),
    "nothing": lambda body, _: re.sub(r"\S[\s\S]*", "}", body, count=1),
}


class ColdTsc(Cold):
    """`tsc`, started for each variant."""

    def __init__(self, options: TypeScriptOptions) -> None:
        self._project = ProjectFolder(options)
        super().__init__(self._project)

    def all(self) -> set[Place]:
        root = self._project.root
        command = [str(self._project.compiler.program), "--project", str(root), "--pretty", "false"]
        environment = {"HOME": "/tmp", "GOMAXPROCS": "1"}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1, 2), done.stderr
        found = (_ERROR.match(each) for each in done.stdout.splitlines())
        return {self._place(each[1], int(each[2]), int(each[3]), f"TS{each[4]}") for each in found if each}

    def _place(self, path: str, line: int, column: int, code: str) -> Place:
        """With the column in characters; the command counts units of UTF-16."""
        text = (self.folder.root / path).read_bytes().decode("utf-8", "replace")
        places = Places(text)
        told = places.diagnostic(code, "error", "", places.of_line(line - 1, column - 1, "utf-16"))
        return path, code, told.line, told.column

    def comparable(self, mine: set[Place], cold: set[Place]) -> tuple[set[Place], set[Place]]:
        if cold and all(is_syntax(int(code[2:])) for _, code, _, _ in cold):
            return {each for each in mine if is_syntax(int(each[1][2:]))}, cold
        return mine, cold


if __name__ == "__main__":
    main()
