"""Languages from TOML tables: the examples of `recipes/languages` keep the contract; a wrong table is told in a line.

The checkers of Structured Text are in no package registry: `standins/checker.sh` stands in for them.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rlcf.cli.main import app
from rlcf.config import make_recipe
from rlcf.errors import ConfigError, RlcfError, UserError
from rlcf.languages.base import Language
from rlcf.languages.registry import load_language, spoken_name
from rlcf.languages.self_check import CHECKS, Check, Skipped
from rlcf.languages.table import patterns
from rlcf.records import Task, Verdict
from tests.languages.examples.structured_text import structured_text

RECIPES = Path(__file__).parents[2] / "recipes" / "languages"
STAND_IN = Path(__file__).parent / "standins" / "checker.sh"
STRUCTURED_TEXT = {
    "structured-text": ("plc", structured_text("E048")),
    "structured-text-matiec": ("iec2iec", structured_text("undeclared")),
}

pytestmark = pytest.mark.usefixtures("sandbox_here")


@pytest.fixture
def stood_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Language]:
    """Loads a recipe of Structured Text whose checker is a program of ours."""

    def load(name: str) -> Language:
        command, _ = STRUCTURED_TEXT[name]
        shutil.copy(STAND_IN, tmp_path / command)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        text = (RECIPES / f"{name}.toml").read_text(encoding="utf-8")
        file = tmp_path / f"{name}.toml"
        file.write_text(text.replace("/usr/local/share/matiec/lib", str(tmp_path)), encoding="utf-8")
        return load_language(str(file))

    return load


@pytest.mark.parametrize("name", STRUCTURED_TEXT)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_structured_text_keeps_the_contract(name: str, check: Check, stood_in: Callable[[str], Language]) -> None:
    try:
        check(stood_in(name), STRUCTURED_TEXT[name][1])
    except Skipped as reason:
        pytest.skip(str(reason))


def test_every_recipe_of_a_language_is_tested() -> None:
    assert {path.stem for path in RECIPES.glob("*.toml")} == {"ocaml", "php", *STRUCTURED_TEXT}


TABLE = """
name = "small"
suffixes = [".sm"]

[checker]
command = ["./small", "main.sm"]
file = "main.sm"
remedy = "write it"
right = "fine"
wrong = "broken"

[diagnostics]
pattern = '^main.sm:(?P<line>[0-9]+): (?P<severity>[a-z]+) (?P<code>[A-Z0-9]+): (?P<message>.*)$'
severities = { warning = "warning" }
"""
SCRIPT = r"""#!/bin/sh
status=0 number=0
while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in
        broken*) echo "main.sm:$number: error E1: it is broken"; status=1 ;;
        odd*) echo "main.sm:$number: warning W1: it is odd" ;;
        mute*) exit 1 ;;
        other*) echo "other words"; exit 1 ;;
        crash*) exit 99 ;;
        lenient*) echo "main.sm:$number: error E2: it is broken" ;;
        noise*) printf '%0600000d\n' 0 ;;
        tricky*) echo "main.sm:$number: error E1: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" ;;
        json*) echo '{"errors": [{"text": "it is json", "at": {"row": 0, "col": 2}, "id": "J1"}]}'; exit 1 ;;
        pretty*) printf 'a warning\n{\n"errors": [\n{"text": "it is json", "id": "J1"}\n]\n}\n' ;;
        lines*) printf '{"errors": []}\n{"errors": [{"text": "shows %s", "id": "J2"}]}\n' "$line" ;;
        garbled*) echo '{"errors": [{"text": "it is' ;;
    esac
