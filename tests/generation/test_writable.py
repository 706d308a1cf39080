"""A tokenizer that cannot write what a model is to write is told before anything is sampled or trained."""

from __future__ import annotations

from typing import Any

import pytest
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from rlcf.generation.prompts import Prompting
from rlcf.generation.writable import unwritable_note
from rlcf.records import Task
from tests.tiny import TASK, tiny_policy

BRACES = Task("braces", "class A { int f() {", canonical_solution="\n  return 1;\n} }\n")
PLAIN = Task("plain", "let rec f x =", language="ocaml", canonical_solution=" x ")


@pytest.fixture
def like_t5() -> Any:
    """White space is one blank, and no token has a brace."""
    pieces = [("<unk>", 0.0), ("\u2581", -2.0), *((sign, -3.0) for sign in "retun1x;")]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.normalizer = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", pad_token="<unk>")


def test_signs_that_are_lost_are_named(like_t5: Any) -> None:
    note = unwritable_note(like_t5, [BRACES, PLAIN], Prompting())
    assert note is not None
    assert "cannot write 1 of 2 references" in note
    assert r"it loses '\n', '}';" in note


def test_nothing_is_said_where_all_can_be_written_or_no_reference_is_known(like_t5: Any) -> None:
    assert unwritable_note(like_t5, [PLAIN], Prompting()) is None
    assert unwritable_note(like_t5, [Task("none", "class A {")], Prompting()) is None
    assert unwritable_note(tiny_policy().tokenizer, [TASK], Prompting()) is None
