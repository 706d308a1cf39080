"""Calls methods of Java programs on generated inputs, in the machines that run programs.

The inputs are made where they are used, from a seed: see `harness/Drive.java` and `harness/Values.java`.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from rlcf.config.languages import JavaOptions
from rlcf.languages.base import Driver
from rlcf.languages.driving import complete, driven_alone, not_driven
from rlcf.languages.java.compile_server import CompileServers
from rlcf.languages.java.machines import Compiled, Limits, Machines, Ran, text_block
from rlcf.languages.java.project_classes import ProjectClasses
from rlcf.languages.java.runner import compiled_of
from rlcf.records import Call, CallStatus, Driven, DrivenRun, Program
from rlcf.workers.limits import require_limits
from rlcf.workers.pool import Unanswered

_COMPILE_TIMEOUT_S = 30.0
_MIN_MEMORY_MIB = 16
_PATIENCE = 5
"""How many times the time-out may pass on a busy machine, where most of the processor's time is another's."""
_BATCH = 1024
"""Programs compiled before they are driven, to bound what is held in memory."""
_STATUSES: dict[str, CallStatus] = {status: status for status in get_args(CallStatus)}


class JavaDriver(Driver):
    """Compilers, and two kinds of machines; at most `workers` programs are driven at a time."""

    def __init__(
        self,
        workers: int = 2,
        timeout_s: float = 1.0,
        memory_mib: int = 256,
        sandbox: bool = True,
        share: bool = True,
        options: JavaOptions | None = None,
    ) -> None:
        """See `Language.driver`; `share=False` gives every program a machine of its own."""
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        limits = Limits(timeout_s, memory_mib, sandbox, timeout_s * _PATIENCE)
        self._machines = Machines(workers, limits, share)
        self._servers = CompileServers(max(1, workers // 2), _COMPILE_TIMEOUT_S, options)
        self._project = ProjectClasses(options.class_path if options else ())

    def drive(self, runs: Sequence[DrivenRun]) -> list[Driven]:
        driven: list[Driven] = []
        for start in range(0, len(runs), _BATCH):
            driven += self._batch(runs[start : start + _BATCH])
        return driven_alone(driven, lambda i: self._batch([runs[i]])[0])

    def close(self) -> None:
        self._machines.close()
        self._servers.close()

    def _batch(self, runs: Sequence[DrivenRun]) -> list[Driven]:
        programs = [Program.of(run.task, run.completion) for run in runs]
        replies = self._servers.compile_driven([run.task for run in runs], programs)
        compiled: dict[int, Compiled] = {}
        driven: dict[int, Driven] = {}
        for i, (run, reply) in enumerate(zip(runs, replies, strict=True)):
            if isinstance(reply, Unanswered) and reply.reason == "timeout":
                driven[i] = complete(run, [], starved=True)
            elif isinstance(reply, Unanswered) or not reply["accepted"]:
                driven[i] = not_driven(run, "the program does not compile")
            elif reply["target"] is None:
                driven[i] = not_driven(run, "the program has no such method")
            elif (needed := self._project.needed(own := compiled_of(reply).classes)) is None:
                driven[i] = not_driven(run, "the program needs too much of its project")
            else:
                compiled[i] = _compiled(run, reply["target"], {**own, **needed})
        ran = self._machines.run(list(compiled.values()))
        driven |= {i: _driven(runs[i], each) for i, each in zip(compiled, ran, strict=True)}
        return [driven[i] for i in range(len(runs))]


def _compiled(run: DrivenRun, target: Mapping[str, Any], classes: Mapping[str, bytes]) -> Compiled:
    whole = [n for n in run.constants.numbers if isinstance(n, int) and -(1 << 63) <= n < 1 << 63]
    parts = [
        text_block(target["key"]),
        _blocks(target["known"]),
        _blocks(target["added"]),
        struct.pack(f">qi{len(run.inputs)}i", run.seed, len(run.inputs), *run.inputs),
        struct.pack(f">i{len(whole)}q", len(whole), *whole),
        struct.pack(f">i{len(run.constants.numbers)}d", len(run.constants.numbers), *run.constants.numbers),
        _blocks(run.constants.texts),
    ]
    return Compiled(target["owner"], classes, b"".join(parts))


def _blocks(texts: Sequence[str]) -> bytes:
    return struct.pack(">i", len(texts)) + b"".join(map(text_block, texts))


def _driven(run: DrivenRun, ran: Ran) -> Driven:
    rows = [line.split("\t") for line in ran.told]
    for row in rows:
        if row[0] == "cannot":
            return not_driven(run, row[1])
    calls = [
        Call(_STATUSES[status], given, outcome, int(micros) / 1e6)
        for status, micros, given, outcome in rows[: len(run.inputs)]
    ]
    starved = ran.starved and len(calls) < len(run.inputs)
    if len(calls) < len(run.inputs):
        ended = ran.execution.status
        calls.append(Call(ended if ended in ("timeout", "memory") and not starved else "unreached"))
    return complete(run, calls, starved)
