"""Exact and near copies: of several methods with the same body, one makes a task (Lee et al., 2022, arXiv 2107.06499).

Two texts are near copies where the sets of their 5-grams of tokens have a Jaccard index of at least 0.8. Candidates
are found by MinHash (Broder, 1997) and then compared exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcf.errors import Unsupported

_TOKEN = re.compile(r"\w+|[^\w\s]")
_GRAM = 5
NEAR = 0.8
"""The Jaccard index from which two texts count as near copies."""
_PERMUTATIONS = 128
_BANDS = (32, 4)
"""Bands and rows in each: of two texts with an index of 0.8, all differ with a probability of 5e-8."""


def tokens_of(code: str) -> tuple[str, ...]:
    """Words, numbers and signs; white space does not count."""
    return tuple(_TOKEN.findall(code))


def grams(tokens: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The 5-grams; all of a shorter text is one."""
    return frozenset(tuple(tokens[i : i + _GRAM]) for i in range(max(1, len(tokens) - _GRAM + 1)))


def similarity(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The Jaccard index of two sets."""
    return len(one & other) / max(1, len(one | other))


def copies(codes: Sequence[str], known: Sequence[str] = ()) -> dict[int, str]:
    """Which of `codes` are copies, by index: `exact` or `near` of an earlier one, `known` where of one of `known`."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError as error:
        raise Unsupported("copies are found with the package datasketch: pip install 'rlcf[mine]'") from error

    index = MinHashLSH(num_perm=_PERMUTATIONS, params=_BANDS)
    sets: dict[str, frozenset[tuple[str, ...]]] = {}
    seen: dict[tuple[str, ...], str] = {}
    found: dict[int, str] = {}
    for name, code in [(f"known {i}", c) for i, c in enumerate(known)] + [(str(i), c) for i, c in enumerate(codes)]:
        tokens = tokens_of(code)
        mine = grams(tokens)
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([" ".join(gram).encode("utf-8", "surrogatepass") for gram in mine])
        like = seen.get(tokens) or next(
            (o for o in sorted(index.query(sketch)) if similarity(mine, sets[o]) >= NEAR), None
        )
        if like is not None and not name.startswith("known"):
            found[int(name)] = "known" if like.startswith("known") else "exact" if tokens in seen else "near"
        elif like is None:
            index.insert(name, sketch)
            sets[name] = mine
            seen[tokens] = name
    return found
