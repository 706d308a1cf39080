"""What Maven's build files say: the jars that a project needs, and its version of Java. Maven itself is not run.

A file inherits from its parent, which is another file of the project, or one in the local repository (`~/.m2`).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

BUILD_FILE = "pom.xml"
_PROPERTY = re.compile(r"\$\{([^}]+)\}")
_DEEPEST = 20
"""Parents of parents, and lists that import lists: a longer chain is taken to be a circle."""
_COMPILER = "plugins/plugin[artifactId='maven-compiler-plugin']/configuration/"


class Dependency(NamedTuple):
    """What a build file names."""

    group: str
    artifact: str
    version: str
    """Empty, or with `${…}` or a range in it, where the build files do not say which one it is."""
    scope: str

    @property
    def is_known(self) -> bool:
        return bool(self.version) and not re.search(r"[\[($]", self.version)


@dataclass(frozen=True, slots=True)
class _Pom:
    """A build file with what it inherits."""

    documents: Sequence[ET.Element]
    """Its own, its parent's, and so on."""
    properties: Mapping[str, str]

    def value(self, element: ET.Element, tag: str) -> str:
        return self.resolved(element.findtext(tag))

    def resolved(self, text: str | None) -> str:
        for _ in range(5):
            text = _PROPERTY.sub(lambda m: self.properties.get(m[1], m[0]), text or "")
        return (text or "").strip()

    def dependencies(self, path: str) -> Iterator[Dependency]:
        for document in self.documents:
            for d in document.iterfind(path):
                yield Dependency(*(self.value(d, tag) for tag in ("groupId", "artifactId", "version", "scope")))


@dataclass(slots=True)
class Poms:
    """The build files of a project's modules, and those in the local repository that they name."""

    modules: Sequence[Path]
    """Their folders."""
    repository: Path = field(default_factory=lambda: Path("~/.m2/repository").expanduser())
    _read: dict[Path, ET.Element | None] = field(default_factory=dict)

    def jars(self) -> tuple[list[Path], list[str], list[str]]:
        """The jars in the local repository, the names of those that are not there, and of those without a version."""
        own = {_name(d)[1] for m in self.modules if (d := self._document(m / BUILD_FILE)) is not None}
        found, missing, unknown = dict[Path, None](), dict[str, None](), dict[str, None]()
        for module in self.modules:
            for needed in self._dependencies(module / BUILD_FILE):
                jar = self._in_repository(needed.group, needed.artifact, needed.version, "jar")
                if needed.is_known and jar.is_file():
                    found[jar] = None
                elif needed.artifact not in own:
                    (missing if needed.is_known else unknown)[needed.artifact] = None
        return list(found), list(missing), list(unknown)

    def release(self, module: Path) -> int | None:
        """The version of Java that a module is compiled for; `None` where its build files do not say."""
        pom = self._pom(module / BUILD_FILE)
        if pom is None:
            return None
        told = []
        for name in ("release", "source", "target"):
            configured = (
                d.findtext(f"build/{managed}{_COMPILER}{name}")
                for d in pom.documents
                for managed in ("", "pluginManagement/")
            )
            told += [next(filter(None, configured), None), pom.properties.get(f"maven.compiler.{name}")]
        told.append(pom.properties.get("java.version"))  # Spring Boot's parent compiles for it
        versions = [re.fullmatch(r"(?:1\.)?(\d{1,3})", pom.resolved(text)) for text in told]
        return next((int(version[1]) for version in versions if version), None)

    def _dependencies(self, path: Path) -> Iterator[Dependency]:
        """Those of a module's own code, its parents' included."""
        pom = self._pom(path)
        if pom is None:
            return
        managed = self._managed(pom)
        for d in pom.dependencies("dependencies/dependency"):
            told = managed.get((d.group, d.artifact))
            scope = d.scope or (told.scope if told else "")
            if scope not in ("test", "import"):
                yield d._replace(version=d.version or (told.version if told else ""), scope=scope)

    def _managed(self, pom: _Pom, depth: int = 0) -> dict[tuple[str, str], Dependency]:
        """The versions that a build file gives to dependencies; the first one holds, imported ones come last."""
        managed: dict[tuple[str, str], Dependency] = {}
        imported = []
        for d in pom.dependencies("dependencyManagement/dependencies/dependency"):
            if d.scope == "import":
                imported.append(d)
            else:
                managed.setdefault((d.group, d.artifact), d)
        for d in imported:
            path = self._of_artifact(d.group, d.artifact, d.version)
            bom = self._pom(path) if path and depth < _DEEPEST else None
            managed = (self._managed(bom, depth + 1) if bom else {}) | managed
        return managed

    def _pom(self, path: Path) -> _Pom | None:
        documents: list[ET.Element] = []
        above: Path | None = path
        while above and len(documents) < _DEEPEST and (document := self._document(above)) is not None:
            documents.append(document)
            above = self._parent(above, document)
        if not documents:
            return None
        properties = {p.tag: (p.text or "").strip() for d in reversed(documents) for p in d.iterfind("properties/*")}
        for tag in ("groupId", "version"):
            own = documents[0].findtext(tag) or documents[0].findtext(f"parent/{tag}") or ""
            properties[f"project.{tag}"] = own.strip()
            properties[f"project.parent.{tag}"] = (documents[0].findtext(f"parent/{tag}") or "").strip()
        return _Pom(documents, properties)

    def _parent(self, path: Path, document: ET.Element) -> Path | None:
        parent = document.find("parent")
        if parent is None:
            return None
        beside = parent.findtext("relativePath", "../pom.xml").strip()
        if beside:
            near = path.parent / beside
            near = near / BUILD_FILE if near.is_dir() else near
            found = self._document(near)
            if found is not None and _name(found) == _name(parent):
                return near
        return self._of_artifact(*_name(parent), parent.findtext("version", "").strip())

    def _of_artifact(self, group: str, artifact: str, version: str) -> Path | None:
        """The build file of an artifact: a module's, or the one in the local repository."""
        for module in self.modules:
            document = self._document(module / BUILD_FILE)
            if document is not None and _name(document) == (group, artifact):
                return module / BUILD_FILE
        stored = self._in_repository(group, artifact, version, "pom")
        return stored if stored.is_file() else None

    def _in_repository(self, group: str, artifact: str, version: str, kind: str) -> Path:
        return self.repository / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.{kind}"

    def _document(self, path: Path) -> ET.Element | None:
        if path not in self._read:
            self._read[path] = _parsed(path)
        return self._read[path]


def _name(element: ET.Element) -> tuple[str, str]:
    """Group and artifact of a build file, or of a parent that one names."""
    group = element.findtext("groupId") or element.findtext("parent/groupId") or ""
    return group.strip(), element.findtext("artifactId", "").strip()


def _parsed(path: Path) -> ET.Element | None:
    """The document without its namespace; `None` where it is none."""
    try:
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return None
        return ET.fromstring(re.sub(r'\sxmlns="[^"]*"', "", text, count=1))
    except (OSError, ValueError, ET.ParseError):
        return None