done <main.sm
exit $status
"""


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Language]:
    """Loads `TABLE` after replacements, with its command beside it."""

    def load(*changes: tuple[str, str]) -> Language:
        text = TABLE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "small.toml").write_text(text, encoding="utf-8")
        (tmp_path / "small").write_text(SCRIPT, encoding="utf-8")
        (tmp_path / "small").chmod(0o755)
        return load_language(str(tmp_path / "small.toml"))

    return load


def _verdict(language: Language, source: str) -> Verdict:
    with language.checker(workers=1) as checker:
        return checker.check([source])[0]


def test_a_pattern_tells_code_severity_message_and_place(small: Callable[..., Language]) -> None:
    verdict = _verdict(small(), "odd\n\n  broken\nbroken\n")
    told = [(d.code, d.severity, d.message, d.line, d.column, d.offset) for d in verdict.diagnostics]
    assert told == [("W1", "warning", "it is odd", 1, 1, 0), ("E1", "error", "it is broken", 4, 1, 14)]
    assert verdict.status == "rejected"
    assert _verdict(small(), "odd\n").status == "accepted"


def test_json_is_read_by_paths(small: Callable[..., Language]) -> None:
    paths = 'paths = { rows = "errors.*", message = "text", line = "at.row", column = "at.col", code = "id" }\n'
    start = TABLE[TABLE.index("pattern") :]
    verdict = _verdict(small((start, f"first_line = 0\n{paths}"), ('"broken"', '"json"')), "json")
    told = [(d.code, d.severity, d.message, d.offset) for d in verdict.diagnostics]
    assert told == [("J1", "error", "it is json", 1)]


def test_json_is_found_among_other_lines_and_a_program_is_not_accepted_without_it(
    small: Callable[..., Language],
) -> None:
    start = TABLE[TABLE.index("pattern") :]
    language = small((start, 'paths = { rows = "errors.*", message = "text", code = "id" }\n'), ('"broken"', '"json"'))
    assert [d.code for d in _verdict(language, "pretty").diagnostics] == ["J1"]
    shown = _verdict(language, "lines \u2028\x85").diagnostics  # these are line ends in Python
    assert [d.code for d in shown] == ["J2"]
    garbled = _verdict(language, "garbled")
    assert (garbled.status, [d.code for d in garbled.diagnostics]) == ("rejected", ["rlcf.crashed"])


def test_a_tool_that_writes_no_json_at_all_is_told_with_what_it_wrote(small: Callable[..., Language]) -> None:
    start = TABLE[TABLE.index("pattern") :]
    paths = (start, 'paths = { rows = "errors.*", message = "text" }\n')
    with pytest.raises(ConfigError, match=r"diagnostics.paths finds no JSON in what ./small wrote for checker.right: "):
        _verdict(small(paths, ('right = "fine', 'right = "odd')), "")


def test_an_exit_status_rejects_what_cannot_be_read(small: Callable[..., Language]) -> None:
    for source, shown in (("other", "'other words'"), ("mute", "nothing")):
        (diagnostic,) = _verdict(small(), source).diagnostics
        assert (diagnostic.code, diagnostic.offset) == ("rlcf.unread", None)
        assert diagnostic.message == f"diagnostics.pattern reads no error in {shown}"


def test_warnings_hide_no_error_of_a_command_that_ends_with_0(small: Callable[..., Language]) -> None:
    verdict = _verdict(small(), "odd\n" * 100 + "lenient\nlenient\n")
    assert verdict.status == "rejected"
    assert [d.code for d in verdict.diagnostics] == ["W1"] * 99 + ["E2"]
    assert verdict.diagnostics[-1].line == 101


def test_a_program_with_more_output_than_is_read_is_not_accepted(small: Callable[..., Language]) -> None:
    for source, codes in (
        ("noise\nlenient\n", ["rlcf.unread"]),
        ("odd\nnoise\n", ["rlcf.unread", "W1"]),
        ("noise\nmute\n", ["rlcf.unread"]),
        ("lenient\nnoise\n", ["E2"]),
    ):
        verdict = _verdict(small(), source)
        assert (verdict.status, [d.code for d in verdict.diagnostics]) == ("rejected", codes)
        if codes[0] == "rlcf.unread":
            told = "./small writes more than the 256 KiB that are read, and no error in these"
            assert verdict.diagnostics[0].message == told


SLOW = {
    "diagnostics.pattern": (("(?P<message>.*)$", "(?P<message>it is broken|(a|aa)+)$"),),
    "diagnostics.codes.0.message": (
        (" (?P<code>[A-Z0-9]+)", " E1"),
        ("[diagnostics]", "[diagnostics]\ncodes = [{ code = 'slow', message = '^(a|aa)+$' }]"),
    ),
}


@pytest.mark.parametrize("key", SLOW)
def test_a_pattern_that_takes_too_long_is_told(
    key: str, small: Callable[..., Language], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "TIMEOUT_S", 0.2)
    with pytest.raises(ConfigError, match=rf"small\.toml: {key} = .* takes more than 0\.2 s") as raised:
        _verdict(small(*SLOW[key]), "tricky")
    assert "\n" not in str(raised.value)


def test_an_end_that_takes_too_long_to_find_is_told(
    small: Callable[..., Language], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "TIMEOUT_S", 0.2)
    language = small(("[checker]", "[syntax]\nends_before = '^(a|aa)+$'\n\n[checker]"))
    assert language.program_end("", "b\naaa\n") == 2
    with pytest.raises(ConfigError, match=r"small\.toml: syntax\.ends_before = .* takes more than"):
        language.program_end("", "a" * 60 + "!")


def test_a_version_is_asked_without_input_and_leaves_no_process(small: Callable[..., Language], tmp_path: Path) -> None:
    language = small(('remedy = "write it"', 'remedy = "write it"\nversion = ["version"]'))
    (tmp_path / "small").write_text(
        f'#!/bin/sh\nsleep 60 >"{tmp_path}/held" 2>&1 &\necho "small $(cat)1.0"\nhead -c 1000000 /dev/zero\n',
        encoding="utf-8",
    )
    os.mkfifo(tmp_path / "held")
    held = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    assert language.requirements()[0].found == f"small 1.0 in {tmp_path}/small"
    ended, _, _ = select.select([held], [], [], 10)
    assert ended, "what it has started lives on"
    os.close(held)


def test_a_mark_closes_the_innermost_block_that_it_fits_however_many_are_open(
    stood_in: Callable[[str], Language],
) -> None:
    language = stood_in("structured-text")
    opened = "IF é THEN\n" * 20_000  # quadratic time would be minutes
    assert language.closing(opened) == " END_IF" * 20_000
    assert language.closing("FUNCTION f\nIF a\nFOR i\nIF b\nEND_FOR") == " END_IF END_FUNCTION"
    assert language.program_end("FUNCTION f\n" + opened, "é;\nEND_FUNCTION\nx") == 15


def test_ends_told_by_a_grammar_are_places_in_characters(small: Callable[..., Language]) -> None:
    pytest.importorskip("tree_sitter_python")
    language = small(("[checker]", '[syntax]\ngrammar = "tree_sitter_python"\nblocks = [["(", ")"]]\n\n[checker]'))
    assert language.program_end("é = ü(", "'é)𝒳', é(1), 2) + é") == 15
    assert language.program_end("é(1)\n" * 20_000 + "é(", "é(ü))") == 5  # quadratic time would be minutes


def test_the_example_in_the_documentation_reads_what_the_recipe_reads() -> None:
    page = (RECIPES.parents[1] / "docs" / "language-tables.md").read_text(encoding="utf-8")
    example = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])
    recipe = tomllib.loads((RECIPES / "ocaml.toml").read_text(encoding="utf-8"))
    assert example["diagnostics"]["pattern"] == recipe["diagnostics"]["pattern"]
    assert example["checker"] == recipe["checker"]


def test_a_program_that_is_not_executable_is_told(small: Callable[..., Language], tmp_path: Path) -> None:
    language = small()
    (tmp_path / "small").chmod(0o644)
    with pytest.raises(ConfigError, match=r"checker\.command names .*small, which is not executable: chmod \+x"):
        _verdict(language, "fine")
    assert language.requirements()[0].remedy == f"chmod +x {tmp_path}/small"


def test_a_program_that_ends_the_command_each_time_is_rejected(small: Callable[..., Language]) -> None:
    assert [d.code for d in _verdict(small(), "crash").diagnostics] == ["rlcf.crashed"]


WRONG: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "a pattern that fits nothing": (
        (("main.sm:(?P", "MAIN.sm:(?P"),),
        "diagnostics.pattern = '^MAIN.sm:(?P<line>[0-9]+): (?P<severity>[a-z]+) (?P<code>[A-Z0-9]+): (?P<message>.*)$' "
        "reads no error in what ./small wrote: 'main.sm:1: error E1: it is broken'",
    ),
    "no regular expression": ((("(?P<message>.*)", "(?P<message>.*"),), "is no regular expression: missing )"),
    "a group that is not known": ((("(?P<code>", "(?P<kind>"),), "has kind: expected the named groups message and any"),
    "no message": ((("(?P<message>.*)", ".*"),), "has no (?P<message>…): expected the named groups"),
    "a key that is not known": ((("severities", "severity"),), "unknown key 'diagnostics.severity': did you mean"),
    "an unknown key in a list": (
        (("[diagnostics]", '[diagnostics]\ncodes = [{ code = "x", message = "y", sevrity = "z" }]'),),
        "unknown key 'diagnostics.codes.0.sevrity': known are code, message",
    ),
    "a key that is missing": ((('remedy = "write it"\n', ""),), "the key 'checker.remedy' is missing"),
    "no TOML": ((("[checker]", "[checker"),), "is not TOML"),
    "a suffix without its point": ((('".sm"', '"sm"'),), "suffixes begin with a point: .sm, not sm"),
    "a file that the command does not name": ((('file = "main.sm"', 'file = "x.sm"'),), "names the file 'x.sm'"),
    "a file in a folder": ((('file = "main.sm"', 'file = "a/main.sm"'),), "is no name of a file without folders"),
    "a right program that is rejected": (
        (('"fine"', '"broken"'),),
        "checker.right is not accepted: ./small ended with",
    ),
    "a wrong program that is accepted": (
        (('"broken"', '"fine"'),),
        "checker.wrong is not rejected: ./small ended with",
    ),
    "a status that is not named": ((('"broken"', '"crash"'),), "name the status in checker.accepts or checker.rejects"),
    "a file that is not there": (
        (("[checker]", '[checker]\nreadable = ["nowhere"]'),),
        "nowhere, which is not there",
    ),
    "a grammar without the function": (
        (("[checker]", '[syntax]\ngrammar = "tree_sitter_python:tongue"\n\n[checker]'),),
        "tree_sitter_python has no function 'tongue': it has language",
    ),
    "a function that gives no grammar": (
        (("[checker]", '[syntax]\ngrammar = "os:getpid"\n\n[checker]'),),
        "syntax.grammar names os:getpid, which is no grammar: it gives",
    ),
    "a grammar that is no module": (
        (("[checker]", '[syntax]\ngrammar = "..x"\n\n[checker]'),),
        "syntax.grammar: '..x' is no module, such as tree_sitter_php or tree_sitter_php:",
    ),
    "no grammar": ((("[checker]", '[syntax]\ngrammar = ""\n\n[checker]'),), "syntax.grammar: '' is no module"),
    "a block without marks": (
        (("[checker]", '[syntax]\nblocks = [["", ""]]\n\n[checker]'),),
        "syntax.blocks.0.0 = '': string should have at least 1 character",
    ),
    "a comment without its mark": (
        (("[checker]", '[syntax]\ncomments = [["", "x"]]\n\n[checker]'),),
        "syntax.comments.0.0 = '': string should have at least 1 character",
    ),
    "a quote without its mark": (
        (("[checker]", '[syntax]\nquotes = [""]\n\n[checker]'),),
        "syntax.quotes.0 = '': string should have at least 1 character",
    ),
    "a command without a name": (
        (('["./small"', '[""'),),
        "checker: command begins with the name of a program, not with ''",
    ),
    "a command with NUL": (
        (('["./small"', '["./sm\\u0000all"'),),
        "checker.command.0: './sm\\x00all' holds the character NUL",
    ),
    "a variable with NUL": (
        (("[checker]", '[checker]\nenvironment = { A = "\\u0000" }'),),
        "checker.environment.A: '\\x00' holds the character NUL",
    ),
    "a variable without a name": (
        (("[checker]", '[checker]\nenvironment = { "A=B" = "x" }'),),
        "checker.environment: 'A=B' is no name of a variable",
    ),
    "more memory than there is": (
        (("[checker]", "[checker]\nmemory_mib = 99999999999999999"),),
        "checker.memory_mib = 99999999999999999: input should be less than or equal to 1048576",
    ),
    "the home of nobody": (
        (("[checker]", '[checker]\nreadable = ["~nosuchuser/x"]'),),
        "checker.readable names '~nosuchuser/x': Could not determine home directory",
    ),
    "the folder of the program": (
        (("[checker]", '[checker]\nreadable = ["/usr/../tmp"]'),),
        "checker.readable names /usr/../tmp, which is or holds /tmp",
    ),
    "the whole machine": (
        (("[checker]", '[checker]\nreadable = ["/"]'),),
        "checker.readable names /, which is or holds",
    ),
    "a line before the first one": (
        (("[diagnostics]", "[diagnostics]\nfirst_line = -5"),),
        "diagnostics.first_line = -5: input should be greater than or equal to 0",
    ),
    "a pattern that others read otherwise": (
        (("(?P<message>.*)", "(?P<message>[[a]x.*)"),),
        "is no regular expression: Possible nested set at position",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_table_is_told_in_a_line(what: str, small: Callable[..., Language]) -> None:
    changes, expected = WRONG[what]
    with pytest.raises(ConfigError) as raised:
        _verdict(small(*changes), "fine")
    message = str(raised.value)
    assert expected in message
    assert "small.toml" in message
    assert "\n" not in message


def test_a_missing_command_is_told_with_its_remedy(small: Callable[..., Language]) -> None:
    with pytest.raises(RlcfError, match=r"nowhere is not installed\. To get it: write it") as raised:
        _verdict(small(("./small", "nowhere")), "fine")
    assert raised.value.exit_code == 3


def test_a_table_that_is_not_there_is_a_mistake_of_the_user() -> None:
    with pytest.raises(UserError, match=r"cannot read the language nowhere\.toml: No such file"):
        load_language("nowhere.toml")


def test_the_command_line_takes_a_table_as_a_language(
    small: Callable[..., Language], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sm").write_text("fine\nbroken\n", encoding="utf-8")
    (tmp_path / "b.sm").write_text("fine\n", encoding="utf-8")
    told = CliRunner().invoke(app, ["check", "--language", "./small.toml", ".", "--json"])
    rows = [json.loads(line) for line in told.output.splitlines()]
    assert (told.exit_code, [(row["id"], row["status"]) for row in rows]) == (
        1,
        [("a.sm", "rejected"), ("b.sm", "accepted")],
    )
    told = CliRunner().invoke(app, ["doctor", "--language", "./small.toml"])
    assert told.exit_code == 0
    assert str(tmp_path / "small") in told.output
    assert "Ready for checking" in told.output


def test_a_task_names_the_table_and_a_completion_is_checked_by_it(
    small: Callable[..., Language], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks.jsonl").write_text(
        json.dumps({"task_id": "t", "prompt": "fine\n", "language": "./small.toml"}), encoding="utf-8"
    )
    rows = [json.dumps({"task_id": "t", "completion": text}) for text in ("fine\n", "broken\n")]
    (tmp_path / "samples.jsonl").write_text("\n".join(rows), encoding="utf-8")
    told = CliRunner().invoke(app, ["check", "--tasks", "tasks.jsonl", "samples.jsonl", "--json"])
    assert [json.loads(line)["status"] for line in told.output.splitlines()] == ["accepted", "rejected"]


def test_people_and_models_read_the_name_in_the_table(small: Callable[..., Language], tmp_path: Path) -> None:
    small()
    assert spoken_name(str(tmp_path / "small.toml")) == "small"
    assert spoken_name("java") == "java"


def test_a_table_that_has_changed_is_read_again(small: Callable[..., Language]) -> None:
    assert small().name == "small"
    assert small(('name = "small"', 'name = "smaller"')).name == "smaller"


def test_without_its_grammar_a_language_is_checked_and_its_ends_are_not_known(small: Callable[..., Language]) -> None:
    language = small(("[checker]", '[syntax]\ngrammar = "tree_sitter_nowhere"\nblocks = [["{", "}"]]\n\n[checker]'))
    assert _verdict(language, "fine").accepted
    assert (language.end_marks, language.program_end("{", "}"), language.closing("{")) == (None, None, "")
    (missing,) = [need for need in language.requirements() if need.found is None]
    assert (missing.name, missing.remedy) == (
        "tree_sitter_nowhere",
        "pip install tree-sitter tree-sitter-nowhere",
    )


def test_a_training_names_the_table_and_its_tasks_name_it_too_or_the_language(
    small: Callable[..., Language], tmp_path: Path
) -> None:
    from rlcf.training.run import _language as language_of  # torch, which the others do without

    small()
    file = str(tmp_path / "small.toml")
    recipe = make_recipe({"language": {"name": file}})
    for name in (file, "small"):
        assert language_of(recipe, [Task("t", "fine", language=name)]).name == "small"
    with pytest.raises(ConfigError, match=r"the tasks are in 'java' and language\.name is"):
        language_of(recipe, [Task("t", "fine")])
