"""Where projects have their sources and jars: Maven, Gradle, and none of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from rlcf.config.languages import JavaOptions
from rlcf.errors import DataError
from rlcf.languages.java import Java, layout
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
        (
            "pom.xml",
            "<project><build><pluginManagement><plugins><plugin><artifactId>maven-compiler-plugin</artifactId>"
            "<configuration><source>1.8</source></configuration></plugin></plugins></pluginManagement></build></project>",
            8,
        ),
        ("pom.xml", "<project><properties><java.version>21</java.version></properties></project>", 21),
        ("pom.xml", "<project>", None),
        ("pom.xml", '<!DOCTYPE p [<!ENTITY a "b">]><project/>', None),
        ("build.gradle", "sourceCompatibility = '11'", 11),
        ("build.gradle", "java { sourceCompatibility = JavaVersion.VERSION_1_8 }", 8),
        ("build.gradle.kts", "java { toolchain { languageVersion.set(JavaLanguageVersion.of(21)) } }", 21),
        ("build.gradle", "options.release = 17", 17),
        ("build.gradle", "// nothing", None),
        (
            "build.gradle.kts",
            "java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }\n"
            "tasks.withType<JavaCompile> { options.release.set(11) }\n"
            "java.sourceCompatibility = JavaVersion.VERSION_17",
            11,
        ),
        ("build.gradle", "toolchain { languageVersion = JavaLanguageVersion.of(21) }\nsourceCompatibility = 17", 17),
        ("build.gradle", "// options.release = 8\n/* options.release = 9 */ targetCompatibility = 17", 17),
        ("build.gradle", "maven { url 'https://a.b' }; options.release = 11", 11),
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
    assert project.notes[0] == "jars of pom.xml that are not in ~/.m2: gone; build the project, or use --class-path"


def pom(name: str, content: str, above: str = "") -> str:
    parent = f"<parent><groupId>org.acme</groupId><artifactId>{above}</artifactId><version>3</version></parent>"
    return (
        f"<project><groupId>org.acme</groupId><artifactId>{name}</artifactId><version>3</version>"
        f"{parent if above else ''}{content}</project>"
    )


def uses(*names: str, version: str = "", more: str = "") -> str:
    told = f"<version>{version}</version>" if version else ""
    inside = (f"<groupId>org.acme</groupId><artifactId>{name}</artifactId>{told}{more}" for name in names)
    return f"<dependencies>{''.join(f'<dependency>{text}</dependency>' for text in inside)}</dependencies>"


def managed(text: str) -> str:
    return f"<dependencyManagement>{text}</dependencyManagement>"


def jars(root: Path) -> list[str]:
    options = found(root).options
    assert isinstance(options, JavaOptions)
    return [path.name for path in options.class_path]


def in_repository(home: Path, name: str, text: str = "", version: str = "3") -> None:
    stem = f".m2/repository/org/acme/{name}/{version}/{name}-{version}"
    write(home, f"{stem}.pom", text=text) if text else write(home, f"{stem}.jar")


@pytest.mark.parametrize("place", ["../pom.xml", "above/pom.xml", "repository"])
def test_versions_and_the_release_come_from_the_parent(tmp_path: Path, place: str) -> None:
    root, home = tmp_path / "p", tmp_path / "home"
    properties = "<properties><v>1.2</v><java>11</java></properties>"
    compiler = "<plugin><artifactId>maven-compiler-plugin</artifactId><configuration><release>${java}</release>"
    build = f"<build><plugins>{compiler}</configuration></plugin></plugins></build>"
    parent = pom("parent", properties + managed(uses("lib", version="${v}")) + uses("all", version="${v}") + build)
    if place == "repository":
        in_repository(home, "parent", parent)
    else:
        write(root, place.removeprefix("../"), text=parent)
    write(root, "core/pom.xml", text=pom("core", uses("lib"), above="parent"))
    write(root, "web/pom.xml", text=pom("web", uses("core", version="${project.version}"), above="parent"))
    write(root, "core/src/main/java/A.java", "web/src/main/java/B.java")
    for name in ("lib", "all"):
        in_repository(home, name, version="1.2")
    project = found(root)
    assert sorted(jars(root)) == ["all-1.2.jar", "lib-1.2.jar"]
    assert project.notes == ("Java 11, as the build file says",)


def test_versions_come_from_a_list_that_a_build_file_imports(tmp_path: Path) -> None:
    listed = managed(uses("lib", version="${v}") + uses("own", version="9"))
    in_repository(tmp_path / "home", "bom", pom("bom", "<properties><v>1.2</v></properties>" + listed))
    imports = uses("bom", version="3", more="<type>pom</type><scope>import</scope>")
    text = pom("shop", managed(uses("own", version="2") + imports) + uses("lib", "own"))
    write(tmp_path / "p", "pom.xml", text=text.replace("</dependencies><dependencies>", "", 1))
    write(tmp_path / "p", "src/main/java/A.java")
    for name, version in (("lib", "1.2"), ("own", "2"), ("own", "9")):
        in_repository(tmp_path / "home", name, version=version)
    assert jars(tmp_path / "p") == ["lib-1.2.jar", "own-2.jar"]


def test_a_version_that_no_build_file_says_is_told_as_such(tmp_path: Path) -> None:
    needed = (
        uses("gone", version="1") + uses("lib") + uses("some", version="${nowhere}") + uses("range", version="[1,2)")
    )
    write(
        tmp_path, "pom.xml", text=pom("shop", needed.replace("</dependencies><dependencies>", ""), above="gone-parent")
    )
    write(tmp_path, "src/main/java/A.java")
    assert found(tmp_path, JavaOptions(release=17)).notes == (
        "jars of pom.xml that are not in ~/.m2: gone; build the project, or use --class-path",
        "jars of pom.xml whose version neither it nor its parents say: lib, some, range; build the project, or use "
        "--class-path",
    )


def test_a_build_file_that_is_its_own_parent_comes_to_an_end(tmp_path: Path) -> None:
    inside = "<relativePath>pom.xml</relativePath></parent>"
    write(tmp_path, "pom.xml", text=pom("shop", uses("lib", version="1"), above="shop").replace("</parent>", inside))
    write(tmp_path, "src/main/java/A.java")
    in_repository(tmp_path / "home", "lib", version="1")
    assert jars(tmp_path) == ["lib-1.jar"]


@pytest.mark.parametrize(
    ("poms", "note"),
    [
        ({"pom.xml": "<project/>"}, "no version of Java in the build files: compiled for that of the JDK, "),
        (
            {
                "a/pom.xml": PROPERTY.format("release>8</maven.compiler.release"),
                "b/build.gradle": "options.release = 17",
            },
            "the modules are for different versions of Java (8, 17): compiled for that of the JDK, ",
        ),
    ],
)
def test_where_the_build_files_name_no_version_of_java_that_is_told(
    tmp_path: Path, poms: dict[str, str], note: str
) -> None:
    for name, text in poms.items():
        write(tmp_path, name, text=text)
        write(tmp_path / Path(name).parent, "src/main/java/A.java")
    (told,) = [text for text in found(tmp_path).notes if "--release" in text]
    assert told.startswith(note)


def test_what_the_user_names_is_taken_instead(tmp_path: Path) -> None:
    write(tmp_path, "pom.xml", text="<project/>")
    write(tmp_path, "src/main/java/A.java", "lib/a.jar", "b.jar")
    given = JavaOptions(class_path=(tmp_path / "b.jar",), release=11)
    assert found(tmp_path, given).options == given


@pytest.mark.parametrize(("files", "source"), [(["src/a/A.java"], "src"), (["a/A.java"], "."), (["A.java"], ".")])
def test_sources_without_a_build_file(tmp_path: Path, files: list[str], source: str) -> None:
    write(tmp_path, *files)
    assert relative(tmp_path, found(tmp_path).sources) == [source]


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        (["src/java/A.java", "src/test/ATest.java"], ["src/java/A.java"]),
        (
            ["A.java", "build/A.java", "target/generated-sources/x/B.java"],
            ["A.java", "target/generated-sources/x/B.java"],
        ),
        (["a/src/A.java", "a/test/ATest.java", "bin/A.java"], ["a/src/A.java"]),
    ],
)
def test_without_a_layout_tests_and_build_output_are_no_sources(
    tmp_path: Path, files: list[str], kept: list[str]
) -> None:
    write(tmp_path, *files)
    assert relative(tmp_path, tuple(Java().project_files(found(tmp_path)))) == kept


def test_a_package_may_be_called_like_a_folder_of_tests_or_build_output(tmp_path: Path) -> None:
    write(tmp_path, "src/acme/build/A.java", text="package acme.build;\nclass A { }")
    write(tmp_path, "src/acme/test/deep/B.java", text="/* B */\npackage acme.test.deep;\nclass B { }")
    write(tmp_path, "src/test/acme/C.java", text="package acme;\nclass C { }")
    assert [path.name for path in Java().project_files(found(tmp_path))] == ["A.java", "B.java"]


def test_a_project_of_tests_alone_has_no_sources(tmp_path: Path) -> None:
    write(tmp_path, "pom.xml", text="<project/>")
    write(tmp_path, "src/test/java/T.java")
    with pytest.raises(DataError, match=r"expected \.java files in it, beside tests and build output"):
        found(tmp_path)


def test_sources_that_gradle_has_generated(tmp_path: Path) -> None:
    write(tmp_path, "build.gradle", text="")
    write(tmp_path, "src/main/java/A.java", "build/generated/sources/annotationProcessor/java/main/B.java")
    write(tmp_path, "build/generated/source/proto/main/java/C.java", "build/generated/sources/proto/main/grpc/D.java")
    write(tmp_path, "build/generated-src/antlr/main/E.java", "build/generated/source/proto/test/java/F.java")
    names = [path.name for path in Java().project_files(found(tmp_path))]
    assert sorted(names) == ["A.java", "B.java", "C.java", "D.java", "E.java"]


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


def test_a_maven_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "pom.xml", text="<project/>")
    write(tmp_path, "src/main/java/A.java")
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\nexec sleep 60\n")
    maven.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _: str(maven))
    monkeypatch.setattr(layout, "_MAVEN_TIMEOUT_S", 1)
    project = find_project(tmp_path, JavaOptions(), (), ask_maven=True)
    assert "Maven did not say the class path within 1 s: it is read from pom.xml" in project.notes


def test_two_versions_of_a_jar_are_told(tmp_path: Path, jdk_here: None) -> None:
    (tmp_path / "A.java").write_text("class A { }")
    jars = [tmp_path / name for name in ("json-2.1.jar", "json-io-1.jar", "json-2.10-rc1.jar", "json-2.1.jar")]
    project = find_project(tmp_path, JavaOptions(class_path=tuple(jars)), (), ask_maven=False)
    assert project.notes == ("json-2.1.jar comes before json-2.10-rc1.jar on the class path: its classes are used",)
