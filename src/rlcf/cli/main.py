"""The command line: parse first, import what is heavy inside the handler.

Exit codes: 0 done, 1 some programs rejected (`check`), 2 wrong use, 3 a tool failed, 130 interrupted.
"""

import io
import os
import sys
from typing import Any, NoReturn

# Before torch is loaded, which reads it (libgomp's name for it). Threads of the model's arithmetic that wait for each
# other look that many times, some tens of microseconds, and then give way to compilers and whatever else runs here.
# Measured on 2 cores: the library's own 300,000 takes nearly twice as long on a busy machine, 0 a third longer on an
# idle one.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")

import typer
from typer.core import TyperGroup

from rlcf import __version__
from rlcf.cli import check, compare, doctor, evaluate, export, generate, report, tasks, train
from rlcf.cli.terminal import printable
from rlcf.errors import RlcfError

_WRONG_USE: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""What Typer raises for a wrong option or argument; which package it is from depends on Typer's version."""


_EXTRA = ("torch", "transformers", "peft", "accelerate", "safetensors", "gguf")
"""The packages of the extra `train`."""


class Interrupted(RlcfError):
    """Ctrl-C."""

    exit_code = 130


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Runs a command. Typer itself would answer Ctrl-C without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted(f"interrupted; {error}" if error.args else "interrupted") from error


app = typer.Typer(
    cls=_Commands,
    help="Coarse-tune code language models with compiler feedback.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for _command in (train.demo, train.train, generate.generate, evaluate.evaluate, compare.compare):
    app.command()(_command)
app.command("check")(check.check_command)
for _command in (export.export, report.report, doctor.doctor):
    app.command()(_command)
app.add_typer(tasks.app, name="tasks")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rlcf {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Show the version."),
) -> None:
    pass


def main() -> None:
    """The `rlcf` command: errors we know are one line, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # its encoding may lack our characters
    try:
        try:
            code = app(prog_name="rlcf", standalone_mode=False)
        finally:
            sys.stdout.flush()  # now, while a full disk or a closed pipe can still be reported
    except _WRONG_USE as error:
        help_of = f"{error.ctx.command_path} --help" if getattr(error, "ctx", None) else "rlcf --help"
        message = error.format_message()  # empty where the help itself was shown
        _fail(f"{message[:1].lower()}{message[1:].rstrip('.')} (see {help_of})" if message else "", error.exit_code)
    except RlcfError as error:
        _fail(str(error), error.exit_code)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        _fail(f"this command needs {error.name}, which is not installed: pip install 'rlcf[train]'", 3)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still in the buffer goes nowhere
        if isinstance(error, BrokenPipeError):
            sys.exit(0)
        _fail(str(error), 3)
    sys.exit(code or 0)


def _fail(message: str, code: int) -> NoReturn:
    if message:
        typer.echo(printable(f"rlcf: {message}"), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
