"""The recipe that trains on what was mined."""

from __future__ import annotations

from pathlib import Path

from rlcf.storage.atomic import as_toml
from rlcf.tasks.mining.mine import Mined
from rlcf.tasks.mining.prompts import CountTokens

_SAMPLED = 500
"""References whose tokens are counted."""
_LONGEST = 256
_SHARE = 0.95
"""Of the references that the limit of new tokens has room for."""

_TEXT = """\
# rlcf train {path}
#
# Trains {model} to write methods of {project} that compile in it: {train} tasks to train on, {heldout} held out.
# Written by rlcf tasks mine. Keys that are not here have their defaults (recipes/demo.toml lists them); what the
# project needs to compile stands in project.toml.

[policy]
model = {model_quoted}    # a Hugging Face id, a folder or a GGUF file

[language]
name = {language}

[tasks]
train = "tasks.jsonl"
evaluate = "tasks.jsonl"{but}

[generation]
max_new_tokens = {max_new_tokens}    # {percent} % of the references have no more

[algorithm]
name = "grpo"
minibatches = 4
learn_from = 4
kl_coefficient = 0.0

[train]
updates = {updates}
tasks_per_update = 10
group_size = 8

[evaluation]
max_tasks = 100    # drawn from those held out
samples = 2
"""
_UPDATES = 20


def recipe_toml(out: Path, mined: Mined, model: str, count: CountTokens) -> str:
    """The text of `recipe.toml` in the folder `out`."""
    lengths = sorted(count(t.canonical_solution or "") for t in mined.tasks[:: max(1, len(mined.tasks) // _SAMPLED)])
    wanted = lengths[min(len(lengths) - 1, int(_SHARE * len(lengths)))]
    heldout = sum(t.split == "heldout" for t in mined.tasks)
    return _TEXT.format(
        path=_in_comment(str(out / "recipe.toml")),
        model=_in_comment(model),
        project=_in_comment(mined.project.root.name),
        train=sum(t.split == "train" for t in mined.tasks),
        heldout=heldout,
        model_quoted=as_toml(model),
        language=as_toml(mined.project.options.name),
        but="" if heldout else "    # none is held out: name other tasks here",
        max_new_tokens=min(_LONGEST, -(-wanted // 8) * 8),
        percent=round(100 * _SHARE),
        updates=_UPDATES,
    )


def _in_comment(text: str) -> str:
    """A text without characters that a comment cannot have, such as line breaks."""
    return as_toml(text)[1:-1]
