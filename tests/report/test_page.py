"""The whole page: numbers, safety, what is missing, several runs."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rlcf.errors import UserError
from rlcf.report import render_report, write_report
from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.storage.jsonl import read_jsonl
from rlcf.storage.rundir import RunDir


class Page(HTMLParser):
    """What a browser would make of the page: tags, attributes, text, scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text += data + " "

    @property
    def samples(self) -> list[dict[str, Any]]:
        """The data of the sample browsers."""
        return [json.loads(script) for script in self.scripts if script.startswith("{")]


def completions(page: Page) -> list[str]:
    return [
        "".join(piece if isinstance(piece, str) else piece[0] for piece in sample["code"])
        for data in page.samples
        for view in data["views"]
        for task in view["tasks"]
        for column in task["columns"]
        for sample in column["samples"]
    ]


def test_the_page_is_written_where_it_is_asked_for(run, tmp_path):
    out = tmp_path / "new" / "page.html"
    assert write_report([run], out) == out
    assert out.read_text(encoding="utf-8") == render_report([run])


def test_the_numbers_measured_stand_on_the_page(run):
    before = json.loads((RunDir(run).evaluation("before") / "summary.json").read_text())
    after = json.loads((RunDir(run).evaluation("after") / "summary.json").read_text())
    text = Page(render_report([run])).text
    for side in (before, after):
        for key in ("compile_rate", "trivial_rate", "execute_rate", "pass@1"):
            assert f"{100 * side[key]['value']:.1f} %" in text, key
        assert f"{side['mean_tokens']['value']:.1f}" in text
    assert f"On {before['tasks']} held-out tasks, before → after training: compile rate" in text
    assert "1 of 40 samples after training are unscored" in text


def test_the_frequent_diagnostics_stand_on_the_page_with_an_example(run):
    text = Page(render_report([run])).text
    assert "missing return statement" in text
    assert "compiler.err.missing.ret.stmt" in text


def test_the_page_asks_no_server_for_anything(make_run):
    html = render_report([make_run("one"), make_run("two", seed=2)])
    for _, attributes in Page(html).tags:
        for name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster"):
            value = attributes.get(name) or "#"
            assert value.startswith("#"), (name, value)
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert "default-src 'none'" in html


def test_what_a_model_wrote_never_becomes_markup(run):
    html = render_report([run])
    page = Page(html)
    assert "<script>alert(1)" not in html
    assert "<img" not in html
    assert len(page.scripts) == 2
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_what_a_model_wrote_is_shown_as_it_wrote_it(run):
    shown = completions(Page(render_report([run])))
    assert "</script><script>alert(1)</script>" in shown
    assert any("🦊" in text and "\u2028" in text and "\x00" in text for text in shown)


def test_an_untrusted_message_and_name_are_escaped(run):
    files = RunDir(run)
    evil = "<b onclick=alert(3)>&</b>"
    write_json(files.run, {"machine": evil, "seed": evil})
    path = files.evaluation("before") / "results.jsonl"
    results = [row for _, row in read_jsonl(path)]
    diagnostic = {
        "code": "compiler.err.expected",
        "severity": "error",
        "message": evil,
        "line": 1,
        "column": 1,
    }
    path.write_text("".join(json.dumps(row | {"diagnostics": [diagnostic]}) + "\n" for row in results))
    html = render_report([run])
    assert "<b onclick" not in html
    assert "&lt;b onclick=alert(3)&gt;" in html


