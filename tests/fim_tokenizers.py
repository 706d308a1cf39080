"""Small tokenizers that mark the parts of a fill-in-the-middle prompt as those of well-known models do."""

from __future__ import annotations

from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import CodeLlamaTokenizer, PreTrainedTokenizerFast

from rlcf.models.policy import Policy
from tests.tiny import tiny_policy

_CORPUS = [
    "class Scale {\n    private final int factor;\n\n    /** Multiplies. */\n    int of(int x) {\n        return x",
    " * factor;\n    }\n\n    int twice(int x) {\n        return of(x) + of(x);\n    }\n}\n",
]


def byte_level(added: list[AddedToken], eos: str, bos: str | None = None) -> Any:
    """A byte-level BPE tokenizer, as those of most code models. With `bos` it begins each text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(_CORPUS, trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet))
    tokenizer.add_special_tokens([token for token in (eos, bos) if token])
    tokenizer.add_tokens(added)
    if bos:
        special = [(bos, tokenizer.token_to_id(bos))]
        tokenizer.post_processor = processors.TemplateProcessing(single=f"{bos} $A", special_tokens=special)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=eos, bos_token=bos, pad_token=eos)


def qwen(eos: str = "<|endoftext|>") -> Any:
    """As of Qwen2.5-Coder, whose marks are no special tokens: decoding leaves them in the text."""
    names = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|file_sep|>"]
    return byte_level([AddedToken(name, special=name == "<|endoftext|>", normalized=False) for name in names], eos)


def starcoder() -> Any:
    """As of StarCoder2."""
    names = ["<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<repo_name>", "<file_sep>"]
    return byte_level([AddedToken(name, special=True, normalized=False) for name in names], "<|endoftext|>")


def deepseek() -> Any:
    """As of DeepSeek-Coder, which begins each text with a token."""
    names = ["<｜fim▁hole｜>", "<｜fim▁begin｜>", "<｜fim▁end｜>", "<|EOT|>"]
    added = [AddedToken(name, special=False, normalized=False) for name in names]
    return byte_level(added, "<｜end▁of▁sentence｜>", "<｜begin▁of▁sentence｜>")


def codellama() -> Any:
    """CodeLlama's own class, with a vocabulary of characters: a text begins with a token and a space."""
    characters = ["▁", *(chr(code) for code in range(33, 127))]
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *characters]
    return CodeLlamaTokenizer({piece: i for i, piece in enumerate(pieces)}, [], pad_token="</s>")


def plain() -> Any:
    """A tokenizer without such marks, but with a token that some models with them have too."""
    return byte_level([AddedToken("<file_sep>", special=True, normalized=False)], "<|endoftext|>")


def tiny_fim_policy() -> Policy:
    """The tiny policy with the marks of Qwen2.5-Coder."""
    policy = tiny_policy()
    policy.tokenizer.add_tokens(["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|file_sep|>"])
    policy.model.resize_token_embeddings(len(policy.tokenizer), mean_resizing=False)
    return Policy(policy.model, policy.tokenizer, "tiny with fim")


FIM_TOKENIZERS = {"qwen": qwen, "starcoder": starcoder, "codellama": codellama, "deepseek": deepseek}
