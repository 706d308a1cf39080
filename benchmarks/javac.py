"""`javac` as a person starts it: one process and one file a program; what it said is kept, since a start is dear."""

from __future__ import annotations

import contextlib
import hashlib
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.mutants import tokens
from rlcf.errors import CheckerUnavailable
from rlcf.languages.java.build import clean_environment
from rlcf.languages.java.checker import CRASHED
from rlcf.languages.java.jdk import Jdk
from rlcf.records import LINE_END
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import append_jsonl, read_jsonl_tail_safe

# What the checker asks of the compiler, and a form that can be read by a program. That form makes javac tell of a
# call that fits no method as of the whole call; people, and our checker, see it told of the argument (`compact`).
_OPTIONS = (
    "-proc:none", "-implicit:none", "-Xlint:none", "-nowarn", "-g:none", "-Xmaxerrs", "100",
    "-XDrawDiagnostics", "-Xdiags:compact", "-encoding", "UTF-8",
)  # fmt: skip
# For a quick start. None of them changes a verdict, save that the stack lets javac survive what it would break over.
_JVM_OPTIONS = (
    "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Xshare:auto", "-J-XX:-UsePerfData", "-J-Xss64m",
)  # fmt: skip
_SAMPLE = """
import java.util.*;
class Sample {
    static int sum(List<Integer> values) {
        Map<String, Integer> counts = new HashMap<>();
        for (int value : values) { counts.merge("" + value, 1, Integer::sum); }
        return missing.values().stream().mapToInt(x -> x).sum();
    }
}
"""
_TIMEOUT_S = 120.0
_TAB = 8
_LONGEST_NAME = 100
_EXIT_OK, _EXIT_ERROR, _EXITS_BROKEN = 0, 1, (3, 4)

_ERROR = re.compile(
    r"^(?:(?P<file>\S.*?)\.java:(?P<line>\d+):(?P<column>\d+):|-) (?P<code>compiler\.err\.[\w.-]+)", re.MULTILINE
)
_OTHER_NAME = re.compile(
    r"""
    ^\S.*?\.java:(?P<line>\d+):(?P<column>\d+):\ compiler\.err\.(?:
        class\.public\.should\.be\.in\.file:\ [^,]+,\ (?P<type>\S+)$
      | (?:module\.decl|pkg\.annotations)\.sb\.in\.(?P<special>module-info|package-info)\.java
    )
    """,
    re.MULTILINE | re.VERBOSE,
)


class Fault(NamedTuple):
    """An error as both sides tell it: line and column count from 1, in characters; 0 and 0 without a place."""

    code: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.code} at {self.line}:{self.column}"


class Answer(NamedTuple):
    """What a compiler says of a program."""

    status: str
    """`accepted`, `rejected` or `timeout`."""
    faults: tuple[Fault, ...] = ()

    @property
    def first(self) -> tuple[str, Fault | None]:
        """Status and first error."""
        return self.status, self.faults[0] if self.faults else None

    def __str__(self) -> str:
        return f"{self.status}: {self.faults[0]}" if self.faults else self.status


class Javac:
    """Asks `javac` and keeps what it answers in a file, one line a program."""

    def __init__(self, jdk: Jdk, kept: Path | None = None) -> None:
        """Takes what stands in `kept`; a line cut short by a kill is left out.

        Beside `kept` an archive of javac's loaded classes is kept, from which it starts a third sooner.
        """
        self._jdk, self._kept = jdk, kept
        self._answers: dict[str, Answer] = {}
        if kept is not None:
            rows = read_jsonl_tail_safe(kept)
            write_jsonl(kept, rows)  # whole lines only: what is added must not stand behind half a line
            self._answers = {row["key"]: _answer_of(row) for row in rows}

    def ask(
        self, sources: Sequence[str], jobs: int, on_progress: Callable[[int, int], None] = lambda *_: None
    ) -> list[Answer]:
        """The answers to `sources`, in their order; can be interrupted at any time.

        Args:
            on_progress: called with the programs answered and those to answer, without those answered before.

        Raises:
            CheckerUnavailable: `javac` ended in a way that says nothing of the program.
        """
        keys = [self._key(source) for source in sources]
        missing = {key: source for key, source in zip(keys, sources, strict=True) if key not in self._answers}
        archive = self._archive() if missing else ()
        pool = ThreadPoolExecutor(jobs)
        try:
            futures = {pool.submit(ask_javac, self._jdk, source, archive): key for key, source in missing.items()}
            for done, future in enumerate(as_completed(futures), start=1):
                answer = self._answers[futures[future]] = future.result()
                if self._kept is not None and answer.status != "timeout":
                    append_jsonl(self._kept, {"key": futures[future], "jdk": self._jdk.version, **answer._asdict()})
                on_progress(done, len(futures))
        finally:
            pool.shutdown(cancel_futures=True)
        return [self._answers[key] for key in keys]

    def _archive(self) -> tuple[str, ...]:
        """The option that names the archive of classes, if there is one or it can be made."""
        if self._kept is None:
            return ()
        path = self._kept.with_name(f"javac-{self._jdk.version}.jsa")
        if not path.is_file():
            part = path.with_suffix(".part")
            ask_javac(self._jdk, _SAMPLE, (f"-J-XX:ArchiveClassesAtExit={part}",))
            with contextlib.suppress(OSError):
                part.replace(path)
        return (f"-J-XX:SharedArchiveFile={path}",) if path.is_file() else ()

    def _key(self, source: str) -> str:
        return hashlib.sha256("\0".join((self._jdk.version, *_OPTIONS, source)).encode()).hexdigest()