def test_the_script_policy_allows_this_pages_script_and_no_other(run):
    import base64
    import hashlib

    html = render_report([run])
    script = Page(html).scripts[-1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html


def test_very_long_completions_are_cut_and_say_so(run):
    page = Page(render_report([run]))
    cut = [
        sample["cut"]
        for task in page.samples[0]["views"][0]["tasks"]
        for column in task["columns"]
        for sample in column["samples"]
        if sample["cut"]
    ]
    assert cut
    assert max(map(len, completions(page))) <= 6000


def test_diagnostics_are_marked_in_the_code(run):
    tasks = Page(render_report([run])).samples[0]["views"][0]["tasks"]
    pieces = [p for t in tasks for c in t["columns"] for s in c["samples"] for p in s["code"]]
    assert ["undefinedName", [1]] in pieces


def test_tasks_can_be_filtered_by_what_training_did_to_them(run):
    view = Page(render_report([run])).samples[0]["views"][0]
    for task in view["tasks"]:
        before, after = ([s["badges"] for s in column["samples"]] for column in task["columns"])
        compiled = [any(["accepted", "good"] in badges for badges in side) for side in (before, after)]
        if "fixed" in task["tags"]:
            assert compiled == [False, True]
        if "broken" in task["tags"]:
            assert compiled == [True, False]
        assert ("trivial" in task["tags"]) == any(["trivial", "warn"] in badges for badges in after)
    assert any("fixed" in task["tags"] for task in view["tasks"])


def test_the_first_and_the_last_updates_rollouts_can_be_browsed(run):
    labels = [view["label"] for view in Page(render_report([run])).samples[0]["views"]]
    assert labels[0] == "Before\xa0→\xa0After"
    assert labels[1] == "Training, update 1"
    assert labels[-1] == "Training, update 13"


def test_the_same_files_give_the_same_page(make_run):
    runs = [make_run("one"), make_run("two", seed=2)]
    assert render_report(runs) == render_report(runs)


def test_no_id_stands_twice_and_each_reference_has_its_target(make_run):
    page = Page(render_report([make_run("one"), make_run("two", seed=2)]))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        for name in ("href", "aria-labelledby"):
            if name in attributes:
                assert (attributes[name] or "").lstrip("#") in ids, (tag, attributes[name])


def test_several_runs_are_compared_with_triviality_and_length_and_their_settings(make_run):
    html = render_report([make_run("one"), make_run("two", seed=2, reward="compiler")])
    text = Page(html).text
    comparison = text[text.index("2 runs compared") : text.index("Before and after")]
    for wanted in ("Compile rate", "Trivial", "Mean length", "grounding.mode", "compiler", "hybrid"):
        assert wanted in comparison


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("run.json", "run.json"),
        ("config.json", "config.json"),
        ("metrics.jsonl", "no update is finished"),
        ("samples", "training rollouts"),
        ("evaluation/before", "evaluation/before"),
        ("evaluation/after", "No evaluation after training yet"),
        ("evaluation/rewards.json", "rewards by kind of program"),
        ("evaluation/tasks.jsonl", "prompts and references"),
        ("evaluation/before/results.jsonl", "Before and after"),
        ("evaluation/after/summary.json", "Before and after"),
        ("evaluation", "No evaluation yet"),
    ],
)
def test_whatever_piece_is_missing_the_page_stands_and_says_so(run: Path, gone: str, said: str):
    path = run / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert said in Page(render_report([run])).text


def test_a_run_that_has_only_begun_has_a_page(tmp_path):
    write_json(tmp_path / "run.json", {"state": "running"})
    text = Page(render_report([tmp_path])).text
    assert "Nothing is measured yet" in text
    assert "running" in text


def test_fields_of_the_wrong_kind_are_missing_measurements(run):
    files = RunDir(run)
    odd = {"update": 1, "reward": "high", "compile_rate": float("nan"), "seconds": None, "discriminator": []}
    write_jsonl(files.metrics, [odd, {"kl": 0.1}])
    write_json(files.evaluation("after") / "summary.json", {"compile_rate": None, "diagnostics": None})
    write_json(files.rewards, {"accepted": [], "rejected": [-1.0]})
    assert "rejected" in Page(render_report([run])).text


def test_a_run_of_one_update_has_its_curves(make_run):
    assert "Compile rate and triviality: compile rate" in render_report([make_run(updates=1)])


def test_charts_take_their_colours_from_the_page(run):
    charts = re.findall(r"<svg.*?</svg>", render_report([run]), flags=re.DOTALL)
    assert len(charts) == 9
    for chart in charts:
        assert "var(--" in chart
        assert "#0a0b" not in chart
        assert "<text" in chart
        assert "NaN" not in chart


def test_a_big_run_stays_a_small_page(make_run):
    html = render_report([make_run(updates=100, tasks=800, samples=8)])
    assert len(html.encode()) < 3_000_000
    view = Page(html).samples[0]["views"][0]
    assert 0 < len(view["tasks"]) < view["total"] == 800


def test_a_folder_that_is_no_run_directory_leaves_no_page(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError):
        write_report([tmp_path / "empty"], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
