"""`rlcf generate`, and the options that it shares with `rlcf evaluate --model`."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from rlcf.errors import ConfigError, DataError
from rlcf.storage.jsonl import read_text

if TYPE_CHECKING:
    from rlcf.records import Task

Tasks = Annotated[str, typer.Option("--tasks", help="Task file (.jsonl) or built-in set, such as builtin:java.")]
Split = Annotated[str | None, typer.Option("--split", help="Only tasks of this split, such as heldout.")]


_LARGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Generation:
    """The options of sampling, each with its flag and its default; see `takes_generation`."""

    model: Annotated[
        str | None, typer.Option("--model", help="Hugging Face id, folder, GGUF file or built-in name.")
    ] = None
    n: Annotated[int, typer.Option("-n", min=1, max=_LARGE, help="Completions for each task.")] = 1
    temperature: Annotated[float, typer.Option(help="0: the most probable token each time.")] = 0.4
    top_p: Annotated[float, typer.Option(help="Draw from the likeliest tokens that reach this probability.")] = 1.0
    max_new_tokens: Annotated[int, typer.Option("--max-new-tokens", min=1, max=_LARGE, help="Longest completion.")] = (
        128
    )
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1)] = 0
    few_shot: Annotated[
        Path | None, typer.Option("--few-shot", help="Text file of solved examples to put before each prompt.")
    ] = None
    chat: Annotated[
        bool, typer.Option("--chat", help="Ask an instruct model, and extract the program from its answer.")
    ] = False
    fim: Annotated[
        Literal["auto", "off"],
        typer.Option("--fim", help="Fill-in-the-middle: show what follows the completion, if the model can read it."),
    ] = "auto"
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Completions computed at a time.")] = 64

    def __post_init__(self) -> None:
        """Raises `ConfigError` where a number makes no sense."""
        if not 0 <= self.temperature < math.inf:
            raise ConfigError(f"--temperature {self.temperature}: expected a finite number, 0 or greater")
        if not 0 < self.top_p <= 1:
            raise ConfigError(f"--top-p {self.top_p}: expected a number greater than 0, and 1 at most")


def takes_generation(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of `Generation` in the place of its parameter `generation`."""
    hints = get_type_hints(Generation, include_extras=True)
    options = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in dataclasses.fields(Generation)
    ]
    own = inspect.signature(command, eval_str=True).parameters.values()

    @functools.wraps(command)
    def wrapped(**values: Any) -> None:
        command(generation=Generation(**{o.name: values.pop(o.name) for o in options}), **values)

    shown = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own if p.name != "generation"]
    wrapped.__signature__ = inspect.Signature([*shown, *options])  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in [*shown, *options]}
    return wrapped


@takes_generation
def generate(
    generation: Generation,
    tasks: Tasks,
    out: Annotated[Path, typer.Option(help="The samples.jsonl to write; goes on where it was interrupted.")],
    split: Split = None,
) -> None:
    """Samples completions of tasks from a model.

    Example: rlcf generate --model builtin:smollm2-135m --tasks builtin:java --split heldout -n 2 --out samples.jsonl

    Example: rlcf generate --model Qwen/Qwen2.5-Coder-1.5B-Instruct --chat --tasks mbjp.jsonl --out samples.jsonl
    """
    sample(generation, chosen_tasks(tasks, split), out)


def chosen_tasks(source: str, split: str | None) -> list[Task]:
    """The tasks of `source`, or those of one split; raises `ConfigError` where there is no such split."""
    from rlcf.tasks.loading import load_tasks

    tasks = load_tasks(source)
    chosen = [t for t in tasks if split is None or t.split == split]
    if not chosen:
        raise ConfigError(f"--split {split!r}: {source} has {', '.join(sorted({t.split or 'none' for t in tasks}))}")
    return chosen


def sample(generation: Generation, tasks: list[Task], out: Path) -> None:
    """Samples `tasks` into `out`, with a bar on the terminal."""
    from rlcf.cli.progress import Display

    if generation.model is None:
        raise ConfigError("name a model with --model")
    if generation.chat and generation.few_shot:
        raise ConfigError("--few-shot is for models that continue a text: leave out --chat")
    examples = _examples(generation.few_shot) if generation.few_shot else ""

    from rlcf.generation.engine import SamplingParams
    from rlcf.generation.prompts import Prompting, cut_note, fit_prompts
    from rlcf.generation.sampling import sample_tasks
    from rlcf.generation.torch_engine import TorchEngine
    from rlcf.generation.writable import unwritable_note
    from rlcf.languages.registry import load_language
    from rlcf.models.policy import Policy

    languages = {name: load_language(name) for name in dict.fromkeys(task.language for task in tasks)}
    policy = Policy.load_for_sampling(generation.model)
    params = SamplingParams(generation.max_new_tokens, generation.temperature, generation.top_p, generation.batch_size)
    prompting = Prompting(examples, generation.chat, generation.fim, policy.kind)
    display, n, seed = Display(), generation.n, generation.seed
    engine = TorchEngine(policy, display.say)
    tasks, cut = fit_prompts(policy.model, policy.tokenizer, tasks, generation.max_new_tokens, prompting)
    if cut:
        display.say(cut_note(cut))
    if note := unwritable_note(policy.tokenizer, tasks, prompting):
        display.say(note)
    with display.sampling(f"sampling {generation.model}", n * len(tasks)) as on_progress:
        sample_tasks(engine, policy, languages, tasks, n, params, seed, out, prompting, on_progress)


def _examples(path: Path) -> str:
    text = read_text(path)
    if not text.strip():
        raise DataError(f"the few-shot file {path} is empty: expected solved examples, as source text")
    return text