def _answer_of(row: dict[str, Any]) -> Answer:
    return Answer(row["status"], tuple(Fault(*fault) for fault in row["faults"]))


def ask_javac(jdk: Jdk, source: str, jvm_options: tuple[str, ...] = ()) -> Answer:
    """What `javac` says of a program in a file of the name that its first public type asks for.

    The name is found by a simple rule; when javac asks for another, it gets that. `jvm_options` must not bear on what
    it says.

    Raises:
        CheckerUnavailable: it ended in a way that says nothing of the program.
    """
    answer, misplaced = _start(jdk, source, public_type(source) or "Program", jvm_options)
    if misplaced is None:
        return answer
    again, still = _start(jdk, source, misplaced.name, jvm_options)
    # Of two public types one is always in the wrong file; right is the file named after the first.
    return answer if still is not None and still.place < misplaced.place else again


def public_type(source: str) -> str | None:
    """The name of the first public type outside of all braces."""
    depth, public, words = 0, False, iter(tokens(source))
    for token in words:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0 and token.text in (";", "}"):
            public = False
        elif depth == 0 and token.text == "public":
            public = True
        elif depth == 0 and public and token.text in ("class", "interface", "enum", "record"):
            name = next((word.text for word in words if word.kind not in ("space", "comment")), "")
            return name if name.isidentifier() and len(name) <= _LONGEST_NAME else None
    return None


def character_column(line: str, column: int) -> int:
    """The column in characters of javac's column, which counts UTF-16 units, and a tab up to the next multiple of 8."""
    at = 0
    for characters, character in enumerate(line):
        if at >= column - 1:
            return characters + 1
        at = (at // _TAB + 1) * _TAB if character == "\t" else at + 1 + (character > "\uffff")
    return len(line) + 1


class _Misplaced(NamedTuple):
    """The first type, module or package that javac wants in another file."""

    place: tuple[int, int]
    name: str


def _start(jdk: Jdk, source: str, name: str, jvm_options: tuple[str, ...]) -> tuple[Answer, _Misplaced | None]:
    """One start of javac, with a file of this name."""
    with tempfile.TemporaryDirectory(prefix="rlcf-javac-") as folder:
        # On the class path, which is the current folder unless told otherwise, javac would find the source again.
        written, empty, classes = (Path(folder, part) for part in ("source", "empty", "classes"))
        for path in (written, empty, classes):
            path.mkdir()
        file = written / f"{name}.java"
        file.write_bytes(source.encode())
        command = [
            str(jdk.javac),
            *_JVM_OPTIONS,
            *jvm_options,
            *_OPTIONS,
            "-cp",
            str(empty),
            "-d",
            str(classes),
            str(file),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, env=clean_environment(), cwd=empty, timeout=_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return Answer("timeout"), None
        except OSError as error:
            raise CheckerUnavailable(f"{jdk.javac} does not start: {error}") from error
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    faults = tuple(_faults(said, source))
    if done.returncode == _EXIT_OK:
        return Answer("accepted"), None
    if done.returncode in _EXITS_BROKEN:
        faults = faults or (Fault(CRASHED, 0, 0),)
    elif done.returncode != _EXIT_ERROR or not faults:
        raise CheckerUnavailable(f"{jdk.javac} ended with {done.returncode}: {' | '.join(said.splitlines()[:5])}")
    other = _OTHER_NAME.search(said)
    named = other and (other["type"] or other["special"])
    if other is None or not named or len(named) > _LONGEST_NAME:
        return Answer("rejected", faults), None
    return Answer("rejected", faults), _Misplaced((int(other["line"]), int(other["column"])), named)


def _faults(said: str, source: str) -> Iterator[Fault]:
    lines = LINE_END.split(source)
    for match in _ERROR.finditer(said):
        if match["line"]:
            line = int(match["line"])
            text = lines[line - 1] if line <= len(lines) else ""
            yield Fault(match["code"], line, character_column(text, int(match["column"])))
        else:
            yield Fault(match["code"], 0, 0)


def progress_lines(say: Callable[[str], None], every_s: float = 30.0) -> Callable[[int, int], None]:
    """An `on_progress` that says now and then how far it is, how fast, and how long it will take."""
    started = last = time.monotonic()

    def on_progress(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every_s or done == total:
            last = now
            rate = done / max(now - started, 1e-9)
            say(f"javac: {done:,} of {total:,} programs, {rate:.1f}/s, {(total - done) / rate / 60:.0f} min left")

    return on_progress
