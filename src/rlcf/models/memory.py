"""Telling that memory ran out from everything else that can go wrong, and getting back what a failed step held."""

from __future__ import annotations

import gc

import torch

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device's or the machine's memory ran out."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


def give_back_memory() -> None:
    """Frees what nothing refers to. Call it outside the `except` block: the error holds the failed step's tensors."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
