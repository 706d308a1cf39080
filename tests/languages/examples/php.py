"""Small programs of PHP, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="php", canonical_solution=solution, entry_point="made")


PHP = Examples(
    accepted=[
        "",
        "<?php\nfunction f($x) { return $x + 1; }\n",
        "<?php\r\nclass A { public function f(int $a): string { return \"{$a}\" . '}'; } }\r\n",
        "<?php\nreturn no_such_function($no_such_variable);\n",
    ],
    warned=["<?php\nfunction f($a = 1, $b) { return $b; }\n"],
    rejected=[
        Rejected("<?php\nfunction f($x) { return $x + ; }\n", "syntax-error", 6),
        Rejected("<?php\r\n\r\n$é = '😀' ;;; )\r\n", "syntax-error", 9),
        Rejected("<?php\nfunction f() {}\nfunction f() {}\n", "redeclared", 22),
        Rejected("<?php $x = 09;", "syntax-error", 0),
        Rejected("<?php\nfunction f() {\n", "syntax-error", 21),
    ],
    hostile=[
        "\x00",
        "<?php '\ud800';",
        "<?php " + "(" * 2_000,
        "<?php $x = " + "1 + " * 20_000 + "1;",
        "\ufeff<?php\x1a",
        "<?php include '/etc/passwd';",
        "<?php exit(0); )",
        "<?php __halt_compiler(); )(",
        "<?php \"Parse error: no in main.php on line 7\n\"; $x = 'Warning: in main.php on line 1\n' . ;",
        "<?php declare(ticks=1); namespace A; namespace B { }",
    ],
    tasks=[
        task("add", "<?php\nfunction made($a, $b) {\n", "    return $a + $b;\n}\n"),
        task("constant", "<?php\nfunction made() {\n", "    $total = 1;\n    return $total + 1;\n}\n"),
        task("typed", "<?php\n/** } */\nfunction made(int $a, string ...$rest): ?int {\n"),
    ],
    endings=[
        Ending(
            "<?php\nfunction f($x) {\n", "    if ($x) { return '}'; } // }\n    return \"{$x}\";\n}", "\necho f(1);\n"
        ),
        Ending("<?php\nclass A {\nfunction f() {\n", "  return 1;\n  }", "\n}\n", suffix="\n}\n"),
    ],
)
