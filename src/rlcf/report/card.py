"""A model card in Hugging Face's format: YAML, then Markdown. What a run does not know is not said.

A card is published: of the machine's paths it has only the last name.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

import jinja2

from rlcf.config import Recipe, make_recipe
from rlcf.errors import ConfigError
from rlcf.evaluation.compare import with_interval
from rlcf.evaluation.formatting import moment, number
from rlcf.records import Task
from rlcf.report import sides as tables
from rlcf.report.facts import flat
from rlcf.report.load import JsonObject, RunData, text_of
from rlcf.report.markdown import Markdown, code, escape
from rlcf.report.words import cautions
from rlcf.tasks.counts import count_origins

_ROWS = 20
_NAMED_TABLES = ("algorithm", "judge", "language", "warm_start")
"""Tables of a recipe whose defaults depend on their `name`."""
_EXAMPLES = {"java": "class Twice {\n    /** Returns twice x. */\n    static int twice(int x) {\n"}
"""A prompt for each language: not one of the run's tasks, which may be private."""
_CLOSES = {"java": "\n}"}
"""What ends a program of the example's form."""

Form = Literal["text", "encoder", "gap"]
"""How a model is asked: it goes on with the prompt; its encoder reads the prompt; the prompt ends in a gap to fill."""


@dataclass(frozen=True, slots=True)
class Base:
    """The model that was trained, as far as it is known."""

    name: str
    hub_id: str | None = None
    """On Hugging Face."""
    licence: str | None = None
    """As Hugging Face abbreviates it, such as `apache-2.0`."""


def model_card(title: str, base: Base, stored: str, version: str, run: RunData | None, form: Form = "text") -> str:
    """The card of a model.

    Args:
        stored: how many weights of which type, in words.
        version: of the rlcf that writes the card, whose defaults the recipe is compared with.
        run: that trained it; `None` where it is not known.
        form: `encoder` and `gap` are those of encoder-decoder models.
    """
    sides = tables.of_run(run) if run else None
    language = _setting(run, "language", "name")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rlcf.report"),
        autoescape=False,
        finalize=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"code": code}
    return environment.get_template("model_card.md").render(
        header=Markdown(_header(base, language, form)),
        title=title,
        form=form,
        base=base,
        stored=stored,
        run=run,
        version=version,
        language=language,
        facts=_facts(run) if run else [],
        trained_on=_origins(run.data.get("trained_on")) if run else [],
        evaluated_on=_origins(_evaluated(run)) if run else [],
        recipe=_recipe(run.config) if run else [],
        sides=sides,
        results=_results(sides) if sides else [],
        sampling=_sampling(run) if run else "",
        limits=_limits(run, sides) if run and sides else [],
        example=Markdown(_EXAMPLES.get(language, "")),
        request=Markdown(_request(language, _setting(run, "generation", "max_new_tokens"))),
    )


def _header(base: Base, language: str, form: Form) -> str:
    """The YAML that Hugging Face reads. A JSON value is one of YAML as well."""
    fields: dict[str, Any] = {"base_model": base.hub_id, "base_model_relation": base.hub_id and "finetune"}
    fields |= {"license": base.licence, "library_name": "transformers"}
    fields["pipeline_tag"] = "text-generation" if form == "text" else "text2text-generation"
    fields["tags"] = ["code", "rlcf", *([language] if language else [])]
    return "\n".join(f"{name}: {json.dumps(value)}" for name, value in fields.items() if value)


def _setting(run: RunData | None, table: str, key: str) -> str:
    return flat(run.config).get(f"{table}.{key}", "") if run else ""


def _facts(run: RunData) -> list[tuple[str, str]]:
    versions = run.run.get("versions")
    finished = moment(run.run.get("finished"))
    known = {
        "Programming language": _setting(run, "language", "name"),
        "Algorithm": _setting(run, "algorithm", "name"),
        "Reward": _setting(run, "grounding", "mode") if any(row.get("rollouts") for row in run.metrics) else "",
        "Training": _setting(run, "policy", "training"),
        "Updates": str(len(run.metrics) or ""),
        "Rollouts": str(sum(int(number(row.get("rollouts")) or 0) for row in run.metrics) or ""),
        "Seed": str(run.run.get("seed", "")),
        "Finished": f"{finished:%Y-%m-%d}" if isinstance(finished, datetime.datetime) else "",
        "Versions": ", ".join(f"{k} {v}" for k, v in versions.items()) if isinstance(versions, Mapping) else "",
    }
    return [(label, value) for label, value in known.items() if value]


