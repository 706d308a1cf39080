"""Where a Java project has its sources, its compiled classes and the jars it needs: the layouts of Maven and Gradle.

Nothing of the project is run, unless Maven may be asked for the class path: it loads what the project's files name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rlcf.config.languages import JavaOptions
from rlcf.errors import DataError
from rlcf.languages.java import gradle
from rlcf.languages.java.build import clean_environment
from rlcf.languages.java.jdk import Jdk, find_jdk
from rlcf.languages.java.maven import BUILD_FILE, Poms
from rlcf.languages.java.modules import DECLARATION, required_modules
from rlcf.languages.projects import SourceProject, first_of
from rlcf.languages.source_tree import files_in, project_folder

MAIN = Path("src/main/java")
_BUILD_FILES = (BUILD_FILE, *gradle.BUILD_FILES)
_NEVER = {"node_modules", "target", "build", "out", "bin"}
_TESTS = {"test", "tests"}
_BUILT = ("target/classes", "build/classes/java/main")
_GENERATED = (
    "target/generated-sources/*",
    "build/generated/sources/*/java/main",
    "build/generated/source*/*/main/*",
    "build/generated-src/*/main",
)
_JARS = ("lib/*.jar", "libs/*.jar", "target/dependency/*.jar", "build/dependencies/*.jar")
_MAVEN_TIMEOUT_S = 120
_NO_VERSION = "jars of pom.xml whose version neither it nor its parents say"
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_VERSIONED = re.compile(r"(.+?)-\d[\w.+-]*\.jar")


def find_project(folder: Path, options: JavaOptions, exclude: Sequence[str], ask_maven: bool) -> SourceProject:
    """The project in `folder`; see `Language.find_project`."""
    root = project_folder(folder)
    modules = _modules(root)
    sources = tuple(module / MAIN for module in modules if (module / MAIN).is_dir()) or _plain_sources(root)
    if not any(True for source in sources for _ in java_files(source, exclude, root)):
        where = " or ".join("it" if source == root else str(source.relative_to(root)) for source in sources)
        raise DataError(f"no Java sources in {folder}: expected .java files in {where}, beside tests and build output")
    notes: list[str] = []
    class_path = options.class_path or tuple(_class_path(root, modules, notes, ask_maven))
    notes += _versions_of_a_jar(class_path)
    jdk = find_jdk()
    release = options.release or _told_release(modules, jdk, notes)
    modules_seen = options.limit_modules or required_modules(sources, release, jdk.modules())
    if modules_seen and not options.limit_modules:
        notes.append(f"sees the JDK's modules that {DECLARATION} requires: {', '.join(modules_seen)}")
    return SourceProject(
        root=root,
        sources=sources,
        options=options.model_copy(
            update={"class_path": class_path, "release": release, "limit_modules": modules_seen}
        ),
        built=tuple(found for module in modules for name in _BUILT if (found := module / name).is_dir()),
        generated=tuple(f for m in modules for pattern in _GENERATED for f in sorted(m.glob(pattern)) if f.is_dir()),
        notes=tuple(notes),
    )


def _versions_of_a_jar(class_path: Sequence[Path]) -> Iterator[str]:
    """A line for each jar that has another version before it."""
    first: dict[str, Path] = {}
    for path in class_path:
        if named := _VERSIONED.fullmatch(path.name):
            before = first.setdefault(named[1], path)
            if before.name != path.name:
                yield f"{before.name} comes before {path.name} on the class path: its classes are used"


def java_files(folder: Path, exclude: Sequence[str], root: Path) -> Iterator[Path]:
    """The Java files in a folder; see `files_in`. Without a known layout, tests and build output are left out."""
    is_plain = folder in (root, root / "src")
    return files_in(folder, (".java",), exclude, root, _is_no_source if is_plain else lambda _: False)


def _is_no_source(folder: Path) -> bool:
    """Whether a folder is one of tests or of build output by its name, and is no part of a package's name."""
    if folder.name not in _NEVER | _TESTS:
        return False
    first = next((path for path in sorted(folder.rglob("*.java")) if path.is_file()), None)
    package = _PACKAGE.search(first.read_text(encoding="utf-8", errors="replace")) if first else None
    if first is None or package is None:
        return True
    names, inside = tuple(package[1].split(".")), first.parent.parts
    start = len(inside) - len(names)
    return inside[start:] != names or start >= len(folder.parts)


