"""Which bodies of Python functions can change what other code is told."""

from __future__ import annotations

import pytest

from rlcf.languages.python import ends
from rlcf.languages.python.effects import does_nothing, reaches_out


@pytest.mark.parametrize(
    "body",
    [
        "    self.x = 1\n",
        "        with f() as self.x:\n            pass\n",
        "    del self.x",
        " self.x: int = 1",
        "    for a.b in c: pass\n",
        "    (a, self.x) = 1, 2\n",
        "    import os.path\n",
        "    from a import b\n",
        "    global x\n    x = 1\n",
        "    yield 1\n",
        "    return (yield)\n",
        "    return 1\n\nx = 2\n",
        "    return (\n",
        "",
        "    x = 1\n  y = 2\n",
    ],
)
def test_bodies_with_an_effect_outside_and_those_that_cannot_be_read(body: str) -> None:
    assert reaches_out(body)


@pytest.mark.parametrize(
    "body",
    [
        "    x = self.x\n    return x.y(z=1)\n",
        "\treturn 1",
        " return 1",
        "return 1",
        "  # so\n    return 1\n",
        "\n    x = [a for a in b]\n\n    # end\n",
        "    await x\n    async with y: pass\n",
    ],
)
def test_bodies_without_one(body: str) -> None:
    assert not reaches_out(body)


def test_a_body_that_stands_for_none() -> None:
    for body in ("    ...\n", "    pass", '    """so"""\n    raise NotImplementedError\n', " ..."):
        assert does_nothing(body), body
    for body in ("    return\n", "    x = 1\n    pass\n"):
        assert not does_nothing(body), body


def test_the_last_line_break_is_the_suffixs_where_it_begins_with_one() -> None:
    context, body = "class A:\n    def f(self):\n", "        x = 1\n\n        return x"
    for after in ("\n    def g(self): pass\n", "\n\n# so\nx = 1\n", "\r\n@a\n"):
        assert ends.program_end(context, body + after, "\n\n    def g") == len(body)
        first_break = 2 if after.startswith("\r\n") else 1
        assert ends.program_end(context, body + after) == len(body) + first_break
    assert ends.program_end(context, body, "\n") is None


def test_where_the_open_function_starts() -> None:
    docstring = '        """def no(): ...\n    def no(): ..."""\n'
    context = f"def f():\n    pass\n\n\nclass A:\n    @x\n    async def g(self):\n{docstring}"
    start = ends.open_function_start(context)
    assert start is not None
    assert context[start:].startswith("    async def g(self):\n")
    assert ends.open_function_start("x = 1\n") is None
