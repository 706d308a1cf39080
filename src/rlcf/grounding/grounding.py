"""The grounding function: tasks and completions in, rewards out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from rlcf.config import GroundingConfig
from rlcf.config.languages import LanguageOptions
from rlcf.config.reading import first_problem
from rlcf.errors import ConfigError, DataError, ModelError, ToolError, UserError
from rlcf.grounding.components import Failed, component_class
from rlcf.grounding.recipe import Mode, recipe_of
from rlcf.languages.base import Checker, Language, Resource
from rlcf.languages.caching import CachingChecker
from rlcf.languages.registry import load_language, spoken_name
from rlcf.records import Completion, Program, Score, Task, Verdict
from rlcf.storage.atomic import whole_folder, write_json
from rlcf.storage.jsonl import read_json

if TYPE_CHECKING:
    from rlcf.grounding.judge import Judge

_FORMAT = 3
"""Of `grounding.json`. It changes when the judge reads other texts: f of an older fit then means nothing."""

_NEW_NAMES = {"discriminator": "judge"}
"""Modes as older versions saved them."""


class Grounding(Resource):
    """A compiler and the components of the reward. Holds child processes: close it.

    `score` never counts a failing tool against a program: such a completion has the reward `None`.

    Args:
        judge: `None` where no component of the reward needs one.
        options: what programs are checked with; by default the language's defaults.

    Raises:
        ConfigError: a component is unknown, or needs a judge.
    """

    def __init__(
        self,
        config: GroundingConfig,
        judge: Judge | None,
        language: Language | str = "java",
        options: LanguageOptions | None = None,
    ) -> None:
        self.config = config
        self.judge = judge
        self.recipe = recipe_of(config)
        if judge is None and "judge" in self.recipe.weights:
            raise ConfigError(f"grounding mode {config.mode!r} needs a judge; mode 'compiler' needs none")
        self.language = load_language(language) if isinstance(language, str) else language
        self.options = options
        self._checker: Checker | None = None
        names = dict.fromkeys([*(["compiler"] if self.recipe.gate else []), *self.recipe.weights])
        self._components = [component_class(name)(self) for name in names]

    @classmethod
    def load(
        cls,
        folder: Path | str | None = None,
        *,
        mode: Mode | None = None,
        language: str = "java",
        workers: int = 2,
        options: LanguageOptions | None = None,
    ) -> Grounding:
        """A grounding function from what `save` wrote (a run's `judge` folder, or the run itself).

        Without a folder only `mode="compiler"` is possible.

        Args:
            mode: by default the one that was saved.
            options: what programs are checked with; by default the language's defaults.

        Raises:
            ModelError: the folder holds no judge, a damaged one, or one that read other texts.
            ConfigError: the mode is unknown, or needs a judge; `workers` is no number of processes.
        """
        try:
            config = GroundingConfig(workers=workers)
        except ValidationError as error:
            raise ConfigError(f"grounding: {first_problem(error, GroundingConfig)}") from error
        if folder is None:
            return cls(config.model_copy(update={"mode": mode or config.mode}), None, language, options)
        folder = Path(folder)
        parts = (folder / name for name in ("judge", "discriminator"))  # the second one in runs of older versions
        folder = next((part for part in parts if part.is_dir()), folder)
        config, saved = _restored(folder / "grounding.json", config, mode)
        if "judge" not in recipe_of(config).weights:
            return cls(config, None, language, options)
        if saved.get("format") != _FORMAT:
            raise ModelError(
                f"{folder} was saved by another version of rlcf, whose judge read other texts: train again, or use "
                "mode 'compiler'"
            )
        from rlcf.grounding.judge import load_judge

        return cls(config, load_judge(folder), language, options)

    def save(self, folder: Path) -> None:
        """Writes the judge with its calibration, and the reward's scale, for `load`."""
        with whole_folder(folder) as temporary:
            if self.judge is not None:
                self.judge.save(temporary)
            write_json(temporary / "grounding.json", {"format": _FORMAT, **self.config.model_dump(mode="json")})

    def check(self, programs: Sequence[Program]) -> list[Verdict | None]:
        """The compiler's verdicts; all `None` when the compiler failed (it is started anew the next time)."""
        try:
            if self._checker is None:
                self._checker = self._start_checker()
            return list(self._checker.check_programs(programs))
        except ToolError:
            self._close_checker()
            return [None] * len(programs)

    def _start_checker(self) -> Checker:
        config = self.config
        checker = self.language.checker(config.workers, config.timeout_s, self.options)
        return CachingChecker(checker) if config.cache_verdicts else checker

    @property
    def cache_hits(self) -> int:
        """Verdicts given by the checker that runs now without a run of the compiler."""
        return self._checker.cache_hits if isinstance(self._checker, CachingChecker) else 0

    def score(self, tasks: Sequence[Task], completions: Sequence[Completion | str]) -> list[Score]:
        """Scores each completion, in order.

        Args:
            tasks: either one task for each completion, in the same order, or all the tasks the completions name.
            completions: records, or plain texts when `tasks` holds one task for each.

        Raises:
            UserError: a completion's task is not there, is in another language, or has no reference to compare with.
        """
        pairs = _pair(tasks, completions)
        self._require_language([task for task, _ in pairs])
        verdicts = self.check([Program.of(task, text) for task, text in pairs])
        return self.score_checked([t for t, _ in pairs], [c for _, c in pairs], verdicts)

    def _require_language(self, tasks: Sequence[Task]) -> None:
        name = self.language.name
        for other in dict.fromkeys(task.language for task in tasks):
            if name not in (other, spoken_name(other)):
                first = next(task.task_id for task in tasks if task.language == other)
                raise DataError(
                    f"task {first!r} is in {other!r}, and this grounding function is for {name!r}: "
                    f"make one with language={other!r}"
                )

    def score_checked(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict | None]
    ) -> list[Score]:
        """As `score`, with verdicts that are known already; a `None` verdict leaves the completion unscored.

        The completions of one call are one batch: the calibration `group_rank` compares those of a task in it.
        """
        checked = [(i, tasks[i], completions[i], v) for i, v in enumerate(verdicts) if v is not None]
        passed = [row for row in checked if row[-1].accepted or not self.recipe.gate]
        scores: list[dict[str, float | None]] = [{c.name: None for c in self._components} for _ in tasks]
        failed: set[int] = set()
        for component in self._components:
            chosen = checked if component.name == "compiler" else passed
            missing = [t.task_id for _, t, *_ in chosen if component.needs_reference and t.canonical_solution is None]
            if missing:
                raise UserError(f"task {missing[0]!r} has no canonical_solution to compare with; use mode 'compiler'")
            try:
                given = component.score([t for _, t, *_ in chosen], [c for *_, c, _ in chosen], [v for *_, v in chosen])
            except ToolError:
                given = [Failed.FAILED] * len(chosen)
            for (i, *_), score in zip(chosen, given, strict=True):
                if isinstance(score, Failed):
                    failed.add(i)
                else:
                    scores[i][component.name] = score
        g = self.preferences([t for _, t, *_ in passed], [c for *_, c, _ in passed])
        preferences = dict(zip((i for i, *_ in passed), g, strict=True))
        results = [Score(None, components=given) for given in scores]
        optional = {c.name for c in self._components if c.optional}
        for i, task, _, verdict in checked:
            reward = None if i in failed else self.recipe.reward(verdict.accepted, scores[i], optional)
            results[i] = Score(reward, verdict, preferences.get(i), verdict.trivial(task), scores[i])
        return results

    def preferences(self, tasks: Sequence[Task], completions: Sequence[str]) -> list[float | None]:
        """The judge's g of each completion against its task's reference, whatever the compiler says.

        `None` where there is no judge, and where the task has no reference.
        """
        if self.judge is None or not tasks:
            return [None] * len(tasks)
        examples = [self.judge.example(self.language, t, c) for t, c in zip(tasks, completions, strict=True)]
        g = self.judge.preference(examples)
        return [value if t.canonical_solution is not None else None for t, value in zip(tasks, g.tolist(), strict=True)]

    def warnings(self) -> list[str]:
        """What a person should know of the components before they score, a line each."""
        return [line for component in self._components if (line := component.warning())]

    def _close_checker(self) -> None:
        if self._checker is not None:
            self._checker.close()
            self._checker = None

    def close(self) -> None:
        """Ends the compiler processes and closes the components; safe to call twice."""
        self._close_checker()
        for component in self._components:
            component.close()


