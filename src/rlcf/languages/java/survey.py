"""Java projects compiled as a whole, by one process for all of them."""

import json
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.config.languages import JavaOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.java.build import COMPILER_EXPORTS, built, clean_environment
from rlcf.languages.java.compile_server import option_arguments
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.projects import (
    Replacement,
    SourceClass,
    SourceError,
    SourceFile,
    SourceMethod,
    Surveyor,
    with_bodies,
)
from rlcf.workers.child import Child, ChildDied, ChildTimeout

_JVM_OPTIONS = ("-Xshare:auto", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError")
_TIMEOUT_S = 3600.0


class JavaSurveyor(Surveyor):
    """See `Surveyor`."""

    def __init__(self, options: JavaOptions) -> None:
        self._options = options
        self._jdk = find_jdk()
        rooms = built(self._jdk, "mining", "server", "analysis")
        self._command = [str(self._jdk.java), *_JVM_OPTIONS, *COMPILER_EXPORTS, "-cp", str(rooms), "SurveyServer"]
        self._children: dict[tuple[Path, ...], Child] = {}

    def survey(
        self,
        files: Sequence[Path],
        classes: Path | None = None,
        class_path: Sequence[Path] = (),
        emptied: Collection[Path] = (),
    ) -> Mapping[Path, SourceFile]:
        child = self._child(tuple(class_path))
        with tempfile.TemporaryDirectory(prefix="rlcf-survey-") as folder:
            request = {"list": _listed(Path(folder) / "files", files)}
            request |= {"emptied": _listed(Path(folder) / "emptied", emptied)} if emptied else {}
            request |= {"classes": str(classes)} if classes else {}
            try:
                reply = json.loads(child.request(json.dumps(request).encode("ascii"), _TIMEOUT_S))
            except (ChildDied, ChildTimeout) as error:
                raise CheckerUnavailable(f"the Java compiler broke over the project: {error}") from error
        return {Path(path): _file(found) for path, found in reply["files"].items()}

    def is_hidden(self, text: str, body: Replacement) -> bool:  # noqa: ARG002 - types are declared
        return True

    def survey_replaced(
        self, texts: Mapping[Path, str], bodies: Sequence[Replacement], class_path: Sequence[Path] = ()
    ) -> list[bool]:
        """All at once: no other code depends on a method's body, so that the errors in a body are its own."""
        of_file: dict[Path, list[int]] = {}
        for i, body in enumerate(bodies):
            of_file.setdefault(body.path, []).append(i)
        good = [True] * len(bodies)
        with tempfile.TemporaryDirectory(prefix="rlcf-bodies-") as folder:
            places: dict[Path, dict[int, tuple[int, int]]] = {}
            for number, (path, members) in enumerate(sorted(of_file.items())):
                copy = Path(folder) / str(number) / path.name
                copy.parent.mkdir()
                text, places[copy] = with_bodies(texts[path], {i: bodies[i] for i in members})
                copy.write_text(text, encoding="utf-8", newline="")
            found = self.survey(list(places), None, class_path)
            for copy, spans in places.items():
                for error in found[copy].errors:
                    hit = [i for i, (a, b) in spans.items() if error.offset is not None and a <= error.offset <= b]
                    for i in hit or spans:  # an error in no body is charged to all of the file
                        good[i] = False
        return good

    def _child(self, class_path: tuple[Path, ...]) -> Child:
        if class_path not in self._children:
            options = self._options.model_copy(update={"class_path": (*class_path, *self._options.class_path)})
            command = [*self._command, *option_arguments(options, self._jdk)]
            try:
                self._children[class_path] = Child(command, clean_environment())
            except OSError as error:
                raise CheckerUnavailable(f"{self._jdk.java} does not start: {error}") from error
        return self._children[class_path]

    def close(self) -> None:
        for child in self._children.values():
            child.close()
        self._children.clear()


def _listed(path: Path, files: Iterable[Path]) -> str:
    path.write_text("".join(f"{file}\n" for file in files), encoding="utf-8")
    return str(path)


def _file(found: Mapping[str, Any]) -> SourceFile:
    return SourceFile(
        errors=tuple(
            SourceError(e["code"], e["message"], e["line"], e["offset"] if e["offset"] >= 0 else None)
            for e in found["errors"]
        ),
        interface=found.get("interface", ""),
        classes=tuple(SourceClass(**c) for c in found.get("classes", ())),
        methods=tuple(SourceMethod(**{**m, "marks": frozenset(m["marks"])}) for m in found.get("methods", ())),
    )
