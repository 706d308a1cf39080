"""Compiles the processes of programs and tests with gcc and g++, in the sandbox."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from rlcf.errors import CheckerUnavailable
from rlcf.languages.clang.division import Unit
from rlcf.languages.clang.headers import header_folders
from rlcf.storage.atomic import whole_folder
from rlcf.storage.cache import cache_folder
from rlcf.workers.command import run_command
from rlcf.workers.sandbox import find_sandbox

_HARNESS = Path(__file__).parent / "harness"
_OPTIONS = ("-O1", "-w", "-pipe")
_STANDARDS = {"c": "-std=gnu17", "c++": "-std=gnu++17"}
_FILE = r"<(?:\w[\w+-]*[/.]?)+>"  # of the system's folders, and not elsewhere
_INCLUDES = re.compile(rf"(?:\s+|//[^\n\\]*\n|/\*.*?\*/|[ \t]*#[ \t]*include[ \t]*{_FILE}[ \t]*\n)*", re.DOTALL)
_INCLUDE = re.compile(rf"^[ \t]*#[ \t]*include[ \t]*({_FILE})", re.MULTILINE)
_START_TIMEOUT_S = 60.0
_TIMEOUT_S = 120.0
_MEMORY_MIB = 4096
_LARGEST = 16 << 20
_MOST_FILES = 128
_MOST_HEADERS = 3


class Uncompiled(Exception):
    """The compiler refuses a text; the message is its first error. `timeout` where it came to no end."""

    def __init__(self, message: str, timeout: bool = False) -> None:
        super().__init__(message)
        self.timeout = timeout


class Builder:
    """Compiles and links. What is compiled of the same texts again is kept, the last few hundred files."""

    def __init__(self, gcc: Path, gxx: Path, sandbox: bool) -> None:
        """Compiles the harness, where this machine has not done so before.

        Raises:
            CheckerUnavailable: g++ cannot compile it.
        """
        self._gcc, self._gxx, self._sandbox = gcc, gxx, sandbox
        self._harness = _built_harness(gxx)
        self._folder = Path(tempfile.mkdtemp(prefix="rlcf-build-"))
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Future[Path]] = OrderedDict()
        self._seen: Counter[str] = Counter()
        self._precompiled = 0

    def close(self) -> None:
        """Deletes what was compiled."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def executable(self, role: str, units: Sequence[Unit]) -> Path:
        """The program that the texts make, linked with the harness of its `role`: `program` or `judge`.

        Raises:
            Uncompiled: a compiler or the linker refuses them.
        """
        objects = [self._compiled(unit) for unit in units]
        key = _digest(role, *(str(each) for each in objects))
        wrapped = ["-Wl,--wrap=main"] if role == "judge" else []
        command = [str(self._gxx), *wrapped, *map(str, objects), str(self._harness / f"{role}.o"), "-lm"]
        return self._once(key, lambda: self._written(key, self._run(command, [*objects, self._harness])))

    def _compiled(self, unit: Unit) -> Path:
        compiler = self._gcc if unit.language == "c" else self._gxx
        header = self._header(unit) if unit.language == "c++" else None
        key = _digest(unit.language, unit.text)
        file = self._folder / f"{key}.{'c' if unit.language == 'c' else 'cpp'}"
        included = ["-include", str(header)] if header else []
        command = [str(compiler), *_OPTIONS, _STANDARDS[unit.language], *included, "-c", str(file)]

        def compiled() -> Path:
            file.write_bytes(unit.text.encode("utf-8", "replace"))
            try:
                return self._written(key, self._run(command, [file, _HARNESS, *([header.parent] if header else [])]))
            finally:
                file.unlink()

        return self._once(key, compiled)

    def _header(self, unit: Unit) -> Path:
        """The harness behind the includes that a text begins with; precompiled, where they were seen before."""
        block = _INCLUDES.match(unit.text)
        names = _INCLUDE.findall(block[0]) if block else []
        key = _digest(*names)
        header = self._folder / f"headers-{key}" / "all.hpp"
        with self._lock:
            self._seen[key] += 1
            if self._seen[key] == 1:
                header.parent.mkdir()
                lines = [*(f"#include {name}" for name in names), *(f'#include "{_HARNESS / n}"' for n in _OF_HARNESS)]
                header.write_text("\n".join([*lines, ""]), encoding="utf-8")
            is_wanted = self._seen[key] == 2 and self._precompiled < _MOST_HEADERS
            self._precompiled += is_wanted
        if is_wanted:
            self._precompile(header)
        return header

    def _precompile(self, header: Path) -> None:
        """Texts that are compiled meanwhile do without."""
        part = header.with_suffix(".part")
        command = [str(self._gxx), *_OPTIONS, _STANDARDS["c++"], str(header), "-o", str(part)]
        ended = run_command(
            command, b"", _TIMEOUT_S, b"none", _TIMEOUT_S, {"PATH": f"{self._gxx.parent}:/usr/bin:/bin"}
        )
        if ended.returncode == 0:
            part.replace(f"{header}.gch")

    def _once(self, key: str, make: Callable[[], Path]) -> Path:
        """What `make` gives, or has given before; threads that ask at the same time wait for the first one."""
        with self._lock:
            made = self._kept.get(key)
            is_first = made is None
            if made is None:
                made = self._kept[key] = Future()
            self._kept.move_to_end(key)
            oldest = self._kept.popitem(last=False)[1] if len(self._kept) > _MOST_FILES else None
        if oldest is not None and oldest.done() and oldest.exception() is None:
            oldest.result().unlink(missing_ok=True)
        if is_first:
            try:
                made.set_result(make())
            except Uncompiled as refusal:
                made.set_exception(refusal)
            except BaseException as error:  # says nothing of the text
                with self._lock:
                    self._kept.pop(key, None)
                made.set_exception(error)
        return made.result()

    def _written(self, key: str, content: bytes) -> Path:
        if len(content) > _LARGEST:
            raise Uncompiled(f"it is larger than {_LARGEST >> 20} MiB when compiled")
        made = self._folder / f"{key}.o"
        made.write_bytes(content)
        made.chmod(0o755)
        return made

    def _run(self, command: Sequence[str], readable: Sequence[Path]) -> bytes:
        """What a command writes to the file that it is given after `-o`."""
        mark = secrets.token_hex(16)
        shell = (
            'cd "$0" && echo MARK && if "$@" -o made >told 2>&1; then echo yes; cat made; else echo no; cat told; fi'
        )
        with tempfile.TemporaryDirectory(prefix="rlcf-build-") as folder:
            program = ["/bin/sh", "-c", shell.replace("MARK", mark), "/tmp" if self._sandbox else folder, *command]
            environment = {"PATH": f"{self._gxx.parent}:/usr/bin:/bin", "TMPDIR": "/tmp", "LANG": "C"}
            if self._sandbox:
                sandbox = replace(find_sandbox(), filter=None)  # a compiler starts processes: its passes, its linker
                seen = [*_TOOLS, self._gxx.parent, *readable, *_folders(self._gcc, self._gxx)]
                program = sandbox.command(program, list(dict.fromkeys(seen)), _MEMORY_MIB, environment=environment)
            ended = run_command(
                program,
                b"",
                timeout_s=_TIMEOUT_S,
                ready_mark=mark.encode(),
                start_timeout_s=_START_TIMEOUT_S,
                environment=environment,
                kept_bytes=2 * _LARGEST,
            )
        if not ended.ready:
            raise CheckerUnavailable(f"gcc does not start: {ended.output[-300:].decode('utf-8', 'replace')}")
        if ended.returncode is None:
            raise Uncompiled("the compiler did not come to an end", timeout=True)
        outcome, _, rest = ended.output.partition(mark.encode() + b"\n")[2].partition(b"\n")
        if outcome != b"yes":
            raise Uncompiled(_first_error(rest.decode("utf-8", "replace")))
        return rest


