"""A policy of a few thousand weights whose tokens are scraps of Java: it learns to write programs in seconds."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from rlcf.models.policy import Policy
from rlcf.records import Task

PROMPT = "class A { static int f ( int a ) { return "
TASK = Task("tiny", PROMPT, canonical_solution="a;}}", entry_point="f")

_ENDINGS = ["a;}}", "x;}}", "1;}}", '"s";}}', "f;}}", "b;}}"]
_WORDS = ["<pad>", "<eos>", *dict.fromkeys(PROMPT.split()), "+", *_ENDINGS]


def tiny_policy(seed: int = 0) -> Policy:
    """A Llama of two layers with random weights: about one in four of its programs compiles."""
    torch.manual_seed(seed)
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(_WORDS)}, unk_token="<eos>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=False)  # joins the words with spaces
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>")
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
    return Policy(LlamaForCausalLM(config).eval(), fast, "tiny")


torch.set_num_threads(1)  # these matrices are small: two threads only wait for each other
