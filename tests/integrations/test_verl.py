"""The reward function as verl's reward workers load and call it."""

from __future__ import annotations

import asyncio
import importlib.util
import math
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rlcf.config import GroundingConfig
from rlcf.errors import CheckerUnavailable, ConfigError, DataError, UserError
from rlcf.grounding import Grounding
from rlcf.grounding.judge import Discriminator, Encoder
from rlcf.integrations import scoring, verl
from rlcf.languages import registry
from rlcf.records import Completion, Score, Task
from rlcf.tasks.builtin import load_builtin

TASKS = load_builtin("builtin:java")[:3]
ROWS = [verl.verl_row(task) for task in TASKS]
GOOD, BAD = {"score": 1.0, "compile": 1.0, "trivial": 0.0}, {"score": -1.0, "compile": 0.0, "trivial": 0.0}


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    scoring.close_all()


@pytest.fixture
def module(jdk: None) -> Iterator[ModuleType]:
    """The file, loaded as verl loads `custom_reward_function.path`: under a name of its own."""
    spec = importlib.util.spec_from_file_location("custom_module", str(verl.__file__))
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules["custom_module"] = loaded
    spec.loader.exec_module(loaded)
    yield loaded
    del sys.modules["custom_module"]


def _arguments(row: dict[str, Any], text: str | None = None) -> dict[str, Any]:
    """What verl's `naive` manager passes, with what it adds to a row's `extra_info` on the way."""
    truth = row["reward_model"]["ground_truth"]
    return {
        "data_source": row["data_source"],
        "solution_str": truth if text is None else text,
        "ground_truth": truth,
        "extra_info": row["extra_info"] | {"num_turns": None, "rollout_reward_scores": {}},
    }


def _score(*calls: dict[str, Any], **reward_kwargs: Any) -> list[dict[str, float]]:
    """The calls of one reward worker: all at once, in one event loop."""

    async def gather() -> list[dict[str, float]]:
        return await asyncio.gather(*(verl.compute_score(**call, **reward_kwargs) for call in calls))

    return asyncio.run(gather())


def test_a_rollout_is_scored_up_to_its_programs_end(module: ModuleType) -> None:
    """verl binds `reward_kwargs` with `functools.partial`, and awaits what is then still a coroutine function."""
    compute_score = partial(module.compute_score, workers=1)
    assert asyncio.iscoroutinefunction(compute_score)
    reference = TASKS[0].canonical_solution or ""
    assert asyncio.run(compute_score(**_arguments(ROWS[0], "\n" + reference + "\nand then some"))) == GOOD
    assert asyncio.run(compute_score(**_arguments(ROWS[0], "nonsense"), reward_router_address="x")) == BAD


@pytest.mark.usefixtures("jdk")
def test_a_text_around_the_completion_comes_back_from_the_row() -> None:
    task = Task("t", "Return 1.", prefix="class A {\n    int f() {", suffix="\n    int g() { return f(); }\n}")
    [inside, outside] = _score(
        _arguments(verl.verl_row(task), " return 1; } and then some"),
        _arguments(verl.verl_row(replace(task, suffix="")), " return 1; } and then some"),
    )
    assert (inside["compile"], outside["compile"]) == (1.0, 0.0)


@pytest.mark.usefixtures("jdk")
def test_calls_are_gathered_into_batches_and_answered_each_with_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    score = Grounding.score

    def counted(self: Grounding, tasks: Sequence[Task], texts: Sequence[Completion | str]) -> list[Score]:
        sizes.append(len(tasks))
        return score(self, tasks, texts)

    monkeypatch.setattr(Grounding, "score", counted)
    calls = [_arguments(row, text) for row in ROWS for text in (None, "no") * 4]
    assert _score(*calls) == [GOOD, BAD] * 12
    assert sum(sizes) == 24
    assert len(sizes) < 6


@pytest.mark.usefixtures("jdk")
def test_many_threads_with_event_loops_of_their_own_share_one_set_of_compilers() -> None:
    calls = [_arguments(row, text) for row in ROWS for text in (None, "no") * 4]
    with ThreadPoolExecutor(8) as threads:
        rewards = list(threads.map(lambda call: _score(call)[0], calls))
    assert rewards == [GOOD, BAD] * 12
    assert len(scoring._scorers) == 1


