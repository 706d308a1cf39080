"""Charts and the table of rewards."""

from __future__ import annotations

import matplotlib

from rlcf.report.charts.curves import time_chart
from rlcf.report.charts.lines import Series, line_chart
from rlcf.report.charts.rewards import ordering, reward_chart, reward_rows


def test_the_medians_order_is_said_to_hold_or_not():
    sound = {"rejected": [-1.0], "trivial": [-0.7, -0.5], "accepted": [0.1], "reference": [0.9]}
    assert "in the order they should" in ordering(reward_rows(sound))
    assert "trivial is not below accepted" in ordering(reward_rows(sound | {"trivial": [0.4]}))


def test_kinds_without_a_reward_are_left_out_and_new_kinds_come_last():
    rows = reward_rows({"new": [0.0], "accepted": [], "rejected": [-1.0, -1.0, -0.5]})
    assert [row.kind for row in rows] == ["rejected", "new"]
    assert rows[0].median == -1.0


def test_a_thousand_rewards_make_a_chart_of_bounded_size():
    chart = reward_chart({"accepted": [n / 5000 for n in range(5000)]}, "c")
    assert len(chart.svg) < 60_000


def test_a_series_without_a_value_makes_no_chart():
    assert line_chart("c", "Nothing", [Series("nothing", [1, 2], [None, None], "blue")]) is None
    assert reward_chart({}, "c") is None
    assert time_chart([{"update": 1, "seconds": {"generate": None}}], "c") is None


def test_a_missing_value_is_a_gap_and_tick_labels_stay_exact():
    chart = line_chart("c", "T", [Series("one", [1, 2, 3, 4], [0.005, None, 0.01, 0.02], "blue")], from_zero=True)
    assert ">0.005<" in chart.svg
    assert chart.svg.count("M ") >= 2


def test_two_charts_share_no_id():
    series = [Series("one", [1, 2], [0.0, 1.0], "blue")]
    first, second = (line_chart(name, "T", series) for name in ("a", "b"))
    assert 'id="a-' in first.svg
    assert 'id="a-' not in second.svg


def test_a_titles_markup_is_escaped():
    chart = line_chart("c", '"><script>', [Series("<b>", [1], [1.0], "blue")])
    assert "<script>" not in chart.svg
    assert "<b>" not in chart.svg


def test_drawing_leaves_matplotlibs_settings_alone():
    before = (matplotlib.rcParams["svg.fonttype"], matplotlib.rcParams["svg.hashsalt"])
    line_chart("c", "T", [Series("one", [1], [1.0], "blue")])
    assert (matplotlib.rcParams["svg.fonttype"], matplotlib.rcParams["svg.hashsalt"]) == before


def test_time_that_no_phase_accounts_for_is_shown_as_other():
    chart = time_chart([{"update": 1, "seconds": {"generate": 2.0, "total": 5.0}}], "c")
    assert [key.label for key in chart.keys] == ["generate", "other"]
