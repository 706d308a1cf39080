"""Verdicts on bodies in the files of Python projects: equal to those of ty over the whole project, and how fast.

python -m benchmarks.python_context CORPUS… [--variants N] [--samples SAMPLES] [--rounds N] [--seed N] [--json]

A CORPUS is what `rlcf tasks mine` has written. Of its tasks variants of the body are drawn: the original, and changes
as people and models make them. What is compared, and how: `benchmarks/project_context.py`. The command is `ty check`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping

from benchmarks.project_context import Change, Cold, Place, line, replaced, run
from rlcf.config.languages import LanguageOptions, PythonOptions
from rlcf.languages.base import options_as
from rlcf.languages.python import find_ty
from rlcf.languages.python.in_project import ProjectChecker
from rlcf.languages.python.workspace import Workspace

_CALL = re.compile(r"(?<=[\w\])]\()(?=[^)])")
_METHOD = re.compile(r"(?<=\.)[a-z_]\w*(?=\()")
_NAME = re.compile(r"(?<![\w.\"'])[a-z_]\w*\b(?!\s*[=(\"'])")
_ATTRIBUTE = re.compile(r"(?<=self\.)\w+")
_MARK = re.compile(r"[()\[\]:,]")


def main() -> None:
    """See above."""
    run(__doc__, CHANGES, _checker, lambda options: ColdTy(options_as(PythonOptions, options)))


def _checker(options: LanguageOptions) -> ProjectChecker:
    return ProjectChecker(find_ty(), 1, 60.0, options_as(PythonOptions, options))


CHANGES: Mapping[str, Change] = {
    "renamed": replaced(_NAME, lambda name: f"{name}_x"),
    "unknown method": replaced(_METHOD, lambda name: f"{name}_x"),
    "wrong argument": replaced(_CALL, lambda _: "object(), "),
    "unknown keyword": replaced(_CALL, lambda _: "nobody_has_this=1, "),
    "attribute": replaced(_ATTRIBUTE, lambda name: f"{name}_x"),
    "syntax": replaced(_MARK, lambda _: ""),
    "attribute written": line("self.written_here = 1"),
    "import": line("import os.path, xml.dom"),
    "wrong return": line("return object()"),
    "nothing": lambda body, _: re.sub(r"\S[\s\S]*", "pass", body, count=1),
}


class ColdTy(Cold):
    """`ty check`, started for each variant."""

    def __init__(self, options: PythonOptions) -> None:
        self._workspace = Workspace(options)
        super().__init__(self._workspace)

    def all(self) -> set[Place]:
        root = self._workspace.root
        command = [str(find_ty()), "check", "--output-format", "gitlab", "--no-progress", str(root)]
        environment = {**self._workspace.environment, "TY_MAX_PARALLELISM": "1", "RAYON_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        places = set()
        for each in json.loads(done.stdout):
            begin = each["location"]["positions"]["begin"]
            if each["severity"] in ("major", "critical", "blocker"):
                path = os.path.relpath(root / each["location"]["path"], root)
                places.add((path, each["check_name"], begin["line"], begin["column"]))
        return places


if __name__ == "__main__":
    main()