@pytest.mark.usefixtures("jdk")
def test_a_call_that_is_cancelled_leaves_the_others_of_its_batch_alone() -> None:
    async def cancel_one() -> list[Any]:
        calls = [asyncio.create_task(verl.compute_score(**_arguments(row))) for row in ROWS]
        await asyncio.sleep(0)
        calls[1].cancel()
        return await asyncio.gather(*calls, return_exceptions=True)

    first, cancelled, last = asyncio.run(cancel_one())
    assert (first, last) == (GOOD, GOOD)
    assert isinstance(cancelled, asyncio.CancelledError)


def _score_in_a_fork(_: int) -> list[dict[str, float]]:
    try:
        return _score(_arguments(ROWS[0]))
    finally:
        scoring.close_all()


@pytest.mark.usefixtures("jdk")
def test_a_forked_process_starts_its_own_compilers_and_leaves_its_parents_alone() -> None:
    assert _score(_arguments(ROWS[0], "no")) == [BAD]  # the parent's are running
    with get_context("fork").Pool(1) as pool:
        assert pool.map_async(_score_in_a_fork, [0]).get(60) == [[GOOD]]
    assert _score(_arguments(ROWS[1])) == [GOOD]


@pytest.mark.usefixtures("jdk")
def test_a_run_directory_makes_it_hybrid(tmp_path: Path, builtin_encoder: str) -> None:
    discriminator = Discriminator(Encoder.load(builtin_encoder))
    texts = ["        return null;\n    }\n}\n", "        return 0;\n    }\n}\n", TASKS[0].canonical_solution or ""]
    with Grounding(GroundingConfig(), discriminator) as grounding:
        grounding.save(tmp_path / "judge")
        expected = [s.reward for s in grounding.score([TASKS[0]] * 3, texts)]
    answers = _score(*(_arguments(ROWS[0], text) for text in texts), grounding=str(tmp_path))
    assert [a["score"] for a in answers] == pytest.approx(expected)
    assert [a["trivial"] for a in answers] == [0.0, 1.0, 0.0]
    assert answers[1]["score"] == pytest.approx(-0.9)


def test_a_reward_that_depends_on_the_batch_is_refused(tmp_path: Path, builtin_encoder: str) -> None:
    discriminator = Discriminator(Encoder.load(builtin_encoder))
    discriminator.calibration = "group_rank"
    Grounding(GroundingConfig(), discriminator).save(tmp_path)
    with pytest.raises(ConfigError, match="calibration 'group_rank' ranks whole groups"):
        _score(_arguments(ROWS[0]), grounding=str(tmp_path))


