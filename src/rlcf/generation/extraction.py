"""An instruct model's answer → the completion that continues the task's prompt.

An answer holds the program in many ways: whole, from the imports on; only the method; only its body; in a fence or not;
with an explanation before and behind. What is taken is what stands behind the repeated signature, up to the program's
end. What an answer left out because it stood in the question (the braces around the method) is supplied; nothing else
is repaired, and what stands before the signature cannot be kept: a completion comes behind the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rlcf.languages.base import Language
from rlcf.records import Task

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
    """Its end is where the model meant it to be: a closed fence, or an answer that was not cut."""


def completion_of(answer: str, task: Task, language: Language, ended: bool = True) -> str:
    """The completion of `task` that `answer` holds; empty when there is none in it.

    Args:
        ended: the model ended its answer; `False` when it was cut at the limit of tokens.
    """
    candidates = list(_candidates(_without_thoughts(answer.replace("\r\n", "\n")), language.name, ended))
    for candidate in candidates:
        behind = _behind_signature(candidate.code, task)
        if behind is not None and re.search(r"\w", candidate.code[behind:]):
            return _from_program(candidate, behind, task, language)
    return _from_body(candidates[0], task, language) if candidates else ""


def _without_thoughts(answer: str) -> str:
    if _THOUGHT not in answer and answer.lstrip().startswith("<think>"):
        return ""  # cut before the answer proper began
    return answer.rpartition(_THOUGHT)[2]


def _candidates(answer: str, label: str, ended: bool) -> Iterator[_Candidate]:
    """The fenced blocks, those of the language first and those of another last, then the text before them."""
    blocks = list(_FENCE.finditer(answer))
    rank = {label: 0, "": 1}
    for block in sorted(blocks, key=lambda b: rank.get(b["label"].lower(), 2)):
        if _without_prose(block["code"]):
            yield _Candidate(block["code"], True, ended or bool(block["end"]))
    before = _STRAY_FENCE.sub("", answer[: blocks[0].start()] if blocks else answer)
    if _without_prose(before):
        yield _Candidate(before, False, ended)


def _from_program(candidate: _Candidate, behind: int, task: Task, language: Language) -> str:
    """What stands behind the repeated signature, which ends at `behind`."""
    start, code = _first_repeated(candidate.code, behind, task), candidate.code
    own_end = language.program_end(code[start:behind], code[behind:])
    if candidate.fenced or own_end is None:
        return _closed(code[behind:], code[start:], candidate.complete, task, language)
    end = behind + own_end  # what follows may be an explanation
    return _closed(code[behind:end], code[start:end], True, task, language)


def _from_body(candidate: _Candidate, task: Task, language: Language) -> str:
    """The candidate is taken for the body alone, or for what continues the prompt word by word."""
    code = candidate.code if candidate.fenced else _without_prose(candidate.code)
    return _closed(code, code, candidate.complete, task, language)


def _closed(completion: str, code: str, complete: bool, task: Task, language: Language) -> str:
    """`completion` up to the program's end; where `code` closes all that it opens, with what the prompt left open."""
    space = task.prompt[len(task.prompt.rstrip()) :]
    completion = completion.removeprefix(space) if completion.strip() else ""
    end = language.program_end(task.prompt, completion)
    if end is not None:
        return completion[:end]
    missing = language.closing(task.prompt + completion)
    if missing and complete and completion and not language.closing(code):
        return f"{completion.rstrip()}\n{missing}\n"
    return completion


def _behind_signature(code: str, task: Task) -> int | None:
    """Where the repeated signature ends: as the prompt has it but for white space, else any of that name."""
    match = re.search(_spaced(_signature(task)), code)
    if match is None and task.entry_point:
        opening = re.escape(task.prompt.rstrip()[-1:])
        header = rf"\b{re.escape(task.entry_point)}\s*\((?:[^()]|\([^()]*\))*\)[^;(){{}}=!&|?]*?{opening}"
        match = re.search(header, code)
    return match.end() if match else None


def _signature(task: Task) -> str:
    """The prompt's end, from the line that names the entry point (or else the last line with a word in it) on."""
    name = rf"\b{re.escape(task.entry_point)}\b" if task.entry_point else r"\w"
    lines = task.prompt.rstrip().splitlines()
    for start in reversed(range(len(lines))):
        if re.search(name, lines[start]):
            return "\n".join(lines[start:])
    return task.prompt


def _first_repeated(code: str, behind: int, task: Task) -> int:
    """Where the answer begins to repeat the prompt: an explanation before it does not count as code."""
    known = {_bare(line) for line in task.prompt.splitlines()} - {""}
    start = 0
    for line in code[:behind].splitlines(keepends=True):
        if _bare(line) in known:
            return start
        start += len(line)
    return code.rfind("\n", 0, behind) + 1


def _without_prose(text: str) -> str:
    """`text` without the sentences before and behind the code; empty when there is nothing else."""
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
