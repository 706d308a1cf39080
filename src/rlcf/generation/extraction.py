"""An instruct model's answer → the completion that follows the task's context.

An answer holds the program in many forms: whole, from the imports on; only the method; only its body; in a fence or
not; with an explanation before and after. The completion is what follows the repeated signature, up to the program's
end. What an answer left out because it stood in the question (the braces around the method) is supplied; nothing else
is repaired, and what stands before the signature is lost: a completion follows the context.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rlcf.languages.base import Language
from rlcf.records import Program, Task

_FENCE = re.compile(
    r"(?P<mark>(?<!`)`{3,}+|(?<!~)~{3,}+)[ \t]*(?P<label>[\w+#.-]*)[^`\n]*\n(?P<code>.*?)(?P<end>(?P=mark)|\Z)",
    re.DOTALL,
)
_STRAY_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[\w+#.-]*[ \t]*$", re.MULTILINE)
_QUOTED = re.compile(r"`[^`\n]*`")
_THOUGHT = "</think>"
_PROSE = re.compile(
    r"[ \t]*(?:[-*#>]+|\d+[.)])?[ \t]*[*_\"']*[A-Z](?:(?:[^;{}=]|; )*[.:!?][*_)\"']*|[\w' -]*(?: [\w'-]+){2})[ \t]*",
    re.DOTALL,
)
"""From a capital to the mark that ends a sentence, without signs that are frequent in code only; or plain words."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A part of the answer that may hold the program."""

    code: str
    fenced: bool
    complete: bool
    """It ends where the model ended it: at a closing fence, or with an answer that was not cut."""


def completion_of(answer: str, task: Task, language: Language, ended: bool = True) -> str:
    """The completion of `task` that `answer` holds; empty when there is none in it.

    Args:
        ended: the model ended its answer; `False` when it was cut at the limit of tokens.
    """
    labels = language.fence_labels or (language.name,)
    candidates = list(_candidates(_without_thoughts(answer.replace("\r\n", "\n")), labels, ended))
    for candidate in candidates:
        start = _after_signature(candidate.code, task)
        if start is not None and re.search(r"\w", candidate.code[start:]):
            return _from_program(candidate, start, task, language)
    if not candidates:
        return ""
    first = candidates[0]  # is the body alone, or follows the context word by word
    code = first.code if first.fenced else _without_prose(first.code)
    return _closed(code, code, first.complete, task, language)


def _without_thoughts(answer: str) -> str:
    if _THOUGHT not in answer and answer.lstrip().startswith("<think>"):
        return ""  # cut before the answer proper began
    return answer.rpartition(_THOUGHT)[2]


def _candidates(answer: str, labels: Sequence[str], ended: bool) -> Iterator[_Candidate]:
    """The fenced blocks, those of the language first and those of another last, then the text before them."""
    blocks = list(_FENCE.finditer(answer))
    rank = dict.fromkeys(labels, 0) | {"": 1}
    for block in sorted(blocks, key=lambda b: rank.get(b["label"].lower(), 2)):
        if _without_prose(block["code"]):
            yield _Candidate(block["code"], True, ended or bool(block["end"]))
    before = _STRAY_FENCE.sub("", answer[: blocks[0].start()] if blocks else answer)
    if _without_prose(before):
        yield _Candidate(before, False, ended)


def _from_program(candidate: _Candidate, start: int, task: Task, language: Language) -> str:
    """What follows the repeated signature, which ends at `start`."""
    code, first = candidate.code, _first_repeated(candidate.code, start, task)
    own_end = language.program_end(code[first:start], code[start:])
    if candidate.fenced or own_end is None:
        return _closed(code[start:], code[first:], candidate.complete, task, language)
    end = start + own_end  # an explanation may follow
    return _closed(code[start:end], code[first:end], True, task, language)


def _closed(completion: str, code: str, complete: bool, task: Task, language: Language) -> str:
    """`completion` up to the program's end; where `code` closes all that it opens, with what the context left open."""
    space = task.context[len(task.context.rstrip()) :]
    completion = completion.removeprefix(space) if completion.strip() else ""
    end = language.program_end(task.context, completion, task.suffix)
    if end is not None:
        return completion[:end]
    missing = language.closing(Program.of(task, completion).source)
    if missing and complete and completion and not language.closing(code):
        return f"{completion.rstrip()}\n{missing}\n"
    return completion


def _after_signature(code: str, task: Task) -> int | None:
    """Where the repeated signature ends: that of the context but for white space, else any with the same name."""
    match = re.search(_spaced(_signature(task)), code)
    if match is None and task.entry_point:
        opening = re.escape(task.context.rstrip()[-1:])
        header = rf"\b{re.escape(task.entry_point)}\s*\((?:[^()]|\([^()]*\))*\)[^;(){{}}=!&|?]*?{opening}"
        match = re.search(header, code)
    return match.end() if match else None


def _signature(task: Task) -> str:
    """The end of the context, from the line that names the entry point (or else the last line with a word) on."""
    name = rf"\b{re.escape(task.entry_point)}\b" if task.entry_point else r"\w"
    lines = task.context.rstrip().splitlines()
    for start in reversed(range(len(lines))):
        if re.search(name, lines[start]):
            return "\n".join(lines[start:])
    return task.context


def _first_repeated(code: str, end: int, task: Task) -> int:
    """Where the answer begins to repeat the context: an explanation before it is not part of the code."""
    known = {_bare(line) for line in task.context.splitlines()} - {""}
    start = 0
    for line in code[:end].splitlines(keepends=True):
        if _bare(line) in known:
            return start
        start += len(line)
    return code.rfind("\n", 0, end) + 1


def _without_prose(text: str) -> str:
    """`text` without the sentences before and after the code; empty when there is nothing else."""
    parts = re.split(r"(\n[ \t]*\n)", text)
    lines = "".join(_trimmed(parts, step=2)).splitlines(keepends=True)
    return "".join(_trimmed(lines, step=1))


def _trimmed(parts: list[str], step: int) -> list[str]:
    """`parts` without those that are prose at either end; only every `step`-th counts, the rest stands between them."""
    while parts and _is_prose(parts[0]):
        parts = parts[step:]
    while parts and _is_prose(parts[-1]):
        parts = parts[:-step]
    return parts


def _is_prose(text: str) -> bool:
    plain = _QUOTED.sub("it", text.strip())
    return not plain or _PROSE.fullmatch(plain[0].upper() + plain[1:] if text.strip()[0] == "`" else plain) is not None


def _bare(line: str) -> str:
    return "".join(line.split())


def _spaced(text: str) -> str:
    """A pattern for `text` with any white space, or none, between its words and signs."""
    return r"\s*".join(re.escape(token) for token in re.findall(r"\w+|[^\w\s]", text))
