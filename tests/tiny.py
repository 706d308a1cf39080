"""Policies of a few thousand weights whose tokens are scraps of Java: they learn to write programs in seconds."""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from rlcf.models.attention import GROUPED
from rlcf.models.policy import Policy
from rlcf.records import Task

PROMPT = "class A { static int f ( int a ) { return "
TASK = Task("tiny", PROMPT, canonical_solution="a;}}", entry_point="f")

_ENDINGS = ["a;}}", "x;}}", "1;}}", '"s";}}', "f;}}", "b;}}"]
_WORDS = ["<pad>", "<eos>", *dict.fromkeys(PROMPT.split()), "+", *_ENDINGS]


def tiny_policy(seed: int = 0) -> Policy:
    """A Llama of two layers with random weights: about one in four of its programs compiles."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(_WORDS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        eos_token_id=1,
        pad_token_id=0,
        bos_token_id=None,
    )
    return Policy(LlamaForCausalLM(config).eval(), _tokenizer(_WORDS), "tiny")


def tiny_t5(seed: int = 0, gaps: bool = True, **options: Any) -> Policy:
    """A T5 of two encoder and two decoder layers with random weights, on the same words.

    Args:
        gaps: its tokenizer has the tokens of span infilling.
        options: for its configuration.
    """
    torch.manual_seed(seed)
    words = [*_WORDS, *(["<extra_id_0>", "<extra_id_1>"] if gaps else [])]
    tokenizer = _tokenizer(words)
    tokenizer.add_special_tokens({"additional_special_tokens": words[len(_WORDS) :]})
    closing = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    tokenizer.backend_tokenizer.post_processor = closing
    config = T5Config(
        vocab_size=len(words),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        initializer_factor=0.95,
        eos_token_id=1,
        pad_token_id=0,
        decoder_start_token_id=0,
        **options,
    )
    config._attn_implementation = GROUPED  # as `load_language_model` on a CPU
    return Policy(T5ForConditionalGeneration(config).eval(), tokenizer, "tiny T5")


def _tokenizer(words: list[str]) -> Any:
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<eos>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=False)  # joins the words with spaces
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>")


torch.set_num_threads(1)  # these matrices are small: two threads only wait for each other
