"""Where projects have their sources and jars: Maven, Gradle, and none of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from rlcf.config.languages import JavaOptions
from rlcf.errors import DataError
from rlcf.languages.java.layout import find_project, java_files
from rlcf.languages.projects import SourceProject

PROPERTY = "<project><properties><maven.compiler.{}></properties></project>"


@pytest.fixture(autouse=True)
def no_maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def write(root: Path, *files: str, text: str = "class A { }") -> None:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".jar"):
            zipfile.ZipFile(path, "w").close()
        else:
            path.write_text(text)


def found(root: Path, options: JavaOptions | None = None) -> SourceProject:
    return find_project(root, options or JavaOptions(), (), ask_maven=False)


def relative(root: Path, paths: tuple[Path, ...]) -> list[str]:
    return [str(path.relative_to(root)) for path in paths]


def test_a_maven_project_with_modules(tmp_path: Path) -> None:
    write(tmp_path, "pom.xml", "core/pom.xml", "web/pom.xml", text="<project/>")
    write(tmp_path, "core/src/main/java/A.java", "web/src/main/java/B.java", "web/src/test/java/T.java")
    write(tmp_path, "core/target/classes/A.class", "web/target/generated-sources/x/G.java", "core/lib/a.jar")
    project = found(tmp_path)
    assert relative(tmp_path, project.sources) == ["core/src/main/java", "web/src/main/java"]
    assert relative(tmp_path, project.built) == ["core/target/classes"]
    assert relative(tmp_path, project.generated) == ["web/target/generated-sources/x"]
    assert isinstance(project.options, JavaOptions)
    assert relative(tmp_path, project.options.class_path) == ["core/lib/a.jar"]


@pytest.mark.parametrize(
    ("name", "text", "release"),
    [
        ("pom.xml", PROPERTY.format("release>17</maven.compiler.release"), 17),
        ("pom.xml", PROPERTY.format("source>1.8</maven.compiler.source"), 8),
        (
            "pom.xml",
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><properties><v>11</v>'
            "<maven.compiler.target>${v}</maven.compiler.target></properties></project>",
            11,
        ),
        (
            "pom.xml",
            "<project><build><plugins><plugin><artifactId>maven-compiler-plugin</artifactId><configuration>"
            "<release>21</release></configuration></plugin></plugins></build></project>",
            21,
        ),
        ("pom.xml", "<project>", None),
        ("pom.xml", '<!DOCTYPE p [<!ENTITY a "b">]><project/>', None),
        ("build.gradle", "sourceCompatibility = '11'", 11),
        ("build.gradle", "java { sourceCompatibility = JavaVersion.VERSION_1_8 }", 8),
        ("build.gradle.kts", "java { toolchain { languageVersion.set(JavaLanguageVersion.of(21)) } }", 21),
        ("build.gradle", "options.release = 17", 17),
        ("build.gradle", "// nothing", None),
    ],
)
def test_the_release_is_that_of_the_build_file(tmp_path: Path, name: str, text: str, release: int | None) -> None:
    write(tmp_path, name, text=text)
    write(tmp_path, "src/main/java/A.java")
    project = found(tmp_path)
    assert isinstance(project.options, JavaOptions)
    assert project.options.release == release


def test_jars_that_a_pom_names_are_looked_up_in_the_local_repository(tmp_path: Path) -> None:
    pom = """<project><properties><v>1.2</v></properties><dependencies>
        <dependency><groupId>org.acme</groupId><artifactId>lib</artifactId><version>${v}</version></dependency>
        <dependency><groupId>org.acme</groupId><artifactId>gone</artifactId><version>1</version></dependency>
        <dependency><groupId>org.acme</groupId><artifactId>t</artifactId><version>1</version><scope>test</scope></dependency>
        </dependencies></project>"""
    write(tmp_path / "p", "pom.xml", text=pom)
    write(tmp_path / "p", "src/main/java/A.java")
    write(tmp_path / "home", ".m2/repository/org/acme/lib/1.2/lib-1.2.jar")
    project = found(tmp_path / "p")
    assert isinstance(project.options, JavaOptions)
    assert [path.name for path in project.options.class_path] == ["lib-1.2.jar"]
    assert project.notes == ("jars of pom.xml that are not in ~/.m2: gone; build the project, or use --class-path",)


def test_what_the_user_names_is_taken_instead(tmp_path: Path) -> None:
    write(tmp_path, "pom.xml", text="<project/>")
    write(tmp_path, "src/main/java/A.java", "lib/a.jar", "b.jar")
    given = JavaOptions(class_path=(tmp_path / "b.jar",), release=11)
    assert found(tmp_path, given).options == given


@pytest.mark.parametrize(("files", "source"), [(["src/a/A.java"], "src"), (["a/A.java"], "."), (["A.java"], ".")])
def test_sources_without_a_build_file(tmp_path: Path, files: list[str], source: str) -> None:
    write(tmp_path, *files)
    assert relative(tmp_path, found(tmp_path).sources) == [source]


def test_links_and_hidden_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "A.java", ".git/B.java", "sub/C.java")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "D.java").symlink_to(tmp_path / "A.java")
    assert [path.name for path in java_files(tmp_path, (), tmp_path)] == ["A.java", "C.java"]
    assert [path.name for path in java_files(tmp_path, ("sub/*",), tmp_path)] == ["A.java"]


def test_a_folder_without_java_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, "readme.md")
    with pytest.raises(DataError, match="no Java sources in"):
        found(tmp_path)


def test_maven_is_asked_without_a_network_where_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "pom.xml", text="<project/>")
    write(tmp_path, "src/main/java/A.java", "a.jar", "b.jar")
    maven = tmp_path / "mvn"
    jars = ":".join(str(tmp_path / name) for name in ("a.jar", "b.jar", "gone.jar"))
    maven.write_text(
        "#!/bin/sh\n"
        'for a in "$@"; do case $a in -Dmdep.outputFile=*) file=${a#*=};; -o) offline=1;; esac; done\n'
        f"[ -n \"$offline\" ] && printf '%s' '{jars}' > \"$file\"\n"
    )
    maven.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _: str(maven))
    project = find_project(tmp_path, JavaOptions(), (), ask_maven=True)
    assert isinstance(project.options, JavaOptions)
    assert [path.name for path in project.options.class_path] == ["a.jar", "b.jar"]
    assert found(tmp_path).options == JavaOptions()  # nothing of the project is run unless that is asked for


def test_two_versions_of_a_jar_are_told(tmp_path: Path, jdk_here: None) -> None:
    (tmp_path / "A.java").write_text("class A { }")
    jars = [tmp_path / name for name in ("json-2.1.jar", "json-io-1.jar", "json-2.10-rc1.jar", "json-2.1.jar")]
    project = find_project(tmp_path, JavaOptions(class_path=tuple(jars)), (), ask_maven=False)
    assert project.notes == ("json-2.1.jar comes before json-2.10-rc1.jar on the class path: its classes are used",)
