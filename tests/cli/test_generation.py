"""The options and the progress of sampling, without a model."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from rlcf.cli import main
from rlcf.cli.generate import Generation, takes_generation
from rlcf.cli.progress import Display
from rlcf.errors import ConfigError


def test_a_command_takes_the_options_of_generation_beside_its_own() -> None:
    given: list[object] = []
    app = typer.Typer()

    @app.command()
    @takes_generation
    def command(generation: Generation, own: Annotated[int, typer.Option(min=1)], word: str = "w") -> None:
        given.extend([generation, own, word])

    arguments = ["--own", "3", "-n", "5", "--few-shot", "f.java", "--batch-size", "8", "--top-p", "0.9", "--chat"]
    arguments += ["--fim", "off"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert given == [Generation(n=5, few_shot=Path("f.java"), batch_size=8, top_p=0.9, chat=True, fim="off"), 3, "w"]
    assert CliRunner().invoke(app, ["--own", "0"]).exit_code == 2
    assert CliRunner().invoke(app, ["--own", "1", "-n", "0"]).exit_code == 2
    assert CliRunner().invoke(app, ["--own", "1", "--fim", "yes"]).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("--temperature nan", "--temperature nan: expected a finite number, 0 or greater"),
        ("--temperature inf", "--temperature inf: expected a finite number"),
        ("--temperature -1", "--temperature -1.0: expected a finite number"),
        ("--top-p 0", "--top-p 0.0: expected a number greater than 0, and 1 at most"),
        ("--top-p nan", "--top-p nan: expected a number"),
        ("--top-p 1.5", "--top-p 1.5: expected a number"),
        ("--seed -1", "should be greater than or equal to 0"),
        (f"--seed {2**63}", "should be less than or equal to"),
        (f"--seed {'9' * 5000}", "Unable to parse input string as an integer"),
        ("-n 1000000000", "should be less than or equal to 1000000"),
        ("--max-new-tokens 99999999999999999999", "should be less than or equal to 1000000"),
    ],
)
def test_a_number_that_makes_no_sense_is_one_line_before_a_model_is_loaded(arguments: str, line: str) -> None:
    for command in ("generate", "evaluate"):
        given = [command, "--tasks", "builtin:java", "--model", "m", "--out", "out", *arguments.split()]
        outcome = CliRunner().invoke(main.app, given)
        ours = isinstance(outcome.exception, ConfigError)
        assert ours or outcome.exit_code == 2
        assert line in (str(outcome.exception) if ours else " ".join(outcome.output.replace("│", " ").split()))


def test_a_log_says_what_an_earlier_run_left_and_what_was_drawn() -> None:
    log = io.StringIO()
    with Display(Console(file=log)).sampling("sampling m", 10) as on_progress:
        on_progress(4, 0)
        on_progress(7, 30)
        on_progress(10, 12)
    [summary] = log.getvalue().splitlines()
    assert summary.startswith("sampling m: 10 samples, 4 of them from an earlier run, 42 tokens, ")
    assert summary.endswith(" tokens/s")


def test_a_terminal_shows_samples_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")  # another one may not be able to draw
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    with Display(console).sampling("sampling m", 10) as on_progress:
        on_progress(0, 0)
        on_progress(5, 30)
    shown = screen.getvalue()
    assert "5/10" in shown
    assert "tokens/s" in shown
    assert "left:" in shown


def test_an_interrupted_run_does_not_say_that_it_is_done() -> None:
    log = io.StringIO()
    try:
        with Display(Console(file=log)).sampling("sampling m", 10) as on_progress:
            on_progress(0, 0)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert log.getvalue() == ""
