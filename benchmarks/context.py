"""Verdicts on bodies in the files of a project: equal to those of javac over the whole project, and how fast.

python -m benchmarks.context PROJECT… [--class-path JARS] [--variants N] [--seed N] [--workers N] [--no-truth] [--json]

A PROJECT is a folder of Java sources that compile together (`src/main/java`). Methods are drawn from its files, and of
each method variants of its body: the original, and the mutations of `benchmarks.mutants`. A variant is judged by the
warm checker, which knows the project by its class files only, and by javac on all files of the project in one process.
Status and the first error's code and place are compared. Rates are verdicts for each second of the compiler's processor
time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutants import MUTATIONS, mutant
from rlcf.config.languages import JavaOptions
from rlcf.languages.java.build import COMPILER_EXPORTS, clean_environment
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.compile_server import JVM_OPTIONS
from rlcf.languages.java.ends import program_end
from rlcf.languages.java.jdk import find_jdk
from rlcf.records import Program, Verdict

_JAVA = Path(__file__).parent / "java" / "WholeProject.java"


@dataclass(frozen=True, slots=True)
class Variant:
    """A body of a method of a file, with what was done to it."""

    path: str
    kind: str
    program: Program


def main() -> None:
    """Prints for each project how many verdicts are equal, which are not, and the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", type=Path, nargs="+", metavar="PROJECT")
    parser.add_argument("--class-path", default="", help="jars that all projects need")
    parser.add_argument("--variants", type=int, default=400, help="of each project (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--no-truth", action="store_true", help="rates only")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for project in options.projects:
        result = measure(project.absolute(), options)
        print(json.dumps(result) if options.json else "\n".join(f"{k:<24} {v}" for k, v in result.items()), flush=True)


def measure(project: Path, options: argparse.Namespace) -> dict[str, object]:
    """What is told of one project."""
    files = sorted(p for p in project.rglob("*.java") if p.name not in ("module-info.java", "package-info.java"))
    jars = [Path(jar) for jar in options.class_path.split(os.pathsep) if jar]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        listed = out / "files"
        listed.write_text("\n".join(map(str, files)), encoding="utf-8")
        classes = _compile(listed, out / "classes", jars)
        with JavaChecker(options.workers, options=JavaOptions(class_path=(classes, *jars))) as checker:
            variants = _variants(files, checker, options.variants, random.Random(options.seed))
            programs = [v.program for v in variants]
            first = checker.check_programs(programs)
            started, before = time.perf_counter(), _processor_s(checker.pids())
            verdicts = checker.check_programs(programs)
            seconds, busy = time.perf_counter() - started, _processor_s(checker.pids()) - before
            assert [_first(v) for v in first] == [_first(v) for v in verdicts], "a verdict changed when asked for again"
        told = {
            "project": project.name if project.name != "java" else project.parents[2].name,
            "files": len(files),
            "variants": len(variants),
            "accepted": sum(v.accepted for v in verdicts),
            "verdicts_per_s": round(len(programs) / seconds, 1),
            "verdicts_per_cpu_s": round(len(programs) / busy, 1),
        }
        if not options.no_truth:
            told |= _compared(variants, verdicts, _truth(listed, jars, out, variants))
    return told


def _compile(listed: Path, out: Path, jars: Sequence[Path]) -> Path:
    class_path = os.pathsep.join(map(str, jars)) or str(out)
    command = [str(find_jdk().javac), "-proc:none", "-nowarn", "-cp", class_path, "-d", str(out), f"@{listed}"]
    subprocess.run(command, check=True, capture_output=True)
    return out


def _variants(files: list[Path], checker: JavaChecker, count: int, rng: random.Random) -> list[Variant]:
    """Bodies of methods that are drawn from all files; a third of them as they are."""
    sources = {file: file.read_text(encoding="utf-8") for file in files}
    verdicts = dict(zip(files, checker.check(list(sources.values())), strict=True))
    methods = [(file, m.offset) for file in files for m in verdicts[file].methods or () if m.name != "<init>"]
    made: list[Variant] = []
    while len(made) < count:
        file, opening = rng.choice(methods)
        source, start = sources[file], opening + 1
        length = program_end("{", source[start:])  # of the method, whatever is around it
        if length is None:
            continue
        body, suffix = source[start : start + length], source[start + length :]
        kind = rng.choice([*MUTATIONS, *["original"] * 4])
        changed = body if kind == "original" else mutant(body, kind, rng)
        if changed is not None and suffix and program_end("{", changed) in (len(changed), None):
            made.append(
                Variant(str(file), kind, Program(source[:start] + changed + suffix, start, start + len(changed)))
            )
    return made


def _truth(
    listed: Path, jars: Sequence[Path], out: Path, variants: Sequence[Variant]
) -> Iterator[tuple[str, str, int]]:
    """Of each variant: `accepted` or `rejected`, and code and offset of javac's first error."""
    jdk = find_jdk()
    subprocess.run([str(jdk.javac), "-nowarn", *COMPILER_EXPORTS, "-d", str(out / "truth"), str(_JAVA)], check=True)
    command = [str(jdk.java), *JVM_OPTIONS, *COMPILER_EXPORTS, "-cp", str(out / "truth"), "WholeProject", str(listed)]
    command += [os.pathsep.join(map(str, jars))] if jars else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_environment()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for variant in variants:
            for text in (variant.path, variant.program.source):
                data = text.encode("utf-8", "replace")
                process.stdin.write(struct.pack(">I", len(data)) + data)
            process.stdin.flush()
            (size,) = struct.unpack(">I", process.stdout.read(4))
            result, *errors = process.stdout.read(size).decode().splitlines()
            code, offset, _ = errors[0].split("\t") if errors else ("", "-1", "")
            yield ("accepted" if result == "OK" else "rejected", code, int(offset))
        process.stdin.close()


def _first(verdict: Verdict) -> tuple[str, str, int | None]:
    error = verdict.diagnostics[0] if verdict.diagnostics else None
    return verdict.status, error.code if error else "", error.offset if error else None


def _compared(
    variants: Sequence[Variant], verdicts: Sequence[Verdict], truth: Iterator[tuple[str, str, int]]
) -> dict[str, object]:
    wrong, elsewhere, started = [], [], time.perf_counter()
    for variant, verdict, (status, code, offset) in zip(variants, verdicts, truth, strict=True):
        found_status, found_code, found_offset = _first(verdict)
        before = variant.program.source[: found_offset or 0]
        place = len(before.encode("utf-16-le", "surrogatepass")) // 2 if found_offset is not None else -1
        if found_status != status:
            wrong.append(f"{variant.path} {variant.kind}: {found_status} {found_code}, javac: {status} {code}")
        elif (found_code, place) != (code, offset):
            elsewhere.append(f"{variant.path} {variant.kind}: {found_code} {place}, javac: {code} {offset}")
    return {
        "javac_per_s": round(len(variants) / (time.perf_counter() - started), 2),
        "wrong_status": len(wrong),
        "wrong_first_error": len(elsewhere),
        "differences": [*wrong, *elsewhere][:20],
    }


def _processor_s(pids: Sequence[int]) -> float:
    """Seconds of processor time that the processes have had."""
    fields = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(f[11]) + int(f[12]) for f in fields) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
