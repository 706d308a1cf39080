"""The model card says what the run knows, and nothing else; what comes from outside is no markup in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rlcf.report.card import Base, model_card
from rlcf.report.load import load_run
from rlcf.report.markdown import code, escape
from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.storage.rundir import RunDir
from tests.report.conftest import MakeRun

BASE = Base("org/base", "org/base", "mit")


def _card(root: Path, base: Base = BASE) -> str:
    return model_card("my-model", base, "7 parameters in bfloat16", "0.3.0", load_run(root, "run"))


def _edited(path: Path, **values: Any) -> None:
    write_json(path, {**json.loads(path.read_text(encoding="utf-8")), **values})


def _section(card: str, title: str) -> str:
    return card.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def test_the_header_is_what_hugging_face_reads(run: Path) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    _edited(RunDir(run).config, language={"name": "java"})
    found = huggingface_hub.ModelCard(_card(run)).data.to_dict()
    assert found == {
        "base_model": "org/base",
        "base_model_relation": "finetune",
        "license": "mit",
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["code", "rlcf", "java"],
    }
    unknown = huggingface_hub.ModelCard(_card(run, Base("a folder"))).data.to_dict()
    assert not {"base_model", "base_model_relation", "license"} & unknown.keys()


def test_the_results_are_those_of_the_evaluations_with_intervals(run: Path) -> None:
    table = {row[0]: row[1:] for row in _rows(_section(_card(run), "Results"))[1:]}
    assert {"Compile rate", "Trivial", "Mean length, tokens", "Execute rate", "pass@1"} <= table.keys()
    for cells in table.values():
        assert len(cells) == 3
    for cell in table["Compile rate"]:
        assert re.fullmatch(
            r"[+−]?[\d.]+( %| points) \([+−]?[\d.]+…[+−]?[\d.]+\)", cell.replace("\N{NO-BREAK SPACE}", " ")
        )


def test_the_data_is_counted_by_source_split_and_licence(run: Path) -> None:
    assert "did not record how many tasks" in _card(run)
    origins = [{"source": "MathQA", "split": "train", "licence": "Apache-2.0", "tasks": 30}]
    origins += [{"source": f"s{i}", "split": None, "licence": None, "tasks": 2} for i in range(25)]
    write_json(RunDir(run).data, {"trained_on": origins})
    data = _section(_card(run), "Data")
    rows = _rows(data)
    assert ["MathQA", "train", "Apache-2.0", "30"] in rows
    assert ["s0", "none", "not named", "2"] in rows
    assert ["6 others", "none", "not named", "12"] in rows
    assert ["not named", "heldout", "not named", "20"] in rows  # evaluated on


def test_the_recipe_has_the_keys_that_differ_from_the_defaults_of_its_algorithm(run: Path) -> None:
    _edited(
        RunDir(run).config,
        algorithm={"name": "ppo", "learning_rate": 5e-4, "clip": 0.2},
        policy={"model": "/home/me/models/base", "lora_layers": None},
        language={"name": "java", "class_path": ["/home/me/lib/a.jar"]},
    )
    card = _card(run)
    rows = dict(_rows(_section(card, "Recipe"))[1:])
    assert rows["`algorithm.learning_rate`"] == "`0.0005`"
    assert rows["`policy.lora_layers`"] == "`none`"
    assert rows["`policy.model`"] == "`base`"
    assert rows["`language.class_path`"] == "`a.jar`"
    assert "`algorithm.clip`" not in rows
    assert "/home/me" not in card


def test_keys_of_another_version_are_shown(run: Path) -> None:
    _edited(RunDir(run).config, algorithm={"name": "of-the-future", "speed": 3}, discriminator={"hidden": 128})
    rows = dict(_rows(_section(_card(run), "Recipe"))[1:])
    assert (rows["`algorithm.name`"], rows["`algorithm.speed`"]) == ("`of-the-future`", "`3`")
    assert rows["`discriminator.hidden`"] == "`128`"


def test_what_a_run_does_not_know_is_not_said(tmp_path: Path) -> None:
    write_json(RunDir(tmp_path).run, {"state": "finished"})
    card = _card(tmp_path, Base("a folder"))
    assert "## Results" not in card
    assert not [word for word in ("None", "nan", "undefined", "Seed", "Licence of") if word in card]
    alone = model_card("m", Base("a folder"), "7 parameters", "0.3.0", None)
    assert "is not known here" in alone
    assert not [title for title in ("## Data", "## Recipe", "## Results") if title in alone]
    assert "## Limits" in alone


def test_limits_name_what_was_not_measured(make_run: MakeRun) -> None:
    root = make_run()
    files = RunDir(root)
    tasks = [json.loads(line) for line in files.evaluation_tasks.read_text(encoding="utf-8").splitlines()]
    assert "trained on." not in _section(_card(root), "Limits")
    write_jsonl(files.evaluation_tasks, [{**task, "split": None} for task in tasks])
    assert "The tasks evaluated are those that were trained on." in _section(_card(root), "Limits")
    assert "No test was run" not in _card(root)
    for when in ("before", "after"):
        path = files.evaluation(when) / "results.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        bare = [{**r, "passed": None, "executed": None, "completion": "x"} for r in rows]
        write_jsonl(path, bare)
    assert "No test was run" in _section(_card(root), "Limits")


def test_text_from_outside_is_no_markup(run: Path) -> None:
    evil = "x | y\n# z <script>a</script> [l](http://e) *b* `c` \x1b[31m \u202e"
    write_json(RunDir(run).data, {"trained_on": [{"source": evil, "split": evil, "licence": evil, "tasks": 1}]})
    _edited(RunDir(run).config, tasks={"train": evil}, language={"name": evil})
    card = model_card(evil, Base(evil), evil, "0.3.0", load_run(run, "run"))
    assert not [sign for sign in ("\x1b", "\u202e", "\n# z", "\n# x | y\n#") if sign in card]
    prose = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", card.split("\n---\n", 1)[1].split("## Use")[0])
    assert "<script>" not in prose.replace("\\<script\\>", "")
    assert "[l]" not in prose
    assert len(_rows(_section(card, "Data"))[1]) == 4  # no cell more


def test_a_code_span_holds_what_would_end_it() -> None:
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert code("a|b") == r"`a\|b`"
    assert code("") == "–"
    assert escape(code("*")) == "`*`"
    assert escape("*a_b*\n|") == r"\*a\_b\* \|"


def test_the_request_is_json_that_a_server_takes(run: Path) -> None:
    _edited(RunDir(run).config, language={"name": "java"}, generation={"max_new_tokens": 72})
    body = json.loads(_card(run).split("-d '")[1].split("'\n")[0])
    assert (body["model"], body["max_tokens"], body["stop"]) == ("policy", 72, ["\n}"])
    assert body["prompt"].endswith("{")
