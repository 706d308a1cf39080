"""The grounding function: tasks and completions in, rewards out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from rlcf.config import GroundingConfig
from rlcf.config.languages import JavaOptions
from rlcf.errors import ConfigError, ModelError, ToolError, UserError
from rlcf.grounding.calibrations import CALIBRATIONS, Judged
from rlcf.grounding.discriminator import Discriminator
from rlcf.grounding.reward import Mode, reward_of
from rlcf.languages.base import Checker, Language, Resource
from rlcf.languages.caching import CachingChecker
from rlcf.languages.registry import load_language
from rlcf.records import Completion, Program, Score, Task, Verdict
from rlcf.storage.atomic import write_json
from rlcf.storage.jsonl import read_json


class Grounding(Resource):
    """A compiler and a discriminator, which compares with the reference. Holds child processes: close it.

    `score` never counts a failing tool against a program: such a completion has the reward `None`.
    """

    def __init__(self, config: GroundingConfig, discriminator: Discriminator | None, language: str = "java") -> None:
        if config.mode != "compiler" and discriminator is None:
            raise ConfigError(f"grounding mode {config.mode!r} needs a discriminator; mode 'compiler' needs none")
        self.config = config
        self.discriminator = discriminator
        self.language: Language = load_language(language)
        self._checker: Checker | None = None
        self._reference_statements: dict[str, int] = {}

    @classmethod
    def load(
        cls,
        folder: Path | str | None = None,
        *,
        mode: Mode = "hybrid",
        language: str = "java",
        workers: int = 2,
    ) -> Grounding:
        """A grounding function from what `save` wrote (a run's `discriminator` folder, or the run itself).

        Without a folder only `mode="compiler"` is possible.

        Raises:
            DataError: the folder's description is damaged.
        ModelError: the folder holds no discriminator.
            ConfigError: the mode is unknown, or needs a discriminator.
        """
        if mode not in get_args(Mode):
            raise ConfigError(f"unknown grounding mode {mode!r}: known are {', '.join(get_args(Mode))}")
        config = GroundingConfig(mode=mode, workers=workers)
        if folder is None:
            return cls(config, None, language)
        folder = Path(folder)
        if (folder / "discriminator").is_dir():
            folder = folder / "discriminator"
        described = folder / "grounding.json"
        if not described.is_file():
            raise ModelError(f"{folder} holds no grounding function: expected a run directory or its `discriminator`")
        saved = read_json(described)
        try:
            config = GroundingConfig.model_validate({**config.model_dump(), "trivial_reward": saved["trivial_reward"]})
        except (KeyError, ValidationError) as error:
            raise ModelError(f"{described}: expected a trivial_reward from -1 to 1") from error
        return cls(config, Discriminator.load(folder) if mode != "compiler" else None, language)

    def save(self, folder: Path) -> None:
        """Writes the discriminator with its calibration, and the reward's scale, for `load`."""
        if self.discriminator is not None:
            self.discriminator.save(folder)
        write_json(folder / "grounding.json", self.config.model_dump())

    def check(self, sources: Sequence[str]) -> list[Verdict | None]:
        """The compiler's verdicts; all `None` when the compiler failed (it is started anew the next time)."""
        try:
            if self._checker is None:
                self._checker = self._start_checker()
            return list(self._checker.check(sources))
        except ToolError:
            self.close()
            return [None] * len(sources)

    def _start_checker(self) -> Checker:
        config = self.config
        checker = self.language.checker(config.workers, config.timeout_s, options_of(config))
        return CachingChecker(checker) if config.remember_verdicts else checker

    @property
    def remembered_verdicts(self) -> int:
        """Verdicts given by the checker that runs now without asking the compiler again."""
        return self._checker.cache_hits if isinstance(self._checker, CachingChecker) else 0

    def score(self, tasks: Sequence[Task], completions: Sequence[Completion | str]) -> list[Score]:
        """Scores each completion, in order.

        Args:
            tasks: either one task for each completion, in the same order, or all the tasks the completions name.
            completions: records, or plain texts when `tasks` holds one task for each.

        Raises:
            UserError: a completion's task is not there, or has no reference to compare with.
        """
        pairs = _pair(tasks, completions)
        verdicts = self.check([Program.of(task, text).source for task, text in pairs])
        return self.score_checked([t for t, _ in pairs], [c for _, c in pairs], verdicts)

    def score_checked(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict | None]
    ) -> list[Score]:
        """As `score`, with verdicts that are known already; a `None` verdict leaves the completion unscored.

        The completions of one call are one batch: the calibration `group_rank` compares those of a task in it.
        """
        asked = [v is not None and (v.accepted or self.config.mode == "discriminator") for v in verdicts]
        judged = self._judge(tasks, completions, verdicts, asked)
        preferences = [None if j is None else j[0] for j in judged]
        calibrated = self._calibrated([None if j is None else j[1] for j in judged])
        return [self._score(*row) for row in zip(tasks, verdicts, preferences, calibrated, strict=True)]

    def _score(self, task: Task, verdict: Verdict | None, preference: float | None, calibrated: float | None) -> Score:
        if verdict is None:
            return Score(reward=None)
        reward = reward_of(self.config.mode, verdict, preference, calibrated)
        return Score(reward, verdict, preference, verdict.trivial(task))

    def _calibrated(self, judged: Sequence[Judged | None]) -> list[float | None]:
        """The calibration's rewards in mode `hybrid`, where all that is judged is accepted."""
        rewards: list[float | None] = [None] * len(judged)
        if self.discriminator is None or self.config.mode != "hybrid":
            return rewards
        chosen = [(i, j) for i, j in enumerate(judged) if j is not None]
        calibration = CALIBRATIONS[self.discriminator.calibration]
        found = calibration.rewards([j for _, j in chosen], self.config.trivial_reward)
        for (i, _), reward in zip(chosen, found, strict=True):
            rewards[i] = reward
        return rewards

    def _judge(
        self,
        tasks: Sequence[Task],
        completions: Sequence[str],
        verdicts: Sequence[Verdict | None],
        asked: Sequence[bool],
    ) -> list[tuple[float, Judged] | None]:
        """Preference and values of f for the completions asked about, `None` for the others."""
        rows: list[tuple[float, Judged] | None] = [None] * len(tasks)
        chosen = [i for i, a in enumerate(asked) if a]
        if self.discriminator is None or not chosen:
            return rows
        prompts = [tasks[i].prompt for i in chosen]
        references = [_reference(tasks[i]) for i in chosen]
        stubs = [self.language.stub(tasks[i]) or "" for i in chosen]
        f_program = self.discriminator.value(prompts, [completions[i] for i in chosen])
        f_reference = self.discriminator.value(prompts, references)
        f_stub = self.discriminator.value(prompts, stubs)
        preference = (f_program - f_reference).tanh()
        self._measure_references([tasks[i] for i in chosen])
        for n, i in enumerate(chosen):
            verdict = verdicts[i]
            trivial = verdict is not None and bool(verdict.trivial(tasks[i]))
            f = float(f_program[n]), float(f_reference[n]), float(f_stub[n])
            judged = Judged(*f, self._size(tasks[i], verdict), trivial, tasks[i].task_id)
            rows[i] = (float(preference[n]), judged)
        return rows

    def _measure_references(self, tasks: Sequence[Task]) -> None:
        """Counts the statements of references not met before."""
        new = list({t.task_id: t for t in tasks if t.task_id not in self._reference_statements}.values())
        verdicts = self.check([Program.of(t, _reference(t)).source for t in new])
        for task, verdict in zip(new, verdicts, strict=True):
            if verdict is not None:
                self._reference_statements[task.task_id] = verdict.statements(task) or 0

    def _size(self, task: Task, verdict: Verdict | None) -> float | None:
        """Statements as a share of the reference's; 1 where it has none, `None` where the checker failed on it."""
        if verdict is None or task.task_id not in self._reference_statements:
            return None
        of_reference = self._reference_statements[task.task_id]
        written = verdict.statements(task)
        return written / of_reference if of_reference and written is not None else 1.0

    def close(self) -> None:
        """Ends the compiler processes; safe to call twice."""
        if self._checker is not None:
            self._checker.close()
            self._checker = None


