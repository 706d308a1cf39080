"""Small programs of Python, for a checker that only compiles them, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Examples, Rejected
from rlcf.records import Task

COMPILED_PYTHON = Examples(
    accepted=["", "def f(x):\n    return x + 1\n", "if True:\r\n\tpass\r\n"],
    rejected=[  # the code and the offset of the first error
        Rejected("def f(:\n    pass\n", "SyntaxError", 6),
        Rejected("x = 1\r\n y = 2\r\n", "IndentationError", 7),
        Rejected("é = 'é'; return é", "SyntaxError", 9),
    ],
    warned=["x is 1\n"],
    hostile=[
        "\x00",
        "\ud800",
        "(" * 10_000,
        "-" * 100_000 + "1",
        "x = " + "1" * 5_000,
        "a." * 100_000 + "a",
        "\ufeff\x1a",
    ],
    tasks=[
        Task(
            "1",
            'def f(x):\n    """x + 1"""\n',
            language="python",
            canonical_solution="    return x + 1\n",
            entry_point="f",
        )
    ],
)
