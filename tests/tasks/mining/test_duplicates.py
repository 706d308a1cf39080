"""Which texts are copies of another."""

from __future__ import annotations

import random

from rlcf.tasks.mining.duplicates import NEAR, copies, grams, similarity, tokens_of


def _pair(rng: random.Random) -> tuple[str, str]:
    """Two texts that are only just near copies."""
    words = [f"w{rng.randrange(10**9)}" for _ in range(200)]
    one = near = " ".join(words)
    while similarity(grams(tokens_of(one)), grams(tokens_of(other := " ".join(words)))) >= NEAR:
        near = other
        words[rng.randrange(len(words))] = f"x{rng.randrange(10**9)}"
    return one, near


def test_near_copies_are_found_down_to_the_limit() -> None:
    rng = random.Random(1)
    pairs = [_pair(rng) for _ in range(100)]
    found = copies([text for pair in pairs for text in pair])
    assert found == {2 * i + 1: "near" for i in range(100)}


def test_copies_of_known_texts_and_exact_ones() -> None:
    assert copies(["a b", "c", "a  b", "k"], ["k"]) == {2: "exact", 3: "known"}
