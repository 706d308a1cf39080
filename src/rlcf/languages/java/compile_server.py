"""The compile servers as Python sees them: how they are started and pinged, and what they are sent. The messages are
JSON objects: see `server/Request.java` and `server/Reply.java`."""

# ruff: noqa: SIM905
import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeGuard

from rlcf.config.languages import JavaOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.java.build import COMPILER_EXPORTS, built, clean_environment
from rlcf.languages.java.classes import java_of
from rlcf.languages.java.jdk import FIRST_WITH_MODULES, OLDEST_RELEASE, Jdk, find_jdk
from rlcf.records import Program, Task
from rlcf.workers.child import Child, ChildDied
from rlcf.workers.pool import Pool, PoolBroken, Unanswered

# Measured on 863 programs of some 30 lines: the first tier of the JIT gives 1,000 programs/s within two seconds; all
# tiers give 1,400, but only after ten, and compile in threads that the model's arithmetic would rather have.
JVM_OPTIONS = """
    -Xshare:auto -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx800m -XX:+ExitOnOutOfMemoryError
    -XX:+DisplayVMOutputToStderr -XX:-CreateCoredumpOnCrash -XX:ErrorFile=/dev/null -XX:-UsePerfData
    -Duser.language=en -Duser.country=US
    """.split()

_PING = """import java.util.*; class Ping {
    static <T extends Comparable<T>> List<T> sorted(Collection<? extends T> values) {
        List<T> copy = new ArrayList<>(values); copy.sort((a, b) -> a.compareTo(b));
        for (int i = 0; i < copy.size(); i++) { String s = "" + i + copy.get(i); assert s != null; } return copy; } }"""

Reply = dict[str, Any]
"""The JSON object of `server/Reply.java`."""


class CompileServers:
    """A pool of compile servers."""

    def __init__(self, workers: int, timeout_s: float, options: JavaOptions | None = None) -> None:
        """Starts them; the errors are those of `Language.checker`."""
        jdk = find_jdk()
        options = options or JavaOptions()
        start = [str(jdk.java), *JVM_OPTIONS, *COMPILER_EXPORTS, "-cp", str(built(jdk, "server", "analysis"))]
        self._command = [*start, "CompileServer", *option_arguments(options, jdk)]
        self._paths = {path: _which(path) for path in (*options.class_path, *options.source_path)}
        self._pool = Pool(self._start, _ping, workers, timeout_s)

    def check(self, sources: Sequence[str]) -> list[Reply | Unanswered]:
        """The compiler's reply to each source, in input order; `Unanswered` where there is none.

        Raises:
            CheckerUnavailable: the servers cannot be kept alive, or what they read of the project is there no more.
        """
        return self._map([_request("check", source) for source in sources])

    def check_programs(self, programs: Sequence[Program]) -> list[Reply | Unanswered]:
        """As `check`, for programs of which it is known where the completion stands."""
        return self._map([_check_request(program) for program in programs])

    def compile(self, programs: Sequence[Program]) -> list[Reply | Unanswered]:
        """As `check`, for programs that are to be run: with their classes, and what is to be known of their tests."""
        return self._map([_request("compile", program.source, **_regions(program)) for program in programs])

    def compile_driven(self, tasks: Sequence[Task], programs: Sequence[Program]) -> list[Reply | Unanswered]:
        """As `compile`, for programs of which the method that the task asks for is to be driven."""
        return self._map([_driven_request(t, p) for t, p in zip(tasks, programs, strict=True)])

    def _map(self, requests: Sequence[bytes]) -> list[Reply | Unanswered]:
        try:
            replies = self._replies(requests)
            # A server that saw javac break ends, so the second opinion comes from another process.
            crashed = [i for i, reply in enumerate(replies) if _is_crash(reply)]
            for i, second in zip(crashed, self._replies([requests[i] for i in crashed]), strict=True):
                replies[i] = Unanswered("crash", second["crash"]) if _is_crash(second) else second
        except PoolBroken as error:
            raise CheckerUnavailable(f"the Java compile server does not stay alive: {error}") from error
        if any(isinstance(reply, Unanswered) or not reply["accepted"] for reply in replies):
            self._require_project()
        return replies

    def _require_project(self) -> None:
        """No program is rejected for a class path that was deleted or built anew while it was checked."""
        changed = next((path for path, was in self._paths.items() if _which(path) != was), None)
        if changed is not None:
            raise CheckerUnavailable(f"{changed} was deleted or replaced while programs were checked against it")

    def _replies(self, requests: Sequence[bytes]) -> list[Reply | Unanswered]:
        return [a if isinstance(a, Unanswered) else json.loads(a) for a in self._pool.map(requests)]

    def _start(self) -> Child:
        return Child(self._command, clean_environment())

    def pids(self) -> list[int]:
        """The process ids of the servers that live now."""
        return self._pool.pids()

    def close(self) -> None:
        self._pool.close()


