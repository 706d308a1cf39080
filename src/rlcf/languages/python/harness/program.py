"""The process of a program: it runs the program's module, and then calls what the test asks for.

The program may do with this process what it likes. It can send any value to the test, which is what it can do by
returning it; the test itself, and what it expects, are in another process.
"""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from plain import Channel  # type: ignore[import-not-found]


def main() -> None:
    """Runs the program in the file that is named, and serves."""
    sys.set_int_max_str_digits(0)
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    source = Path(sys.argv[1]).read_bytes().decode("utf-8", "surrogatepass")
    module = types.ModuleType("program")
    sys.modules["program"] = module
    channel = Channel(incoming, outgoing, lambda channel, request: _answer(module, source, channel, request), _remote)
    channel.serve()


def _remote(channel: Channel, number: int) -> Any:
    """A function or an iterator of the test's."""

    class Remote:
        _rlcf_number = number

        def __call__(self, *arguments: Any) -> Any:
            return channel.ask(call=number, arguments=channel.encoded(list(arguments)))

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Any:
            done, value = channel.ask(next=number)
            if done:
                raise StopIteration
            return value

    return Remote()


def _answer(module: types.ModuleType, source: str, channel: Channel, request: dict[str, Any]) -> Any:
    if "load" in request:
        exec(compile(source, "program.py", "exec", dont_inherit=True), module.__dict__)
        return None
    if "name" in request:
        name = request["name"]
        return ["object", module.__dict__[name]] if name in module.__dict__ else ["nothing", None]
    target = channel.kept(request["of"])
    arguments = channel.decoded(request.get("arguments", {"list": []}))
    keywords = channel.decoded(request.get("keywords", {"dict": []}))
    if "attribute" in request:
        return getattr(target, request["attribute"])
    if "set" in request:
        return setattr(target, request["set"], *arguments)
    called = target if request["method"] == "__call__" else getattr(type(target), request["method"])
    result = called(*arguments, **keywords) if called is target else called(target, *arguments)
    if "handed" in request:  # which arguments are handed back
        return [result, arguments, [i for i, argument in enumerate(arguments) if argument is result]]
    return [result, arguments, keywords]


if __name__ == "__main__":
    main()