def test_triviality_that_is_not_known_is_nan_under_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a language whose checker says nothing of methods."""
    monkeypatch.setitem(registry.LANGUAGES, "python", "tests.languages.python_language:Python")
    row = verl.verl_row(Task("p", "def f():\n", language="python"))
    good, bad = _score(_arguments(row, "    return 1\n"), _arguments(row, "    return (\n"))
    assert list(good) == list(bad) == list(GOOD)
    assert math.isnan(good["trivial"])
    assert bad == BAD


def test_a_compiler_that_fails_is_tried_again_and_then_ends_the_run_and_is_no_reward(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[int] = []

    def fail(self: Grounding) -> None:
        tries.append(1)
        raise CheckerUnavailable("no JDK here")

    monkeypatch.setattr(Grounding, "_start_checker", fail)
    monkeypatch.setattr(scoring, "_PAUSES_S", (0.0,) * 3)
    with pytest.raises(CheckerUnavailable, match="a program could not be scored: see `rlcf doctor`"):
        _score(_arguments(ROWS[0], "x"))
    assert len(tries) == 3


@pytest.mark.usefixtures("jdk")
def test_a_compiler_that_fails_once_costs_no_rollout(monkeypatch: pytest.MonkeyPatch) -> None:
    start, tries = Grounding._start_checker, iter((True, False))

    def fail_once(self: Grounding) -> Any:
        if next(tries):
            raise CheckerUnavailable("out of memory")
        return start(self)

    monkeypatch.setattr(Grounding, "_start_checker", fail_once)
    assert _score(_arguments(ROWS[0]), _arguments(ROWS[1], "no")) == [GOOD, BAD]


def _outcomes(*calls: dict[str, Any], **reward_kwargs: Any) -> list[Any]:
    """As `_score`, with what a call raises in the place of its reward."""

    async def gather() -> list[Any]:
        scores = (verl.compute_score(**call, **reward_kwargs) for call in calls)
        return await asyncio.gather(*scores, return_exceptions=True)

    return asyncio.run(gather())


@pytest.mark.usefixtures("jdk")
def test_a_value_that_is_no_text_fails_its_own_call_and_no_other() -> None:
    good = _arguments(ROWS[0])
    wrong = [
        good | {"solution_str": None},
        *(good | {"extra_info": ROWS[0]["extra_info"] | {key: 3}} for key in ("task_id", "prompt", "language")),
    ]
    first, *refused, last = _outcomes(good, *wrong, good)
    assert (first, last) == (GOOD, GOOD)
    assert {type(error) for error in refused} == {DataError}
    assert [str(error) for error in refused] == [
        "solution_str is NoneType: expected text, as verl_row writes it",
        "task_id is int: expected text, as verl_row writes it",
        "prompt is int: expected text, as verl_row writes it",
        "language is int: expected text, as verl_row writes it",
    ]


def test_a_quoted_number_of_workers_is_one_line() -> None:
    """As Hydra hands on `workers="'2'"`."""
    with pytest.raises(ConfigError, match=r"^grounding: workers = '2': input should be a valid integer$"):
        _score(_arguments(ROWS[0]), workers="2")


def _task_of_a_project(folder: Path, helper: str) -> Task:
    """It calls a class of its project."""
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "Helper.java").write_text(helper, encoding="utf-8")
    (folder / "project.toml").write_text(
        'name = "p"\nsources = "sources.jsonl"\n[language]\nname = "java"\nsource_path = ["code"]\n', encoding="utf-8"
    )
    project = str(folder / "project.toml")
    return Task("a", "class A {\n    int f() {", suffix="\n}", path="A.java", project=project)


@pytest.mark.usefixtures("jdk")
def test_tasks_of_projects_are_checked_each_in_its_own(tmp_path: Path) -> None:
    inside = _task_of_a_project(tmp_path / "one", "class Helper { static int one() { return 1; } }")
    other = _task_of_a_project(tmp_path / "two", "class Helper { static String one() { return null; } }")
    calls = [
        _arguments(verl.verl_row(task), " return Helper.one(); }")
        for task in (inside, other, replace(inside, path=None, project=None))
    ]
    assert [answer["compile"] for answer in _score(*calls, workers=1)] == [1.0, 0.0, 0.0]
    assert {type(v) for v in verl.verl_row(TASKS[0])["extra_info"].values()} == {str}  # Parquet has one type


def test_a_project_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    task = Task("a", "class A {", path="A.java", project=str(tmp_path / "project.toml"))
    with pytest.raises(DataError, match=r"^no project file .*project\.toml: "):
        _score(_arguments(verl.verl_row(task), "}"))


@pytest.mark.usefixtures("jdk")
def test_an_instruct_model_is_asked_and_its_answer_read() -> None:
    row = verl.verl_row(TASKS[0], chat=True)
    asked = row["prompt"][0]["content"]
    assert asked.startswith("Complete this java program.")
    assert TASKS[0].prompt.rstrip() in asked
    answer = f"Sure:\n```java\n{TASKS[0].prompt}{TASKS[0].canonical_solution}```\nIt works."
    assert _score(_arguments(row, answer), chat=True) == [GOOD]
    assert _score(_arguments(row, answer)) == [BAD]


def test_a_row_that_is_not_ours_is_named() -> None:
    for info in (None, {}, {"task_id": "a"}, {"task_id": "a", "prompt": None}):
        with pytest.raises(DataError, match=r"extra_info needs 'task_id' and 'prompt': make the rows with verl_row"):
            asyncio.run(verl.compute_score("gsm8k", "x", "y", info))


@pytest.mark.usefixtures("jdk")
def test_a_row_without_a_reference_does_not_spoil_its_batch(tmp_path: Path, builtin_encoder: str) -> None:
    Grounding(GroundingConfig(), Discriminator(Encoder.load(builtin_encoder))).save(tmp_path)
    bare = _arguments(ROWS[1], TASKS[1].canonical_solution) | {"ground_truth": ""}

    async def both() -> list[Any]:
        calls = (verl.compute_score(**c, grounding=str(tmp_path)) for c in (_arguments(ROWS[0]), bare))
        return await asyncio.gather(*calls, return_exceptions=True)

    good, refused = asyncio.run(both())
    assert good["compile"] == 1.0
    assert isinstance(refused, UserError)
    assert "has no canonical_solution" in str(refused)