def _which(path: Path) -> tuple[int, ...]:
    """Which folder or file a path means now; empty: none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, 0 if path.is_dir() else found.st_mtime_ns)


def option_arguments(options: JavaOptions, jdk: Jdk) -> list[str]:
    """The server's arguments. What the user names must be there: `javac` itself is silent about what is missing."""
    arguments = []
    for kind, paths in (("class", options.class_path), ("source", options.source_path)):
        for path in paths:
            if not path.exists():
                raise UserError(f"no such file or folder on the {kind} path: {path}")
            if kind == "source" and not path.is_dir():
                raise UserError(f"not a folder on the source path: {path}")
            if path.is_file() and not zipfile.is_zipfile(path):
                raise UserError(f"neither a folder nor a jar on the class path: {path}")
            if kind == "class" and (needed := java_of(path)) > jdk.feature:
                raise UserError(
                    f"{path} was compiled for Java {needed}, which the JDK {jdk.version} cannot read: "
                    f"set JAVA_HOME to a JDK of version {needed} or newer"
                )
        if paths:
            arguments += [f"-{kind}-path", os.pathsep.join(str(path.absolute()) for path in paths)]
    if options.release is not None:
        if not OLDEST_RELEASE <= options.release <= jdk.feature:
            known = f"{OLDEST_RELEASE} … {jdk.feature}"
            raise UserError(
                f"release {options.release} is not known to the JDK {jdk.version}: it takes {known}; "
                "name one of these, or set JAVA_HOME to a newer JDK"
            )
        arguments += ["-release", str(options.release)]
    if options.limit_modules:
        arguments += ["-limit-modules", ",".join(_modules(options, jdk))]
    return arguments


def _modules(options: JavaOptions, jdk: Jdk) -> Sequence[str]:
    if options.release is not None and options.release < FIRST_WITH_MODULES:
        raise UserError(
            f"limit_modules needs release {FIRST_WITH_MODULES} or newer, not {options.release}: leave it out"
        )
    known = jdk.modules()
    for name in options.limit_modules:
        if known and name not in known:
            raise UserError(f"no module {name!r} in the JDK {jdk.version}, as limit_modules names it")
    return options.limit_modules


def _request(operation: Literal["check", "compile"], source: str, **more: int | str) -> bytes:
    return json.dumps({"operation": operation, "source": source, **more}).encode("ascii")


def _check_request(program: Program) -> bytes:
    """Says where the completion is if something follows it: what stands around it need not be compiled each time."""
    if program.end is None or program.end == len(program.source):
        return _request("check", program.source)
    prefix, suffix = program.source[: program.start], program.source[program.end :]
    around = hashlib.sha256(f"{len(prefix)}:{prefix}{suffix}".encode("utf-8", "surrogatepass")).hexdigest()
    start, end = (_utf16(program.source[:at]) for at in (program.start, program.end))
    return _request("check", program.source, start=start, end=end, surroundings=around)


def _driven_request(task: Task, program: Program) -> bytes:
    opening, closing = _utf16(task.context.rstrip()) - 1, _utf16(program.source[: program.end])
    return _request("compile", program.source, opening=opening, closing=closing, entry_point=task.entry_point or "")


def _utf16(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _regions(program: Program) -> dict[str, int]:
    """Where the completion and the test are, in UTF-16 units; nothing where it is not known where the test starts."""
    if program.test_start is None:
        return {}
    end = program.test_start if program.end is None else program.end
    places = {"start": program.start, "end": end, "test_start": program.test_start}
    return {name: _utf16(program.source[:at]) for name, at in places.items()}


def _is_crash(reply: Reply | Unanswered) -> TypeGuard[Reply]:
    return not isinstance(reply, Unanswered) and "crash" in reply


def _ping(child: Child, timeout_s: float) -> None:
    """Requests the verdict of a program that is right, and loads the compiler's classes on the way."""
    reply = json.loads(child.request(_request("check", _PING), timeout_s))
    if reply.get("accepted") is not True:
        raise ChildDied(f"refuses a program that is right: {reply}", None)