_OF_HARNESS = ("judge.hpp", "program.hpp")
_TOOLS = tuple(path for name in ("sh", "cat") for path in (Path("/bin") / name, (Path("/bin") / name).resolve()))


def _folders(gcc: Path, gxx: Path) -> list[Path]:
    """The folders of headers, those within others left out."""
    found = dict.fromkeys([*header_folders(gcc, "c"), *header_folders(gxx, "c++")])
    return [folder for folder in found if not any(other in folder.parents for other in found)]


def _built_harness(gxx: Path) -> Path:
    """The folder with the compiled harness, in the cache."""
    sources = sorted(_HARNESS.glob("*.?pp"))
    stamp = subprocess.run([str(gxx), "-v"], capture_output=True, text=True, check=False).stderr
    digest = _digest(stamp, *_OPTIONS, *(file.read_text(encoding="utf-8") for file in sources))
    target = cache_folder() / "clang" / f"harness-{digest[:16]}"
    if not (target / "program.o").exists():
        with whole_folder(target, replace=False) as fresh:
            for role in ("judge", "program"):
                options = [*_OPTIONS, _STANDARDS["c++"], "-c", str(_HARNESS / f"{role}.cpp")]
                command = [str(gxx), *options, "-o", str(fresh / f"{role}.o")]
                done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
                if done.returncode != 0:
                    raise CheckerUnavailable(f"{gxx} cannot compile rlcf's harness: {_first_error(done.stderr)}")
            fresh.chmod(0o755)
    return target


def _first_error(told: str) -> str:
    lines = told.splitlines()
    return next(
        (line for line in lines if "error:" in line or "undefined reference" in line), (lines or ["no message"])[-1]
    )[:500]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