def _evaluated(run: RunData) -> list[JsonObject]:
    return count_origins(
        Task(task_id, "", source=text_of(row, "source"), split=text_of(row, "split"), licence=text_of(row, "licence"))
        for task_id, row in run.tasks.items()
    )


def _origins(counted: object) -> list[list[object]]:
    """Rows of source, split, licence and number; those that do not fit are added up in the last one."""
    found = [row for row in counted if isinstance(row, Mapping)] if isinstance(counted, list) else []
    rows: list[list[object]] = [
        [row.get("source") or "not named", row.get("split") or "none", row.get("licence") or "not named", _count(row)]
        for row in found
    ]
    shown, rest = rows[:_ROWS], rows[_ROWS:]
    if rest:
        licences = sorted({str(row[2]) for row in rest})
        splits = sorted({str(row[1]) for row in rest})
        total = sum(int(str(row[3])) for row in rest)
        shown.append([f"{len(rest)} others", ", ".join(splits), ", ".join(licences), total])
    return shown


def _count(row: Mapping[str, Any]) -> int:
    return int(number(row.get("tasks")) or 0)


def _recipe(config: JsonObject) -> list[tuple[str, str]]:
    """The keys whose value is not the default, or that this version does not know."""
    defaults, missing = flat(_defaults(config).model_dump(mode="json")), "–"
    differing = {k: value for k, value in flat(_public(config)).items() if defaults.get(k, missing) != value}
    return [(key, "none" if value == missing else value) for key, value in differing.items()]


def _defaults(config: JsonObject) -> Recipe:
    """The recipe of default values with the same algorithm, judge and language."""
    tables = {name: config.get(name) for name in _NAMED_TABLES}
    named = {name: {"name": t["name"]} for name, t in tables.items() if isinstance(t, dict) and "name" in t}
    try:
        return make_recipe(named)
    except ConfigError:  # of another version
        return make_recipe({})


def _public(value: Any) -> Any:
    """`value` with the last name of each absolute path in its place."""
    if isinstance(value, Mapping):
        return {key: _public(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_public(item) for item in value]
    return public_name(value) if isinstance(value, str) else value


def public_name(path: str) -> str:
    """The last name of an absolute path; anything else as it is."""
    return PurePath(path).name if path.startswith(("/", "~")) else path


def _results(sides: tables.Sides) -> list[list[str]]:
    """Label, before, after, change."""
    return [
        [
            f"{one.metric.label}, {sides.length_in}" if one.metric.key == "mean_tokens" else one.metric.label,
            with_interval(one.metric, one.a),
            with_interval(one.metric, one.b),
            with_interval(one.metric, one.difference, change=True),
        ]
        for one in sides.compared
    ]


def _sampling(run: RunData) -> str:
    """How the samples of the evaluations were drawn."""
    known = {
        "samples of each task": _setting(run, "evaluation", "samples"),
        "temperature": _setting(run, "evaluation", "temperature"),
        "tokens at most": _setting(run, "generation", "max_new_tokens"),
    }
    return ", ".join(f"{name}: {value}" for name, value in known.items() if value)


def _limits(run: RunData, sides: tables.Sides) -> list[str]:
    """What the numbers of this run cannot show, and reasons to doubt them."""
    rows = list(run.tasks.values())
    same = _setting(run, "tasks", "train") == _setting(run, "tasks", "evaluate") != ""
    trained = same and rows and all(row.get("split") != "heldout" for row in rows)
    untested = all(row.get("passed") is None for side in sides.evaluations if side for row in side.results)
    warnings = [f"After training: {line}" for line in run.after.warnings] if run.after else []
    return [
        *(["The tasks evaluated are those that were trained on."] if trained else []),
        *(["No test was run: whether a program does what is asked was not measured."] if untested else []),
        *cautions(sides),
        *warnings,
    ]


def _request(language: str, max_new_tokens: str) -> str:
    """A request to an OpenAI-compatible server."""
    fields: dict[str, Any] = {"model": "policy", "prompt": _EXAMPLES.get(language, "").rstrip() or "PROMPT"}
    fields |= {"max_tokens": int(max_new_tokens) if max_new_tokens.isdecimal() else 96, "temperature": 0.4}
    if language in _CLOSES:
        fields |= {"stop": [_CLOSES[language]], "include_stop_str_in_output": True}
    return json.dumps(fields)