def _modules(root: Path) -> list[Path]:
    """The folders that have a build file or Maven's layout of sources, the root first."""
    found = [root]
    for inside, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _NEVER and not f.startswith("."))
        here = Path(inside)
        if here != root and (any(name in names for name in _BUILD_FILES) or (here / MAIN).is_dir()):
            found.append(here)
        if "src" in folders and (here in found):
            folders.remove("src")
    return found


def _plain_sources(root: Path) -> tuple[Path, ...]:
    """Of a project without such a layout: `src`, or all of it."""
    source = root / "src"
    return (source,) if source.is_dir() and any(java_files(source, (), root)) else (root,)


def _class_path(root: Path, modules: Sequence[Path], notes: list[str], ask_maven: bool) -> Iterator[Path]:
    """The jars beside the project, else those that Maven or the local repositories have."""
    jars = [jar for module in modules for pattern in _JARS for jar in sorted(module.glob(pattern))]
    if not any((module / BUILD_FILE).is_file() for module in modules):
        if not jars and any((root / name).is_file() for name in gradle.BUILD_FILES):
            notes.append("no jars beside the project: name those that it needs with --class-path, or with @FILE")
        yield from jars
        return
    asked = _from_maven(root, notes) if ask_maven and (root / BUILD_FILE).is_file() else None
    if asked is None:
        asked, missing, unknown = Poms(modules).jars()
        for names, why in ((missing, "jars of pom.xml that are not in ~/.m2"), (unknown, _NO_VERSION)):
            if names:
                notes.append(f"{why}: {first_of(names, 3)}; build the project, or use --class-path")
    yield from dict.fromkeys([*jars, *asked])


def _from_maven(root: Path, notes: list[str]) -> list[Path] | None:
    """What Maven says, without a network; `None` where it is not installed or cannot tell."""
    maven = shutil.which("mvn")
    if maven is None:
        return None
    with tempfile.TemporaryDirectory(prefix="rlcf-maven-") as folder:
        out = Path(folder) / "class-path"
        goal = ["dependency:build-classpath", f"-Dmdep.outputFile={out}", "-Dmdep.appendOutput=true"]
        environment = clean_environment() | {
            k: v for k, v in os.environ.items() if k.startswith(("JAVA_HOME", "MAVEN"))
        }
        try:
            subprocess.run(
                [maven, "-o", "-q", "-B", *goal],
                cwd=root, env=environment, capture_output=True, timeout=_MAVEN_TIMEOUT_S, check=True,
            )  # fmt: skip
            found = out.read_text(encoding="utf-8").replace("\n", os.pathsep)
        except subprocess.TimeoutExpired:
            notes.append(f"Maven did not say the class path within {_MAVEN_TIMEOUT_S} s: it is read from pom.xml")
            return None
        except (OSError, subprocess.SubprocessError):
            return None
    notes.append("the class path is what Maven says")
    return [path for part in found.split(os.pathsep) if part and (path := Path(part)).exists()]


def _told_release(modules: Sequence[Path], jdk: Jdk, notes: list[str]) -> int | None:
    """The version of Java that the build files name; `None` where they name none, or several."""
    found = _releases(modules)
    if len(found) == 1:
        notes.append(f"Java {found[0]}, as the build file says")
        return found[0]
    if found:
        notes.append(
            f"the modules are for different versions of Java ({first_of([*map(str, found)])}): compiled for that of "
            f"the JDK, {jdk.feature}; name another with --release"
        )
    elif any((module / name).is_file() for module in modules for name in _BUILD_FILES):
        notes.append(
            f"no version of Java in the build files: compiled for that of the JDK, {jdk.feature}; name it with "
            "--release, or set JAVA_HOME"
        )
    return None


def _releases(modules: Sequence[Path]) -> list[int]:
    """The versions of Java that the build files name: those of modules with sources, else those of all."""
    poms = Poms(modules)
    for some in ([module for module in modules if (module / MAIN).is_dir()], modules):
        if found := {told for m in some for told in (poms.release(m), gradle.release(m)) if told}:
            return sorted(found)
    return []
