"""Calling functions of programs on generated inputs: what drivers share.

`inputs` makes the inputs. `plain` is a driver for languages whose values are plain data; `target` calls the function of
one program for it, and `values` writes down what it gives back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rlcf.records import Call, Driven, DrivenRun

_STARVED_ALONE = 3
"""So many programs that are starved alone, too, and no more are tried in a call."""


def complete(run: DrivenRun, calls: Sequence[Call], starved: bool = False) -> Driven:
    """The calls there were, and for the other inputs that they were not reached."""
    return Driven((*calls, *[Call("unreached")] * (len(run.inputs) - len(calls))), starved=starved)


def not_driven(run: DrivenRun, reason: str) -> Driven:
    """A run without a call, and why."""
    return Driven((Call("unreached"),) * len(run.inputs), reason)


def driven_alone(driven: list[Driven], again: Callable[[int], Driven]) -> list[Driven]:
    """What was driven, with that which was starved driven again, one at a time.

    Not for long: where it goes on to be starved, the machine has no time at all.

    Args:
        again: drives the program at a place in the list.
    """
    left = _STARVED_ALONE
    for i, each in enumerate(driven):
        if each.starved and left:
            driven[i] = again(i)
            left -= driven[i].starved
    return driven
