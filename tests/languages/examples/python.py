"""Small programs of Python, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="python", canonical_solution=solution, entry_point="made")


PYTHON = Examples(
    accepted=[
        "",
        "def f(x):\n    return x + 1\n",
        "if True:\r\n\tpass\r\n",
        "import re\nfrom collections import Counter\nprint(Counter(re.findall('a', 'abc')).most_common(1))\n",
        "class A:\n    def f(self) -> int:\n        return self.g()\n\n    def g(self) -> int:\n        return 1\n",
    ],
    rejected=[
        Rejected("def f(:\n    pass\n", "invalid-syntax", 6),
        Rejected("x = 1\r\n y = 2\r\n", "invalid-syntax", 7),
        Rejected("é = 'é'; \U0001f600", "invalid-syntax", 9),
        Rejected("s = '\U0001f600'; print(s, t)", "unresolved-reference", 18),
        Rejected("x: int = 'a'\n", "invalid-assignment", 9),
        Rejected("def f(a: int) -> int:\n    return a\n\nf('x')\n", "invalid-argument-type", 38),
        Rejected("import nowhere\n", "import-not-found", 7),
        Rejected("[1, 2].push(3)\n", "missing-attribute", 0),
    ],
    hostile=[
        "\x00",
        "'\ud800'",
        "(" * 2_000,
        "x = " + "1" * 5_000,
        "\ufeff\x1a",
        "class int: ...\nclass str: ...\n",
        "import builtins\nbuiltins.len = None\n",
        "def f(): ...\n" * 3_000,
        "from program import *\nimport program\n",
        "import sys; sys.exit()\n",
        "x = '" + "y" * 1_000_000 + "'",
    ],
    driven=[
        (task("sum", "def made(a: int, b: int) -> int:\n"), "    return a + b\n", "    return a - 2 * b - 1\n"),
        (task("put", "def made(a: list[str]):\n"), "    a.append('x')\n", "    a.clear()\n"),
        (
            task(
                "method",
                "class A:\n    def __init__(self, n: float):\n        self.n = n\n\n    def made(self, a: str):\n",
            ),
            "        self.n += len(a)\n        return a + '1'\n",
            "        raise ValueError(a)\n",
        ),
    ],
    outcomes=[
        ("def f(x):\n    return x + 1\n\nassert f(1) == 2\n", "passed"),
        ("def f(x):\n    return x\n\nassert f(1) == 2\n", "failed"),
        ("def f(x):\n    return x.y\n\nassert f(1) == 2\n", "error"),
        ("import sys\n\n\ndef f(x):\n    sys.exit(0)\n\nassert f(1) == 2\n", "error"),
        (
            "class A:\n    def __eq__(self, o):\n        return True\n\ndef f(x):\n    return A()\n\nassert f(1) == 2",
            "failed",
        ),
        ("def f(x):\n    while True:\n        pass\n\nassert f(1) == 2\n", "timeout"),
        ("def f(x):\n    return [str(i) * 10**6 for i in range(10**6)]\n\nassert f(1) == 2\n", "memory"),
        ("def f(x:\n\nassert f(1) == 2\n", "rejected"),
    ],
    tasks=[
        task("sum", 'def made(a, b):\n    """a + b"""\n', "    return a + b\n"),
        task("constant", "def made():\n", "    total = sum(range(10))\n    return total\n"),
        task("typed", "def made(a: int, *rest: str, key: float = 1.0) -> list[int]:\n"),
        task("method", "class A:\n    def made(self, a):\n        # {\n"),
        task("nested", "def outer(x):\n    def made(y):\n", "        return x + y\n"),
        task("no line break", "def made(a):"),
        task("windows", "def made(a):\r\n", "    return a\r\n"),
        task("tabs", 'class A:\n\tdef made(a):\n\t\t"""so"""\n', "\t\treturn a\n"),
        task("lines", "def made(\n    a,\n    b,\n):\n", "    return a\n"),
    ],
    endings=[
        Ending("def f(x):\n", "    return x\n", "print(f(1))\n"),
        Ending(
            "class A:\n    def f(self):\n", "        if x:\n            y\n\n        z\n", "    def g(self): pass\n"
        ),
        Ending("def f(x):\n", "    s = '''\nx\n'''\n    return (x\n+ 1)\n", "\n\n# a comment\n\n@other\n"),
        Ending("def f(x):\n", "\treturn x # '\n", "'''"),
        Ending("async def f(x):\n    # so\n", '    return "\\\n"\n', "x"),
    ],
)
