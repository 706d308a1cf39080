"""The records that flow through rlcf: frozen, typed, documented once, here.

Data flows one way: a `Task` and a `Completion` make a `Program`; a checker gives its `Verdict`, a runner its
`Execution`, a driver what is `Driven`; the grounding function turns what its components say into a `Score`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

VerdictStatus = Literal["accepted", "rejected", "timeout"]
ExecutionStatus = Literal["passed", "failed", "error", "timeout", "memory", "rejected"]
Severity = Literal["error", "warning", "note"]
CallStatus = Literal["returned", "threw", "failed", "unknown", "timeout", "memory", "unreached"]

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Task:
    """A text to complete, and what is known of the right answer. Field names are those of HumanEval and MBXP."""

    task_id: str
    """Unique within its task file."""
    prompt: str
    """What the model is shown. Without a `prefix` it is also the beginning of the program."""
    language: str = "java"
    """A name in the language registry."""
    prefix: str | None = None
    """What the compiler sees before the completion; by default the prompt."""
    suffix: str = ""
    """What the compiler sees after the completion."""
    canonical_solution: str | None = None
    """The reference, as a completion."""
    test: str | None = None
    """Source that follows the program when it is run. The compile rate is measured without it."""
    entry_point: str | None = None
    """The name of the function or method that the completion has to supply."""
    description: str | None = None
    """What is asked for, in words."""
    split: str | None = None
    """`train` or `heldout`; a task is trained on only when its split is not `heldout`."""
    path: str | None = None
    """The file that the program stands in, within its project."""
    project: str | None = None
    """The project that the file belongs to."""
    source: str | None = None
    """Where the task comes from."""
    licence: str | None = None
    """Under what licence."""

    @property
    def context(self) -> str:
        """What the compiler sees before the completion: `prefix`, or else the prompt."""
        return self.prompt if self.prefix is None else self.prefix

    @property
    def stands_in_file(self) -> bool:
        """Whether the completion is a part of a project's file, with other code after it."""
        return self.path is not None and bool(self.suffix)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a policy wrote after a task's prompt."""

    task_id: str
    completion: str
    language: str | None = None
    """When given, it must be the task's language."""
    finished: bool | None = None
    """Whether the program came to its end; `False`: cut at the limit of tokens, or by the model. `None`: not known."""


@dataclass(frozen=True, slots=True)
class Program:
    """What the compiler sees, and which part of it the policy wrote. `of` is the one place that joins texts."""

    source: str
    start: int = 0
    """Where the completion starts, in characters of `source`."""
    end: int | None = None
    """Where the completion ends, in characters of `source`; `None`: at the end."""
    test_start: int | None = None
    """Where the test starts, in characters of `source`; `None`: there is none, or it is not known where."""
    path: str | None = None
    """The file that it stands in, within its project."""

    @classmethod
    def of(cls, task: Task, completion: str) -> Program:
        """The program that `completion` makes of `task`, without the test."""
        start = len(task.context)
        return cls(task.context + completion + task.suffix, start, start + len(completion), path=task.path)

    def with_test(self, test: str) -> Program:
        """The program followed by a test, as it is run."""
        return replace(self, source=self.source + test, test_start=len(self.source))

    @property
    def completion(self) -> str:
        """The part that the policy wrote."""
        return self.source[self.start : self.end]

    def in_completion(self, diagnostic: Diagnostic) -> Diagnostic | None:
        """The diagnostic with line, column and offset counted from where the completion starts.

        `None` where it stands before the completion, after it, or nowhere. The position right after the last character
        counts as inside, for that is where a missing token is reported.
        """
        if diagnostic.offset is None or not self.start <= diagnostic.offset <= self.start + len(self.completion):
            return None
        offset = diagnostic.offset - self.start
        lines_before = LINE_END.split(self.completion[:offset])
        return replace(diagnostic, line=len(lines_before), column=len(lines_before[-1]) + 1, offset=offset)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message of a compiler. Decide on `code`; `message` is for people."""

    code: str
    """Stable key of the message, such as `compiler.err.cant.resolve.location`."""
    severity: Severity
    message: str
    line: int
    """From 1; 0 where the compiler names no place."""
    column: int
    """From 1, in characters; 0 where the compiler names no place."""
    offset: int | None = None
    """From 0, in characters of the source given; `None` where the compiler names no place."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The backward slice of what a method returns, throws and changes outside itself (Weiser, 1981).

    A statement is in the slice when the method's outcome depends on what it computes or decides. In doubt it is.
    """

    statements: int
    """How many statements are in the slice."""
    parameters: tuple[str, ...]
    """Parameters that a statement of the slice reads or changes, in order."""
    outside: bool
    """Whether a statement of the slice reads or changes something that is neither a parameter nor a local variable."""
    computes: bool
    """Whether a statement of the slice does more than hand on a literal or a variable, or throw."""


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What the compiler's own syntax tree says of one method that has a body."""

    name: str
    offset: int
    """Where the body's opening brace stands, in characters of the source, from 0."""
    statements: int
    """Statements in the body at any depth; blocks and empty statements are not counted."""
    parameters: tuple[str, ...]
    """Their names, in order."""
    parameters_read: tuple[str, ...]
    """Those that the body reads, in the same order; told by name."""
    returns_literal: bool
    """The body is one `return` of a literal (also negated or in parentheses)."""
    calls: tuple[str, ...] = ()
    """Names of the methods called, each once, in the order of the first call; constructors are not among them."""
    nesting: int = 0
    """The greatest number of control statements (branches, loops, `try` and the like) that enclose one statement; an
    `else if` does not count as nested in its `if`."""
    slice: Slice | None = None
    """`None` where the language gives none, or the compiler did not get so far: then all statements count."""

    @property
    def size(self) -> int:
        """Statements that count: those of the slice, or all where there is no slice."""
        return self.statements if self.slice is None else self.slice.statements

    @property
    def trivial(self) -> bool:
        """Whether the outcome depends on nothing, or on at most one statement that reads no parameter.

        A method without parameters is trivial when it computes nothing, so that it amounts to a literal at most.
        """
        found = self.slice
        if found is None:
            unrelated = not self.parameters_read if self.parameters else self.returns_literal
            return self.statements == 0 or (self.statements == 1 and unrelated)
        if not self.parameters:
            return not found.outside and not found.computes
        return not found.parameters and (found.statements <= 1 or not found.outside)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a language's compiler says of one program."""

    status: VerdictStatus
    diagnostics: tuple[Diagnostic, ...] = ()
    """In the compiler's order."""
    methods: tuple[MethodFacts, ...] | None = None
    """Facts of the methods with a body, in source order; `None` where they are not known, as those of most programs
    that are rejected."""
    types: tuple[str, ...] | None = None
    """Names of the classes and other types declared, at any depth, in source order; `None` where not known."""

    @property
    def accepted(self) -> bool:
        return self.status == "accepted"

    def written(self, task: Task) -> tuple[MethodFacts, ...] | None:
        """The method that `task` asks for: the one whose body its context opens, whatever other methods there are.

        Where the context opens none, the methods called `task.entry_point`; where there is no such name either, all
        that begin after the context. `None` where the methods are not known.
        """
        if self.methods is None:
            return None
        end = len(task.context.rstrip())
        opened = tuple(m for m in self.methods if m.offset == end - 1)
        named = tuple(m for m in self.methods if m.name == task.entry_point)
        return opened or named or tuple(m for m in self.methods if m.offset >= end)

    def trivial(self, task: Task) -> bool | None:
        """Whether an accepted program does nothing with what it is given; `None` where its methods are not known.

        A program in which nothing was `written` is trivial; one that is not accepted is not.
        """
        if not self.accepted:
            return False
        written = self.written(task)
        return None if written is None else all(m.trivial for m in written)

    def statements(self, task: Task) -> int | None:
        """Statements that count in what was `written`; `None` where that is not known."""
        written = self.written(task)
        return None if written is None else sum(m.size for m in written)


