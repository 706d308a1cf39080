"""Verdicts on bodies in the files of a project: equal to those of javac over the whole project, and how fast.

python -m benchmarks.context PROJECT… [--class-path JARS] [--variants N] [--samples TASKS SAMPLES] [--lines FROM TO]
                             [--against CHECKOUT] [--rounds N] [--endure N] [--seed N] [--workers N] [--no-truth]
                             [--json]

A PROJECT is a folder of Java sources that compile together (`src/main/java`). Methods are drawn from its files, and of
each method variants of its body: the original, and the mutations of `benchmarks.mutants`. To these come a model's
bodies, from `rlcf generate` on mined tasks. A variant is judged by the warm checker, which knows the project by its
class files only, and by javac on all files of the project in one process. Status and the first error's code and place
are compared. Rates are verdicts for each second of the compiler's processor time, medians of rounds in one run; those
of another version of rlcf are of its `check` with class path and with source path. With --endure so many verdicts
follow, and a worker's resident memory is told after each quarter of them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.check_rate import processor_s
from benchmarks.mutants import MUTATIONS, mutant
from rlcf.config.languages import JavaOptions
from rlcf.languages.java.build import COMPILER_EXPORTS, clean_environment
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.compile_server import JVM_OPTIONS
from rlcf.languages.java.ends import program_end
from rlcf.languages.java.jdk import find_jdk
from rlcf.records import Program, Verdict
from rlcf.tasks.loading import load_completions, load_tasks

_JAVA = Path(__file__).parent / "java" / "WholeProject.java"
_MODELS = "model"
_SHARE_BY_SOURCE = 20
"""Of the programs, one in so many is checked with a source path, which takes long."""


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
    parser.add_argument("--samples", nargs=2, metavar=("TASKS", "SAMPLES"), help="a model's bodies, of one PROJECT")
    parser.add_argument("--lines", type=int, nargs=2, default=(1, 1 << 30), help="of the files that methods are of")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="of another version of rlcf")
    parser.add_argument("--rounds", type=int, default=3, help="of the measurement of speed (default: %(default)s)")
    parser.add_argument("--endure", type=int, default=0, metavar="N", help="verdicts after which memory is told")
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
            variants = _variants(
                _of_length(files, *options.lines), checker, options.variants, random.Random(options.seed)
            )
            if options.samples:
                variants += _sampled(project, *options.samples)
            programs = [v.program for v in variants]
            verdicts = checker.check_programs(programs)
            again = checker.check_programs(programs)
            assert [_first(v) for v in again] == [_first(v) for v in verdicts], "a verdict changed when asked for again"
            told = {
                "project": project.name if project.name != "java" else project.parents[2].name,
                "files": len(files),
                "variants": len(variants),
                "of_a_model": sum(v.kind == _MODELS for v in variants),
                "accepted": sum(v.accepted for v in verdicts),
            }
            told |= _rates(checker, programs, options, [classes, *jars], project)
            if options.endure:
                told |= _memory(checker, programs, options.endure)
        if not options.no_truth:
            told |= _compared(variants, verdicts, _truth(listed, jars, out, variants))
    return told


def _of_length(files: Sequence[Path], shortest: int, longest: int) -> list[Path]:
    return [f for f in files if shortest <= f.read_text(encoding="utf-8").count("\n") <= longest]


def _sampled(project: Path, tasks: str, samples: str) -> list[Variant]:
    """A model's bodies of methods that stand in the project's files."""
    known = {task.task_id: task for task in load_tasks(tasks)}
    variants = []
    for sample in load_completions(Path(samples)):
        task = known[sample.task_id]
        path = next(folder / str(task.path) for folder in project.parents if (folder / str(task.path)).is_file())
        variants.append(Variant(str(path), _MODELS, Program.of(task, sample.completion)))
    return variants


def _rates(
    checker: JavaChecker, programs: Sequence[Program], options: argparse.Namespace, class_path: list[Path], source: Path
) -> dict[str, object]:
    """Verdicts for each second of processor time, in turn with those of another version; and how many times as many."""
    sources = [program.source for program in programs]
    paths = {"class_path": class_path, "source_path": [source]} if options.against else {}
    rates: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        before = processor_s(checker.pids())
        checker.check_programs(programs)
        rates.setdefault("in_context", []).append(len(programs) / (processor_s(checker.pids()) - before))
        for kind, path in paths.items():
            few = sources if kind == "class_path" else sources[: len(sources) // _SHARE_BY_SOURCE + 1]
            rates.setdefault(f"by_{kind}_before", []).append(_rate_of(options.against, {kind: path}, few))
    medians = {name: statistics.median(each) for name, each in rates.items()}
    times = {f"times_{name}": round(medians["in_context"] / rate, 1) for name, rate in medians.items()}
    per_s: dict[str, object] = {f"{name}_per_cpu_s": round(rate, 2) for name, rate in medians.items()}
    return per_s | {name: ratio for name, ratio in times.items() if ratio != 1}


def _memory(checker: JavaChecker, programs: Sequence[Program], verdicts: int) -> dict[str, object]:
    """MiB that a worker holds in the machine's memory, the most of all workers, after each quarter of the verdicts."""
    held, pids = [], checker.pids()
    for _ in range(4):
        for _ in range(-(-verdicts // 4 // len(programs))):
            checker.check_programs(programs)
        pages = max(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in checker.pids())
        held.append(pages * os.sysconf("SC_PAGE_SIZE") >> 20)
    return {"resident_mib": held, "workers_replaced": checker.pids() != pids}


def _rate_of(checkout: Path, options: dict[str, list[Path]], sources: Sequence[str]) -> float:
    environment = {**os.environ, "PYTHONPATH": f"{checkout.absolute() / 'src'}{os.pathsep}{Path(__file__).parents[1]}"}
    asked = json.dumps({"options": {k: list(map(str, v)) for k, v in options.items()}, "sources": sources})
    command = [sys.executable, "-m", "benchmarks.check_rate"]
    ended = subprocess.run(command, input=asked, capture_output=True, text=True, env=environment, check=True)
    return float(ended.stdout)


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


if __name__ == "__main__":
    main()
