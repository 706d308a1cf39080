"""What can go wrong, one class per boundary.

    RlcfError                 everything rlcf raises on purpose
    ├── UserError             the user's input is wrong: one line, exit code 2
    │   ├── ConfigError       a recipe or an option
    │   ├── DataError         a task or completion file: names file, line and field
    │   ├── Unsupported       a language that lacks what is asked for
    │   └── ModelError        a model or an encoder that cannot be loaded
    │       └── ModelTooLarge a model that does not fit into memory, or leaves no room to work in
    ├── TrainingError         training went astray: a loss that is not finite
    ├── ProcessLost           another process of the same training ended, or hangs
    └── ToolError             a tool rlcf needs is missing or failed: never a verdict on a program, exit code 3
        ├── CheckerUnavailable   a compiler cannot be started or keeps dying
        ├── SandboxUnavailable   programs cannot be run safely here
        └── StorageError         a file cannot be written (full disk, no permission)

A bad *program* is no error: it gets a `Verdict` or an `Execution`.
"""

import difflib
import subprocess
from collections.abc import Collection


class RlcfError(Exception):
    """Base of all that rlcf raises on purpose. Its text is one line: the value, what was expected, what to do."""

    exit_code = 3


class UserError(RlcfError):
    """The user's input is wrong."""

    exit_code = 2


class ConfigError(UserError):
    """A recipe or an option is wrong."""


class DataError(UserError):
    """A task or completion file is wrong."""


class Unsupported(UserError):
    """A language lacks the capability that is asked for, such as running programs."""


class ModelError(UserError):
    """A model or an encoder cannot be loaded, or is of the wrong kind."""


class ModelTooLarge(ModelError):
    """A model does not fit into memory, or leaves no room to work in."""


class TrainingError(RlcfError):
    """Training went astray; the last checkpoint is good."""


class ProcessLost(RlcfError):
    """Another process of the same training ended, or did not come in time; the last checkpoint is good."""


class ToolError(RlcfError):
    """A tool that rlcf needs is missing or failed. It says nothing about any program."""


class CheckerUnavailable(ToolError):
    """A compiler cannot be started, or keeps dying whatever it is given."""


class SandboxUnavailable(ToolError):
    """Programs cannot be run safely on this machine."""


class StorageError(ToolError):
    """A file cannot be written."""


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """`unknown language 'jaav' (did you mean 'java'?): known are java, python`."""
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"unknown {kind} {name!r}{hint}: known are {', '.join(known)}"


def no_answer(error: OSError | subprocess.TimeoutExpired) -> str:
    """Why a command gave no answer; what `subprocess` says of a time-out has the whole command line in it."""
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it took longer than {error.timeout:g} s; try again when the machine is less busy"
    return str(error)
