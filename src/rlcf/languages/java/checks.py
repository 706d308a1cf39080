"""The single checks of a test, so that a program can be told how many of them hold."""

import re
from collections.abc import Iterator

from rlcf.languages.java.ends import PROSE

_MAIN = re.compile(r"\bvoid\s+main\s*\([^()]*\)[^{;]*\{")
_CHECK = re.compile(r"\s*(?:check|assert\w*)\s*\(|\s*assert\b|\s*if\b.*\bthrow\b", re.DOTALL)
_GOES_ON = re.compile(r"\s*(?:else|catch|finally)\b")


def single_checks(test: str) -> list[str]:
    """The test, for each check in its `main` once: with that check alone, and the other statements before it.

    A check is a statement that calls `check` or a method whose name begins with `assert`, an `assert`, or an `if` that
    throws. Where there are not two of them, or the text has Unicode escapes: the test as it is.
    """
    if "\\u" in test:
        return [test]
    masked = PROSE.sub(lambda token: " " * len(token[0]), test)
    main = _MAIN.search(masked)
    if main is None:
        return [test]
    statements = list(_statements(masked, main.end()))
    checks = [(start, end) for start, end in statements if _CHECK.match(masked[start:end])]
    if len(checks) < 2:
        return [test]
    body_end = statements[-1][1]
    return [
        test[: main.end()]
        + "".join(test[a:b] for a, b in statements if (a, b) == check or ((a, b) not in checks and b <= check[0]))
        + test[body_end:]
        for check in checks
    ]


def _statements(code: str, start: int) -> Iterator[tuple[int, int]]:
    """Where the statements of a block begin and end that opens just before `start`."""
    depth, begin = 0, start
    for at in range(start, len(code)):
        sign = code[at]
        depth += (sign in "{(") - (sign in "})")
        if depth < 0:
            return
        if depth == 0 and sign in ";}" and not _GOES_ON.match(code, at + 1):
            yield begin, at + 1
            begin = at + 1
