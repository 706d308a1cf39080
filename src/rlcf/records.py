"""The records that flow through rlcf: frozen, typed, documented once, here.

Data flows one way: a `Task` and a `Completion` make a `Program`; a checker gives its `Verdict`, a runner its
`Execution`; the grounding function turns the verdict and a discriminator's preference into a `GroundingScore`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

VerdictStatus = Literal["accepted", "rejected", "timeout"]
ExecutionStatus = Literal["passed", "failed", "error", "timeout", "memory", "rejected"]
Severity = Literal["error", "warning", "note"]

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Task:
    """A text to complete, and what is known of the right answer. Field names are those of HumanEval and MBXP."""

    task_id: str
    """Unique within its task file."""
    prompt: str
    """The program's beginning, given to the policy: imports, class header, Javadoc, signature."""
    language: str = "java"
    """A name in the language registry."""
    canonical_solution: str | None = None
    """The reference, as a completion: `prompt + canonical_solution` is a whole program."""
    test: str | None = None
    """Source that stands behind the program when it is run."""
    entry_point: str | None = None
    """The name of the function or method that the completion has to supply."""
    description: str | None = None
    """What is asked for, in words."""
    split: str | None = None
    """`train` or `heldout`; a task is trained on only when its split is not `heldout`."""
    source: str | None = None
    """Where the task comes from."""
    licence: str | None = None
    """Under what licence."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a policy wrote behind a task's prompt."""

    task_id: str
    completion: str
    language: str | None = None
    """When given, it must be the task's language."""
    finished: bool | None = None
    """Whether the program came to its end; `False`: cut at the limit of tokens. `None` where it is not known."""


@dataclass(frozen=True, slots=True)
class Program:
    """What the compiler sees, and which part of it the policy wrote."""

    source: str
    prompt_length: int = 0
    """Characters of `source` that are the task's prompt: the completion starts there."""

    @classmethod
    def of(cls, task: Task, completion: str) -> Program:
        """The program that `completion` makes of `task`."""
        return cls(task.prompt + completion, len(task.prompt))

    @property
    def completion(self) -> str:
        """The part that the policy wrote."""
        return self.source[self.prompt_length :]

    def in_completion(self, diagnostic: Diagnostic) -> Diagnostic | None:
        """The diagnostic with line, column and offset counted from where the completion starts.

        `None` where it stands in the prompt, or nowhere.
        """
        if diagnostic.offset is None or diagnostic.offset < self.prompt_length:
            return None
        offset = diagnostic.offset - self.prompt_length
        before = LINE_END.split(self.completion[:offset])
        return replace(diagnostic, line=len(before), column=len(before[-1]) + 1, offset=offset)


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
class Outcome:
    """What the outcome of a method depends on: all it returns, throws and changes beyond itself.

    Statements *count* when the outcome depends on them, by what they compute or by what they decide. In doubt they do.
    """

    statements: int
    """How many count."""
    parameters: tuple[str, ...]
    """Those that a statement that counts reads or changes, in order."""
    outside: bool
    """Whether one of these statements reads or changes something that is no parameter and no local variable."""
    computes: bool
    """Whether one of these statements does more than hand on a literal or a variable, or throw."""


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
    """The greatest number of control statements (branches, loops, `try` and their like) that one statement stands
    in; an `else if` stands beside its `if`."""
    outcome: Outcome | None = None
    """`None` where the language does not tell, or the compiler did not get so far: then all statements count."""

    @property
    def size(self) -> int:
        """Statements that count."""
        return self.statements if self.outcome is None else self.outcome.statements

    @property
    def trivial(self) -> bool:
        """The outcome depends on nothing, or on one statement at most, and that reads no parameter.

        Without parameters: nothing is computed, so that it comes to a literal at most.
        """
        found = self.outcome
        if found is None:
            alone = not self.parameters_read if self.parameters else self.returns_literal
            return self.statements == 0 or (self.statements == 1 and alone)
        if not self.parameters:
            return not found.outside and not found.computes
        return not found.parameters and (found.statements <= 1 or not found.outside)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a language's compiler says of one program."""

    status: VerdictStatus
    diagnostics: tuple[Diagnostic, ...] = ()
    """In the compiler's order."""
    methods: tuple[MethodFacts, ...] = ()
    """Facts of the methods with a body, in source order; empty when the program could not be parsed far enough."""
    types: tuple[str, ...] = ()
    """Names of the classes and other types declared, at any depth, in source order."""

    @property
    def accepted(self) -> bool:
        return self.status == "accepted"

    def written(self, task: Task) -> tuple[MethodFacts, ...]:
        """The method that `task` asks for: the one whose body the prompt opens, whatever stands beside it.

        Where the prompt opens none, the methods called `task.entry_point`; where there is no such name either, all
        that begin behind the prompt.
        """
        end = len(task.prompt.rstrip())
        opened = tuple(m for m in self.methods if m.offset == end - 1)
        named = tuple(m for m in self.methods if m.name == task.entry_point)
        return opened or named or tuple(m for m in self.methods if m.offset >= end)

    def trivial(self, task: Task) -> bool:
        """Whether an accepted program does nothing with what it is given: what was `written` is trivial."""
        return self.accepted and all(m.trivial for m in self.written(task))

    def statements(self, task: Task) -> int:
        """Statements that count in what was `written`."""
        return sum(m.size for m in self.written(task))


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
class GroundingScore:
    """What the grounding function says of one completion."""

    reward: float | None
    """In −1 … 1; `None` when the completion could not be scored (a tool failed): mask it, never count it."""
    verdict: Verdict | None = None
    """`None` when the checker failed."""
    preference: float | None = None
    """The discriminator's g in −1 … 1, the program against the reference; `None` where it was not asked."""
    trivial: bool = False
    """Accepted, and does nothing with what it is given (`Verdict.trivial`)."""
