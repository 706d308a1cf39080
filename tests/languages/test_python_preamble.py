"""What a Python test has of its own of the program that it tests."""

from __future__ import annotations

import pytest

from rlcf.languages.python.preamble import preamble
from rlcf.records import Program

OPEN = "def f(x):\n"


def own(context: str, completion: str = "    return x\n", opened: str = OPEN) -> list[str]:
    start = len(context) + len(opened)
    return preamble(Program(context + opened + completion, start)).split()


@pytest.mark.parametrize(
    "context",
    [
        "import math\n",
        "import collections.abc as abc\n",
        "from math import sqrt as root\n",
        "LIMIT = 10 ** 9 + 7\n",
        "Grid = list[list[int]]\n",
        "def g(x):\n    return x\n",
        "def g(x):\n    return g(x - 1) if x else sum([x])\n",
        "def g(x):\n    return f(x)\n",
        "import math\n\ndef h(x):\n    return math.sin(x)\n\ndef g(x, y=math.pi):\n    return [h(y) for y in x]\n",
        "from functools import lru_cache\n\n@lru_cache(maxsize=None)\ndef g(x):\n    return x\n",
        "from __future__ import annotations\nasync def g(x: None):\n    pass\n",
    ],
)
def test_it_has_what_the_context_defines_completely(context: str) -> None:
    assert own(context) == context.split()


@pytest.mark.parametrize(
    "context",
    [
        "import os\n",
        "import os as math\n",
        "from . import math\n",
        "count = 0\n",
        "CACHE = {}\n",
        "LIMIT = 1\nLIMIT += 1\n",
        "LIMIT = 1\nLIMIT.x = 1\n",
        "A = B = 1\n",
        "sum = max\n\ndef g(x):\n    return sum(x)\n",
        "LIMIT = 1\n\ndef g():\n    global LIMIT\n    LIMIT = 2\n",
        "class A:\n    pass\n\ndef g(a):\n    return a\n",
        "count = 0\n\ndef g():\n    return count\n\ndef h():\n    return g()\n",
        "def g(name):\n    return globals()[name]\n",
        "def g(x):\n    return x\n\ng.seen = []\n",
        "def g(x):\n    return x\n\nfor g in range(3):\n    pass\n",
        "try:\n    import math\nexcept ImportError:\n    math = None\n",
        "def f(x: int): ...\ndef f(x: str): ...\n",
        "def g(x):\n    return not_there(x)\n",
        "x = ''' # def f\n",
        "\0\n",
        "'\ud800'\n",
    ],
)
def test_the_program_keeps_the_rest(context: str) -> None:
    assert own(context) == []


def test_a_star_stands_for_the_names_that_are_not_bound_otherwise() -> None:
    found = own("from math import *\n", opened="def sqrt(x):\n")
    assert "sin" in found
    assert "sqrt" not in found


@pytest.mark.parametrize(
    "opened",
    [
        "def f(x):",
        "def f(\n    x\n):\n    '''A text\ndef g(): ...\n'''\n",
        "@sqrt\ndef f(x):\n",
        "class A:\n    def f(x):\n",
    ],
)
def test_what_is_open_is_left_out(opened: str) -> None:
    assert own("from math import sqrt\n", opened=opened) == ["from", "math", "import", "sqrt"]


def test_the_last_line_of_a_context_counts_if_it_has_ended() -> None:
    assert own("import math\nA = 1\n", "def f(): ...\n", opened="# f\n") == ["import", "math", "A", "=", "1"]
    assert own("import math\nA = 1", " + 1\n", opened="") == ["import", "math"]
    assert own("def g():\n    return 1\n", "    return 2\n", opened="") == []


@pytest.mark.parametrize("completion", ["import math\n", "import math as math\n", "from enum import Enum\n"])
def test_it_has_the_imports_of_a_completion(completion: str) -> None:
    assert own("", f"    return x\n{completion}") == completion.split()


@pytest.mark.parametrize(
    "completion",
    [
        "import os\n",
        "import os as math\n",
        "import cmath as math\n",
        "from operator import ne as eq\n",
        "from math import pow\n",
        "from enum import bltns\n",
        "from random import _os\n",
        "from json import decoder\n",
        "from json import not_there\n",
        "from json.not_there import x\n",
        "from json.not_there import *\n",
        "from math import f\n",
        "from math import gcd\ndef gcd(): ...\n",
        "from random import seed as g\n",
        "import math\nfor math in (): pass\n",
        "import math\n(",
    ],
)
def test_a_completion_gives_nothing_another_meaning(completion: str) -> None:
    assert own("import decimal as eq\n", f"    return x\n{completion}") == ["import", "decimal", "as", "eq"]
    assert own("import decimal as math\n", "    return x\nimport math\n") == ["import", "decimal", "as", "math"]