def options_of(config: GroundingConfig) -> JavaOptions | None:
    """What programs are checked with; `None` for the language's defaults."""
    if not (config.class_path or config.source_path or config.release):
        return None
    class_path, source_path = (tuple(Path(p) for p in paths) for paths in (config.class_path, config.source_path))
    return JavaOptions(class_path=class_path, source_path=source_path, release=config.release)


def _reference(task: Task) -> str:
    if task.canonical_solution is None:
        raise UserError(f"task {task.task_id!r} has no canonical_solution to compare with; use mode 'compiler'")
    return task.canonical_solution


def _pair(tasks: Sequence[Task], completions: Sequence[Completion | str]) -> list[tuple[Task, str]]:
    if all(isinstance(c, str) for c in completions):
        if len(tasks) != len(completions):
            raise UserError(f"{len(completions)} completions for {len(tasks)} tasks: expected one task for each text")
        return [(t, c) for t, c in zip(tasks, completions, strict=True) if isinstance(c, str)]
    by_id = {task.task_id: task for task in tasks}
    pairs = []
    for completion in completions:
        if isinstance(completion, str):
            raise UserError("completions are either all records or all texts")
        if completion.task_id not in by_id:
            raise UserError(f"completion for the unknown task {completion.task_id!r}")
        pairs.append((by_id[completion.task_id], completion.completion))
    return pairs
