"""Token-level credit: which tokens of a rejected program its diagnostics give less of the negative advantage."""

from __future__ import annotations

from typing import Literal

import pytest
import torch
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from rlcf.generation.engine import Sample
from rlcf.languages.base import Checker
from rlcf.records import Diagnostic, Program, Task, Verdict
from rlcf.training.credit import credit_weights, first_fault
from rlcf.training.learner import with_credit

_TASK = Task("t", "class A {\n    int f() {\n")
_BODY = '        int a = 1;\n        int x = "a";\n        return x;\n    }\n}'
_AT = _BODY.index('"a"')


def _tokenizer(pieces: list[str]) -> PreTrainedTokenizerFast:
    """Token i stands for `pieces[i]`, letter by letter."""
    tokenizer = Tokenizer(models.WordLevel({p: i for i, p in enumerate(dict.fromkeys(pieces))}, unk_token=pieces[0]))
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def _sample(pieces: list[str], cut: int | None = None, finished: bool = True) -> tuple[Sample, PreTrainedTokenizerFast]:
    ids = {p: i for i, p in enumerate(dict.fromkeys(pieces))}
    return Sample("".join(pieces)[:cut], tuple(ids[p] for p in pieces), finished), _tokenizer(pieces)


def _error(offset: int | None, severity: Literal["error", "warning"] = "error") -> Diagnostic:
    return Diagnostic("compiler.err.any", severity, "message", 0, 0, offset)


def _in_body(*offsets: int) -> Verdict:
    return Verdict("rejected", tuple(_error(len(_TASK.prompt) + o) for o in offsets))


_PIECES = ["        int", " a", " = 1;", "\n        ", "int", " x = ", '"a"', ";\n", "        return x;", "\n    }\n}"]
_FROM_THE_ERRORS_LINE = [0.2] * 4 + [1.0] * 6


def test_tokens_before_the_line_of_the_error_carry_a_share_of_the_negative_advantage() -> None:
    sample, tokenizer = _sample(_PIECES)
    assert credit_weights(_TASK, sample, _in_body(_AT), tokenizer, 0.2) == _FROM_THE_ERRORS_LINE


def test_the_earliest_place_counts_and_warnings_do_not() -> None:
    sample, tokenizer = _sample(_PIECES)
    later, prompt = _in_body(_BODY.index("return"), _AT).diagnostics, len(_TASK.prompt)
    verdict = Verdict("rejected", (_error(prompt + 8, "warning"), *later))
    assert credit_weights(_TASK, sample, verdict, tokenizer, 0.2) == _FROM_THE_ERRORS_LINE


@pytest.mark.parametrize("offset", [None, 5])
def test_an_error_in_the_prompt_or_nowhere_gives_all_tokens_the_same_weight(offset: int | None) -> None:
    sample, tokenizer = _sample(_PIECES)
    verdict = Verdict("rejected", (*_in_body(_AT).diagnostics, _error(offset)))
    assert credit_weights(_TASK, sample, verdict, tokenizer, 0.2) == [1.0] * len(_PIECES)


def test_a_program_without_an_end_has_full_weight_throughout() -> None:
    sample, tokenizer = _sample(_PIECES, finished=False)
    assert credit_weights(_TASK, sample, _in_body(_AT), tokenizer, 0.2) == [1.0] * len(_PIECES)


@pytest.mark.parametrize("verdict", [None, Verdict("accepted"), Verdict("timeout"), Verdict("rejected")])
def test_without_an_error_there_is_nothing_to_tell_tokens_apart_by(verdict: Verdict | None) -> None:
    sample, tokenizer = _sample(_PIECES)
    assert credit_weights(_TASK, sample, verdict, tokenizer, 0.2) == [1.0] * len(_PIECES)


def test_a_token_that_reaches_into_the_line_is_not_spared() -> None:
    sample, tokenizer = _sample(["        int a", " = 1;\n        int", _BODY[_BODY.index(" x =") :]])
    assert credit_weights(_TASK, sample, _in_body(_AT), tokenizer, 0.2) == [0.2, 1.0, 1.0]


def test_white_space_of_the_prompt_that_the_policy_wrote_again_shifts_nothing() -> None:
    pieces = ["\n", *_PIECES, " and more"]
    sample, tokenizer = _sample(pieces)
    sample = Sample(_BODY, sample.token_ids, finished=True)
    expected = [0.2, *_FROM_THE_ERRORS_LINE, 1.0]
    assert credit_weights(_TASK, sample, _in_body(_AT), tokenizer, 0.2) == expected


def test_a_character_spread_over_tokens_does_not_move_the_border() -> None:
    tokenizer = Tokenizer(models.BPE({f"<0x{b:02X}>": b for b in range(256)}, [], byte_fallback=True))
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    body = '        String s = "é😀";\n        int x = "a";\n    }\n}'
    sample = Sample(body, tuple(body.encode()), finished=True)
    weights = credit_weights(_TASK, sample, _in_body(body.index('"a"')), fast, 0.0)
    assert weights.count(0.0) == len(body[: body.index("int x")].encode())


@pytest.mark.usefixtures("jdk")
def test_a_real_verdict_points_at_the_statement(java_checker: Checker) -> None:
    sample, tokenizer = _sample(_PIECES)
    program = Program.of(_TASK, _BODY)
    (verdict,) = java_checker.check([program.source])
    assert first_fault(program, verdict) == _BODY.index("int x")
    assert credit_weights(_TASK, sample, verdict, tokenizer, 0.2) == _FROM_THE_ERRORS_LINE


def test_credit_weights_scale_negative_advantages_and_no_others() -> None:
    advantages, weights = torch.tensor([[-1.0, -1.0, 2.0, 0.0]]), torch.tensor([[0.2, 1.0, 0.2, 0.2]])
    torch.testing.assert_close(with_credit(advantages, weights), torch.tensor([[-0.2, -1.0, 2.0, 0.0]]))