def _restored(file: Path, config: GroundingConfig, mode: Mode | None) -> tuple[GroundingConfig, dict[str, Any]]:
    """`config` with the saved scale of the reward and, for the saved mode, the weights; and all that was saved."""
    if not file.is_file():
        raise ModelError(f"{file.parent} holds no grounding function: expected a run or its folder `judge`")
    try:
        saved = read_json(file)
        same = saved.get("format") == _FORMAT and mode in (None, saved.get("mode"))
        named = str(saved.get("mode", config.mode))
        kept = ("trivial_reward", "components") if same else ("trivial_reward",)
        restored = {key: saved[key] for key in kept if key in saved}
        config = config.model_copy(update={"mode": mode or _NEW_NAMES.get(named, named)})
        recipe_of(config)
        return GroundingConfig.model_validate({**config.model_dump(), **restored}), saved
    except (DataError, ValidationError) as error:
        raise ModelError(f"{file} is damaged: {' '.join(str(error).splitlines()[:3])}") from error


def _pair(tasks: Sequence[Task], completions: Sequence[Completion | str]) -> list[tuple[Task, str]]:
    texts = [c for c in completions if isinstance(c, str)]
    if len(texts) == len(completions):
        if len(tasks) != len(texts):
            raise UserError(f"{len(texts)} completions for {len(tasks)} tasks: expected one task for each text")
        return list(zip(tasks, texts, strict=True))
    if texts:
        raise UserError("completions are either all records or all texts")
    records, by_id = [c for c in completions if isinstance(c, Completion)], {task.task_id: task for task in tasks}
    for completion in records:
        if completion.task_id not in by_id:
            raise UserError(f"completion for the unknown task {completion.task_id!r}")
    return [(by_id[c.task_id], c.completion) for c in records]
