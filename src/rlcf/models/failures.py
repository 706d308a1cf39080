"""Why a library failed: the machine's memory ran out, or what it loads is damaged or of another kind."""

import contextlib
import gc
import pickle
from collections.abc import Iterator

import torch

from rlcf.errors import ModelError, ModelTooLarge, RlcfError

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
_REASON_LENGTH = 240


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device's or the machine's memory ran out."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _OUT_OF_MEMORY)


def free_memory() -> None:
    """Frees what nothing refers to. Call it outside the `except` block: the error holds the failed step's tensors."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@contextlib.contextmanager
def loading(what: str, expected: str) -> Iterator[None]:
    """Around calls of libraries that load a model: whatever they raise becomes one line.

    Args:
        what: is being loaded, such as `the model 'gpt2'`.

    Raises:
        ModelTooLarge: memory ran out.
        ModelError: all else. It says what was `expected`.
    """
    try:
        yield
    except RlcfError:
        raise
    except Exception as error:  # tokenizers raise bare `Exception`, and a damaged file nearly any class
        if is_out_of_memory(error):
            raise ModelTooLarge(f"{what} does not fit into memory: choose a smaller one") from error
        raise ModelError(f"cannot load {what}: {_reason(error)} (expected {expected})") from error


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "trust_remote_code" in text:
        return "it needs Python code that comes with it, and rlcf runs none: choose a model that transformers knows"
    if isinstance(error, pickle.UnpicklingError):
        return "its weights are a pickle that may hold code, or are damaged"
    known = f"{type(error).__name__}: {text}" if not isinstance(error, OSError | ValueError) else text
    return known if len(known) <= _REASON_LENGTH else known[:_REASON_LENGTH] + " …"
