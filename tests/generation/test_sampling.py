"""Sampling tasks into a file: its order, what an interruption leaves, and how tasks are put to the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlcf.config.recipe import FimMode
from rlcf.errors import ConfigError, DataError
from rlcf.generation.engine import SamplingParams
from rlcf.generation.extraction import completion_of
from rlcf.generation.prompts import Prompting
from rlcf.generation.samples import sampled_tokens
from rlcf.generation.sampling import sample_tasks
from rlcf.generation.stopping import answer_stop
from rlcf.generation.torch_engine import TorchEngine
from rlcf.languages.registry import load_language
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.storage.atomic import write_json
from rlcf.storage.jsonl import read_json, read_jsonl
from tests.fim_tokenizers import tiny_fim_policy
from tests.languages.python_language import Python
from tests.tiny import PROMPT, tiny_policy

JAVA = load_language("java")
TASKS = [
    Task("short", "class A { static int f "),
    Task("long", PROMPT + "a + a + "),
    Task("middle", PROMPT, entry_point="f"),
]
PARAMS = SamplingParams(max_new_tokens=8, batch_size=4)
TEMPLATE = "{% for m in messages %}{{ m['content'] }} {% if m['role'] == 'assistant' %}<pad> {% endif %}{% endfor %}"


class Cutting:
    """Interrupts the run at a call."""

    def __init__(self, cut_at: int | None = None) -> None:
        self.cut_at = cut_at
        self.calls: list[tuple[int, int]] = []

    def on_progress(self, done: int, tokens: int) -> None:
        self.calls.append((done, tokens))
        if len(self.calls) == self.cut_at:
            raise KeyboardInterrupt


def _sample(out: Path, listener: Cutting | None = None, samples: int = 3, **more: Any) -> list[dict[str, Any]]:
    given = {
        "policy": tiny_policy(),
        "languages": {"java": load_language("java")},
        "tasks": TASKS,
        "params": PARAMS,
        "seed": 1,
        **more,
    }
    on_progress = (listener or Cutting()).on_progress
    return sample_tasks(TorchEngine(given["policy"]), samples=samples, out=out, on_progress=on_progress, **given)


def test_samples_of_tasks_in_two_languages_are_those_that_each_language_draws_by_itself(tmp_path: Path) -> None:
    python = [replace(t, task_id=f"{t.task_id}, python", language="python") for t in TASKS]
    languages = {name: load_language(name) for name in ("java", "python")}
    mixed = [task for pair in zip(TASKS, python, strict=True) for task in pair]
    cut = Cutting(9)
    with pytest.raises(KeyboardInterrupt):
        _sample(tmp_path / "mixed.jsonl", cut, tasks=mixed, languages=languages)
    rows = _sample(tmp_path / "mixed.jsonl", tasks=mixed, languages=languages)
    assert [r["task_id"] for r in rows] == [t.task_id for t in mixed for _ in range(3)]
    for tasks in (TASKS, python):
        alone = _sample(tmp_path / f"{tasks[0].language}.jsonl", tasks=tasks, languages=languages)
        assert [r for r in rows if r["language"] == tasks[0].language] == alone


@pytest.mark.parametrize("samples", [1, 3, 9])
def test_the_file_holds_the_samples_of_each_task_in_task_order(tmp_path: Path, samples: int) -> None:
    """Nine samples of a task are more than a batch of four holds."""
    rows = _sample(tmp_path / "s.jsonl", samples=samples)
    assert rows == [row for _, row in read_jsonl(tmp_path / "s.jsonl")]
    assert [r["task_id"] for r in rows] == [t.task_id for t in TASKS for _ in range(samples)]
    prompts = {t.task_id: t.prompt for t in TASKS}
    for row in rows:
        assert row.keys() == {"task_id", "language", "completion", "tokens", "finished"}
        assert row["finished"] == (JAVA.program_end(prompts[row["task_id"]], row["completion"]) is not None)
    if samples == 9:
        assert {r["finished"] for r in rows} == {True, False}
        assert len({r["completion"] for r in rows if r["task_id"] == "middle"}) > 2


def test_the_longest_prompts_are_sampled_first(tmp_path: Path) -> None:
    out, whole = tmp_path / "s.jsonl", Cutting()
    _sample(tmp_path / "whole.jsonl", whole, samples=4)
    with pytest.raises(
        KeyboardInterrupt, match=r"^4 of \d+ samples are kept in .*jsonl; the same command goes on after"
    ):
        _sample(out, Cutting(cut_at=2 + whole.calls.index((4, 0))), samples=4)
    assert [row["task_id"] for _, row in read_jsonl(out)] == ["long"] * 4


def test_a_run_cut_anywhere_and_resumed_leaves_the_file_of_one_that_was_not(tmp_path: Path) -> None:
    whole = Cutting()
    _sample(tmp_path / "whole.jsonl", whole)
    expected = (tmp_path / "whole.jsonl").read_bytes()
    for cut_at in range(1, len(whole.calls) + 1, 3):
        out = tmp_path / f"cut-{cut_at}.jsonl"
        with pytest.raises(KeyboardInterrupt):
            _sample(out, Cutting(cut_at))
        kept, again = len(list(read_jsonl(out))), Cutting()
        _sample(out, again)
        assert out.read_bytes() == expected
        assert again.calls[0] == (kept, 0)


@pytest.mark.parametrize("kept", [0.1, 0.45, 0.8, 0.99])
def test_a_file_cut_in_the_middle_of_a_line_is_completed(tmp_path: Path, kept: float) -> None:
    out, limit = tmp_path / "s.jsonl", Cutting()
    expected = _sample(out, limit)
    with pytest.raises(KeyboardInterrupt):
        _sample(tmp_path / "drawn.jsonl", Cutting(cut_at=len(limit.calls)))
    drawn = (tmp_path / "drawn.jsonl").read_bytes()
    out.write_bytes(drawn[: int(len(drawn) * kept)])
    assert _sample(out) == expected


def test_a_finished_file_is_not_sampled_again(tmp_path: Path) -> None:
    first, again = _sample(tmp_path / "s.jsonl"), Cutting()
    assert _sample(tmp_path / "s.jsonl", again) == first
    assert {tokens for _, tokens in again.calls} == {0}
    assert again.calls[0] == (9, 0)


def test_a_batch_of_another_size_draws_the_same(tmp_path: Path) -> None:
    """A machine with less memory may go on with what another began."""
    expected = _sample(tmp_path / "s.jsonl")
    with pytest.raises(KeyboardInterrupt):
        _sample(tmp_path / "cut.jsonl", Cutting(cut_at=12))
    assert _sample(tmp_path / "cut.jsonl", params=SamplingParams(max_new_tokens=8, batch_size=2)) == expected


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"seed": 2}, "seed"),
        ({"samples": 4}, "samples"),
        ({"tasks": TASKS[1:]}, "tasks"),
        ({"params": SamplingParams(max_new_tokens=9, temperature=0.5)}, "max_new_tokens, temperature"),
        ({"prompting": Prompting("class B { }")}, "few_shot"),
    ],
)
def test_a_file_that_was_sampled_in_another_way_is_refused(tmp_path: Path, more: dict[str, Any], named: str) -> None:
    _sample(tmp_path / "s.jsonl")
    with pytest.raises(ConfigError, match=f"was sampled with other values of {named}: name another file"):
        _sample(tmp_path / "s.jsonl", **more)


def test_settings_that_are_damaged_are_one_line(tmp_path: Path) -> None:
    _sample(tmp_path / "s.jsonl")
    (tmp_path / "s.jsonl.settings.json").write_text('{"model": ', encoding="utf-8")
    with pytest.raises(DataError, match=r"s\.jsonl\.settings\.json: not JSON") as caught:
        _sample(tmp_path / "s.jsonl")
    assert "\n" not in str(caught.value)


def test_the_prompt_is_shown_and_the_program_is_that_of_prefix_and_suffix(tmp_path: Path) -> None:
    shown: list[list[int]] = []
    policy = tiny_policy()
    policy.model.register_forward_pre_hook(
        lambda _, __, kwargs: shown.append(kwargs["input_ids"].tolist()), with_kwargs=True
    )
    task = Task("t", "static int f", prefix=PROMPT, suffix=" }")
    rows = _sample(tmp_path / "s.jsonl", policy=policy, tasks=[task], samples=32)
    assert shown[0] == [policy.tokenizer("static int f")["input_ids"]]
    ends = [JAVA.program_end(PROMPT, row["completion"], " }") for row in rows]
    found = [end for end, row in zip(ends, rows, strict=True) if end is not None and row["finished"]]
    assert found
    with pytest.raises(ConfigError, match="with other values of tasks"):
        _sample(tmp_path / "s.jsonl", policy=policy, tasks=[replace(task, suffix=" } }")], samples=32)


def test_a_language_without_closing_marks_stops_at_the_end_of_the_text(tmp_path: Path) -> None:
    rows = _sample(tmp_path / "s.jsonl", languages={"java": Python()}, samples=16)
    assert {row["finished"] for row in rows} == {True, False}
    assert all(row["finished"] for row in rows if row["tokens"] < 8)


def _settings(out: Path) -> dict[str, Any]:
    return dict(read_json(out.with_name(f"{out.name}.settings.json")))


def test_what_follows_the_completion_is_shown_where_the_tokenizer_has_marks_for_it(tmp_path: Path) -> None:
    policy, task = tiny_fim_policy(), Task("t", PROMPT, suffix=" static int g ( ) { return 1;}}")
    shown: list[list[int]] = []
    policy.model.register_forward_pre_hook(
        lambda _, __, kwargs: shown.append(kwargs["input_ids"][0].tolist()), with_kwargs=True
    )
    rows = _sample(tmp_path / "s.jsonl", policy=policy, tasks=[task], samples=64)
    assert policy.tokenizer.convert_ids_to_tokens(shown[0]) == [
        *("<|fim_prefix|>", *PROMPT.split(), "<|fim_suffix|>"),
        *(word if word in policy.tokenizer.get_vocab() else "<eos>" for word in task.suffix.split()),
        "<|fim_middle|>",
    ]
    assert not any("<|" in row["completion"] for row in rows)
    finished = [row for row in rows if row["finished"]]
    assert finished
    assert any("}}" in row["completion"] or row["tokens"] < 8 for row in finished)
    assert _settings(tmp_path / "s.jsonl")["fim"] is True


@pytest.mark.parametrize(("first", "second"), [("auto", "off"), ("off", "auto")])
def test_a_file_is_not_gone_on_with_when_what_follows_is_shown_no_longer(
    tmp_path: Path, first: FimMode, second: FimMode
) -> None:
    given = {"policy": tiny_fim_policy(), "tasks": [Task("t", PROMPT, suffix=" }")]}
    _sample(tmp_path / "s.jsonl", prompting=Prompting(fim=first), **given)
    with pytest.raises(ConfigError, match="was sampled with other values of fim: name another file"):
        _sample(tmp_path / "s.jsonl", prompting=Prompting(fim=second), **given)


@pytest.mark.parametrize(
    ("policy", "suffix"),
    [(tiny_policy, " }"), (tiny_fim_policy, ""), (tiny_fim_policy, "\n")],
    ids=["no_marks", "no_suffix", "blank_suffix"],
)
def test_where_nothing_is_shown_that_follows_files_of_older_versions_are_gone_on_with(
    tmp_path: Path, policy: Callable[[], Policy], suffix: str
) -> None:
    out, given = tmp_path / "s.jsonl", {"policy": policy(), "tasks": [Task("t", PROMPT, suffix=suffix)]}
    rows = _sample(out, **given)
    settings = _settings(out)
    assert settings.pop("fim") is None
    write_json(out.with_name("s.jsonl.settings.json"), settings)
    assert _sample(out, **given) == rows
    assert _sample(out, prompting=Prompting(fim="off"), **given) == rows


def test_a_file_from_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="was not sampled by rlcf"):
        _sample(tmp_path / "s.jsonl")


def test_solved_examples_are_read_before_each_prompt_and_do_not_end_the_program(tmp_path: Path) -> None:
    """The examples leave a brace open: were they a part of the program, none would end where it does."""
    examples = "class A { static int f ( int a ) { return a;}} class A {\n"
    shown: list[int] = []
    policy = tiny_policy()
    policy.model.register_forward_pre_hook(
        lambda _, __, kwargs: shown.append(int(kwargs["attention_mask"].sum(-1).max())), with_kwargs=True
    )
    rows = _sample(tmp_path / "s.jsonl", policy=policy, samples=9, prompting=Prompting(examples))
    assert shown[0] == len(examples.split()) + len(TASKS[1].prompt.split())
    finished = [r for r in rows if r["finished"] and r["task_id"] == "middle"]
    assert finished
    assert all(JAVA.program_end(PROMPT, r["completion"]) == len(r["completion"]) for r in finished)


def test_a_prompt_that_does_not_fit_into_the_context_is_one_line_that_names_its_task(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"task 'short': 3000 tokens of prompt and up to 8 new .* context of 2048"):
        _sample(tmp_path / "s.jsonl", prompting=Prompting("class " * 2994))
    assert not list(tmp_path.iterdir())


def test_a_model_without_a_chat_template_is_refused_with_chat(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no chat template: leave out --chat"):
        _sample(tmp_path / "s.jsonl", prompting=Prompting(chat=True))


def test_an_answer_is_kept_beside_the_completion_taken_out_of_it(tmp_path: Path) -> None:
    policy = tiny_policy()
    policy.tokenizer.chat_template = TEMPLATE
    rows = _sample(tmp_path / "s.jsonl", policy=policy, samples=9, prompting=Prompting(chat=True))
    middle = [r for r in rows if r["task_id"] == "middle"]
    assert len({r["answer"] for r in middle}) > 2
    for row in middle:
        ended = row["tokens"] < PARAMS.max_new_tokens
        assert row["completion"] == completion_of(row["answer"], TASKS[2], JAVA, ended)
        assert row["finished"] == (JAVA.program_end(PROMPT, row["completion"]) is not None)


def test_an_answer_ends_with_the_turn_as_the_template_writes_it() -> None:
    policy = tiny_policy()
    policy.tokenizer.chat_template = TEMPLATE
    assert answer_stop(policy).end_ids == {0, 1}


def test_the_built_in_model_answers_through_its_chat_template(tmp_path: Path, builtin_model: str) -> None:
    task = Task("t", "class A {\n    static int twice(int a) {\n", entry_point="twice")
    policy = Policy.load_for_sampling(builtin_model)
    params, out = SamplingParams(max_new_tokens=64, temperature=0.0), tmp_path / "s.jsonl"
    engine, languages = TorchEngine(policy), {"java": load_language("java")}
    [row] = sample_tasks(engine, policy, languages, [task], 1, params, 0, out, prompting=Prompting(chat=True))
    assert "```" in row["answer"]
    assert "twice(int a) {" in row["answer"]
    assert row["completion"].lstrip().startswith("return")
    assert row["finished"]


def test_lengths_are_known_of_samples_and_not_of_a_file_from_elsewhere(tmp_path: Path) -> None:
    rows = _sample(tmp_path / "s.jsonl")
    assert sampled_tokens(tmp_path / "s.jsonl") == [r["tokens"] for r in rows]
    (tmp_path / "other.jsonl").write_text('{"task_id": "short", "completion": "}"}\n', encoding="utf-8")
    assert sampled_tokens(tmp_path / "other.jsonl") is None
    assert Counter(r["task_id"] for r in rows) == {"short": 3, "long": 3, "middle": 3}


@pytest.mark.parametrize("tokens", ['"five"', "-5", "true"])
def test_a_length_that_is_no_number_of_tokens_is_one_line(tokens: str, tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text(f'{{"task_id": "a", "completion": "", "tokens": {tokens}}}\n')
    with pytest.raises(DataError, match=r"s.jsonl:1: 'tokens' must be a number of tokens, found"):
        sampled_tokens(tmp_path / "s.jsonl")
