"""The compile server as Python sees it: how it is started, pinged and asked. See
`server/CompileServer.java`."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeGuard

from rlcf.config.languages import JavaOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.java.build import COMPILER_EXPORTS, built, clean_environment
from rlcf.languages.java.jdk import OLDEST_RELEASE, Jdk, find_jdk
from rlcf.workers.child import Child, ChildDied
from rlcf.workers.pool import Lost, Pool, PoolBroken

# Measured on 863 programs of some 30 lines: the first tier of the JIT gives 1,000 programs/s within two
# seconds; all tiers give 1,400, but only after ten, and compile in threads that the model's arithmetic would
# rather have.
JVM_OPTIONS = (
    "-Xshare:auto",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xmx800m",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+DisplayVMOutputToStderr",
    "-XX:-CreateCoredumpOnCrash",
    "-XX:ErrorFile=/dev/null",
    "-XX:-UsePerfData",
    "-Duser.language=en",
    "-Duser.country=US",
)

_PING = """
import java.util.*;
class Ping {
    static <T extends Comparable<T>> List<T> sorted(Collection<? extends T> values) {
        List<T> copy = new ArrayList<>(values);
        copy.sort((a, b) -> a.compareTo(b));
        for (int i = 0; i < copy.size(); i++) { String s = "" + i + copy.get(i); assert s != null; }
        return copy;
    }
}
"""

_OPERATIONS = {"check": b"c", "compile": b"b"}


Reply = dict[str, Any]
"""The JSON object of `server/Reply.java`."""


class CompileServers:
    """A pool of compile servers."""

    def __init__(self, workers: int, timeout_s: float, options: JavaOptions | None = None) -> None:
        """Starts them.

        Raises:
            CheckerUnavailable: there is no JDK that can run them.
            UserError: the options name a path that is not there, or a release the JDK does not know.
        """
        jdk = find_jdk()
        self._command = [
            str(jdk.java),
            *JVM_OPTIONS,
            *COMPILER_EXPORTS,
            "-cp",
            str(built(jdk, "server")),
            "CompileServer",
            *_option_arguments(options or JavaOptions(), jdk),
        ]
        self._pool = Pool(self._start, _ping, workers, timeout_s)

    def ask(self, sources: Sequence[str], operation: Literal["check", "compile"]) -> list[Reply | Lost]:
        """What the compiler says of each source, in input order; `Lost` when it cannot say.

        Raises:
            CheckerUnavailable: the servers cannot be kept alive.
        """
        requests = [_OPERATIONS[operation] + source.encode("utf-16-be", "surrogatepass") for source in sources]
        replies = self._map(requests)
        # A server that saw javac break leaves, so the second opinion comes from another process.
        crashed = [i for i, reply in enumerate(replies) if _is_crash(reply)]
        for i, second in zip(crashed, self._map([requests[i] for i in crashed]), strict=True):
            replies[i] = Lost("crash", second["crash"]) if _is_crash(second) else second
        return replies

    def _map(self, requests: Sequence[bytes]) -> list[Reply | Lost]:
        try:
            answers = self._pool.map(requests)
        except PoolBroken as error:
            raise CheckerUnavailable(f"the Java compile server does not stay alive: {error}") from error
        return [answer if isinstance(answer, Lost) else json.loads(answer) for answer in answers]

    def _start(self) -> Child:
        return Child(self._command, clean_environment())

    def pids(self) -> list[int]:
        """The process ids of the servers that live now."""
        return self._pool.pids()

    def close(self) -> None:
        self._pool.close()


def _option_arguments(options: JavaOptions, jdk: Jdk) -> list[str]:
    """The server's arguments, after a look at what the user named: `javac` itself is silent about what is missing."""
    arguments = []
    for option, paths in (("-class-path", options.class_path), ("-source-path", options.source_path)):
        for path in paths:
            _require_entry(path, folders_only=option == "-source-path")
        if paths:
            arguments += [option, os.pathsep.join(str(path.absolute()) for path in paths)]
    if options.release is not None:
        if not OLDEST_RELEASE <= options.release <= jdk.feature:
            known = f"{OLDEST_RELEASE} … {jdk.feature}"
            raise UserError(f"release {options.release} is not known to the JDK {jdk.version}: it takes {known}")
        arguments += ["-release", str(options.release)]
    return arguments


def _require_entry(path: Path, folders_only: bool) -> None:
    """Raises `UserError` where a path of the project cannot be what it is named for."""
    if not path.exists():
        raise UserError(f"no such file or folder on the {'source' if folders_only else 'class'} path: {path}")
    if folders_only and not path.is_dir():
        raise UserError(f"not a folder on the source path: {path}")
    if path.is_file() and not zipfile.is_zipfile(path):
        raise UserError(f"neither a folder nor a jar on the class path: {path}")


def _is_crash(reply: Reply | Lost) -> TypeGuard[Reply]:
    return not isinstance(reply, Lost) and "crash" in reply


def _ping(child: Child, timeout_s: float) -> None:
    """Asks for the verdict of a program that is right, and loads the compiler's classes on the way."""
    reply = json.loads(child.request(_OPERATIONS["check"] + _PING.encode("utf-16-be"), timeout_s))
    if reply.get("accepted") is not True:
        raise ChildDied(f"refuses a program that is right: {reply}", None)