@dataclass(frozen=True, slots=True)
class Execution:
    """What happened when a program was compiled and run together with its test."""

    status: ExecutionStatus
    """`failed`: its test said no. `error`: it died of anything else. `rejected`: it did not compile."""
    detail: str = ""
    """One line for people: the exception, the diagnostic."""
    seconds: float = 0.0
    """Wall time of the run, compiling not counted."""
    verdict: Verdict | None = None
    """The compiler's, on the program with its test."""

    @classmethod
    def not_run(cls, verdict: Verdict) -> Execution:
        """That of a program that the compiler did not accept."""
        if verdict.status == "timeout":
            return cls("timeout", "the compiler did not come to an end")
        first = next((d for d in verdict.diagnostics if d.severity == "error"), None)
        return cls("rejected", f"line {first.line}: {first.message.partition(chr(10))[0]}" if first else "")

    @property
    def compiled(self) -> bool:
        return self.status != "rejected"

    @property
    def executed(self) -> bool:
        return self.status in ("passed", "failed")

    @property
    def passed(self) -> bool:
        return self.status == "passed"


@dataclass(frozen=True, slots=True)
class Constants:
    """What stands in the text of a task: good values for inputs."""

    numbers: tuple[int | float, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrivenRun:
    """A program whose method is to be called on generated inputs.

    The input of a number is the same value for all programs of a task, given the same constants and seed, whatever
    other numbers are asked for. The first inputs are small; they grow with their number.
    """

    task: Task
    completion: str
    inputs: tuple[int, ...]
    """The numbers of the inputs, in the order of the calls."""
    constants: Constants = Constants()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """What a method does with one input."""

    status: CallStatus
    """`threw`: an exception that the program throws by itself; `failed`: any other. `unknown`: what it returned cannot
    be compared. `unreached`: the program had ended, or had no time left."""
    given: str = ""
    """The input as a list in JSON, the list of the arguments last; the same text for the same input."""
    outcome: str = ""
    """As an object in JSON, of `returned` and `threw`: the `value`, or the kind of exception that it `threw`, how what
    it changed is `after` the call, and which of that it `handed` back. The same text for the same outcome. An object's
    members stand in `fields`."""
    seconds: float = 0.0

    @property
    def known(self) -> bool:
        """Whether there is an outcome to compare."""
        return self.status in ("returned", "threw")


@dataclass(frozen=True, slots=True)
class Driven:
    """What came of a `DrivenRun`."""

    calls: tuple[Call, ...]
    """One for each input, in the same order."""
    reason: str | None = None
    """Why the method cannot be driven at all: then all calls are `unreached`."""
    starved: bool = False
    """Whether the machine was too busy to give the program its time, also when it was driven again, alone: what is
    `unreached` then says nothing of the program."""


@dataclass(frozen=True, slots=True)
class Score:
    """What the grounding function says of one completion."""

    reward: float | None
    """In −1 … 1; `None` when the completion could not be scored (a tool failed): mask it, never count it."""
    verdict: Verdict | None = None
    """`None` when the checker failed."""
    preference: float | None = None
    """The judge's g in −1 … 1, the program against the reference; `None` where it was not asked."""
    trivial: bool | None = None
    """Accepted, and does nothing with what it is given (`Verdict.trivial`); `None` where that is not known."""
    components: Mapping[str, float | None] = field(default_factory=dict)
    """What each component of the reward gave, by its name; `None` where it had nothing to say, or its tool failed."""
