"""Where a Java project has its sources, its compiled classes and the jars it needs: the layouts of Maven and Gradle.

Nothing of the project is run, unless Maven may be asked for the class path: it loads what the project's files name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

from rlcf.config.languages import JavaOptions
from rlcf.errors import DataError
from rlcf.languages.java.build import clean_environment
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.java.modules import DECLARATION, required_modules
from rlcf.languages.projects import SourceProject
from rlcf.languages.source_tree import files_in, project_folder

MAIN = Path("src/main/java")
_BUILD_FILES = ("pom.xml", "build.gradle", "build.gradle.kts")
_NEVER = {"node_modules", "target", "build", "out", "bin"}
_BUILT = ("target/classes", "build/classes/java/main")
_GENERATED = ("target/generated-sources/*", "build/generated/sources/*/java/main")
_JARS = ("lib/*.jar", "libs/*.jar", "target/dependency/*.jar", "build/dependencies/*.jar")
_MAVEN_TIMEOUT_S = 120.0
_GRADLE_RELEASE = re.compile(
    r"JavaLanguageVersion\.of\(\s*(\d+)|(?:source|target)Compatibility\s*=?\s*[^\n\d]*?(?:1[._])?(\d+)"
    r"|options\.release(?:\.set\(|\s*=)\s*(\d+)"
)
_VERSIONED = re.compile(r"(.+?)-\d[\w.+-]*\.jar")
_PROPERTY = re.compile(r"\$\{([^}]+)\}")


def find_project(folder: Path, options: JavaOptions, exclude: Sequence[str], ask_maven: bool) -> SourceProject:
    """The project in `folder`; see `Language.find_project`."""
    root = project_folder(folder)
    modules = _modules(root)
    sources = tuple(module / MAIN for module in modules if (module / MAIN).is_dir()) or _plain_sources(root)
    if not any(True for source in sources for _ in java_files(source, exclude, root)):
        where = " or ".join("it" if source == root else str(source.relative_to(root)) for source in sources)
        raise DataError(f"no Java sources in {folder}: expected .java files in {where}")
    notes: list[str] = []
    class_path = options.class_path or tuple(_class_path(root, modules, notes, ask_maven))
    notes += _versions_of_a_jar(class_path)
    release = options.release or _release(modules)
    if release and options.release is None:
        notes.append(f"Java {release}, as the build file says")
    modules_seen = options.limit_modules or required_modules(sources, release, find_jdk().modules())
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
    """The Java files in a folder; see `files_in`."""
    return files_in(folder, (".java",), exclude, root)


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
    if not (root / "pom.xml").is_file():
        if not jars and any((root / name).is_file() for name in _BUILD_FILES[1:]):
            notes.append("no jars beside the project: name those that it needs with --class-path, or with @FILE")
        yield from jars
        return
    asked = _from_maven(root, notes) if ask_maven else None
    if asked is None:
        found, missing = _from_repository(modules)
        asked = found
        if missing:
            some = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
            notes.append(f"jars of pom.xml that are not in ~/.m2: {some}; build the project, or use --class-path")
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
        except (OSError, subprocess.SubprocessError):
            return None
    notes.append("the class path is what Maven says")
    return [path for part in found.split(os.pathsep) if part and (path := Path(part)).exists()]


def _from_repository(modules: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The jars in ~/.m2 that the build files name with a version, and the names of those that are not there."""
    repository = Path("~/.m2/repository").expanduser()
    own = {artifact for module in modules if (artifact := _artifact(module / "pom.xml"))}
    found, missing = [], []
    for module in modules:
        for group, artifact, version in _dependencies(module / "pom.xml"):
            jar = repository / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.jar"
            if jar.is_file():
                found.append(jar)
            elif artifact not in own:
                missing.append(artifact)
    return list(dict.fromkeys(found)), list(dict.fromkeys(missing))


def _pom(path: Path) -> ET.Element | None:
    """The document without its namespace; `None` where it is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return None
        return ET.fromstring(re.sub(r'\sxmlns="[^"]*"', "", text, count=1))
    except (OSError, ET.ParseError):
        return None


def _properties(pom: ET.Element) -> dict[str, str]:
    properties = {p.tag: (p.text or "").strip() for p in pom.iterfind("properties/*")}
    version = pom.findtext("version") or pom.findtext("parent/version") or ""
    return properties | {"project.version": version.strip()}


def _resolved(text: str | None, properties: dict[str, str]) -> str:
    for _ in range(5):
        text = _PROPERTY.sub(lambda m: properties.get(m[1], m[0]), text or "")
    return (text or "").strip()


def _artifact(path: Path) -> str | None:
    pom = _pom(path)
    return None if pom is None else (pom.findtext("artifactId") or "").strip()


def _dependencies(path: Path) -> Iterator[tuple[str, str, str]]:
    pom = _pom(path)
    if pom is None:
        return
    properties = _properties(pom)
    managed = {
        (_resolved(d.findtext("groupId"), properties), _resolved(d.findtext("artifactId"), properties)):
            _resolved(d.findtext("version"), properties)
        for d in pom.iterfind("dependencyManagement/dependencies/dependency")
    }  # fmt: skip
    for dependency in pom.iterfind("dependencies/dependency"):
        group, artifact, version, scope = (
            _resolved(dependency.findtext(tag), properties) for tag in ("groupId", "artifactId", "version", "scope")
        )
        if scope not in ("test", "import"):
            yield group, artifact, version or managed.get((group, artifact), "")


def _release(modules: Sequence[Path]) -> int | None:
    """The version of Java that the build files name; `None` where they name none, or several."""
    found = {version for module in modules for version in (_maven_release(module), _gradle_release(module)) if version}
    return found.pop() if len(found) == 1 else None


def _maven_release(module: Path) -> int | None:
    pom = _pom(module / "pom.xml")
    if pom is None:
        return None
    properties = _properties(pom)
    plugin = "build/plugins/plugin[artifactId='maven-compiler-plugin']/configuration/"
    names = ("release", "source", "target")
    told = [properties.get(f"maven.compiler.{n}") or pom.findtext(plugin + n) for n in names]
    versions = [re.fullmatch(r"(?:1\.)?(\d+)", _resolved(text, properties)) for text in told if text]
    return next((int(version[1]) for version in versions if version), None)


def _gradle_release(module: Path) -> int | None:
    for name in _BUILD_FILES[1:]:
        if (module / name).is_file():
            match = _GRADLE_RELEASE.search((module / name).read_text(encoding="utf-8", errors="replace"))
            if match:
                return int(next(filter(None, match.groups())))
    return None
