"""The limits of what a user may set for child processes: numbers beyond these are mistakes."""

MAX_WORKERS = 1024
MAX_TIMEOUT_S = 86_400.0
MAX_MEMORY_MIB = 1 << 20


def require_limits(workers: int, timeout_s: float, memory_mib: int | None = None, min_memory_mib: int = 1) -> None:
    """Refuses numbers of workers, time-outs and sizes of memory that cannot be meant.

    Raises:
        ValueError: one is out of its range, or not a number; the message names it and the range.
    """
    ranges: list[tuple[str, float, float, float]] = [("workers", workers, 1, MAX_WORKERS)]
    if memory_mib is not None:
        ranges.append(("memory_mib", memory_mib, min_memory_mib, MAX_MEMORY_MIB))
    for name, value, low, high in ranges:
        if not low <= value <= high:
            raise ValueError(f"{name} must be {low} … {high}, not {value}")
    if not 0 < timeout_s <= MAX_TIMEOUT_S:
        raise ValueError(f"timeout_s must be more than 0 and at most {MAX_TIMEOUT_S:g} seconds, not {timeout_s:g}")
