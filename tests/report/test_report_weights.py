"""The weight over time, as blocks and as a chart of text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.report.weights import weight_blocks, weight_chart

STEPS = ((0.0, 0), (1.0, 10), (5.0, 50), (8.0, 100), (9.0, 0))


def test_blocks_rise_and_fall():
    assert weight_blocks(STEPS, until=10.0, width=10) == "·▁▁▁▁▅▅▅█·"


def test_a_step_shorter_than_a_slice_is_seen():
    assert "█" in weight_blocks(((0.0, 0), (5.0, 100), (5.01, 0)), until=100.0, width=10)


def test_no_weight_is_nothing():
    assert weight_blocks((), until=3.0) == ""


def test_a_chart_has_a_row_for_each_weight_and_an_axis():
    assert weight_chart(STEPS, until=10.0, width=20).splitlines() == [
        " 100 % ┤                ██",
        "  50 % ┤          ████████",
        "  10 % ┤  ████████████████",
        "       └────────────────────",
        "        0 s       5 s   10 s",
    ]
    assert weight_chart((), until=1.0) == ""


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 100)), min_size=1).map(sorted), st.floats(0, 2e6))
def test_whatever_was_recorded_is_drawn(weights, until):
    assert len(weight_blocks(weights, until=until)) == 60
    *rows, axis, _ = weight_chart(weights, until=until).splitlines()
    assert all(len(row) <= len(axis) for row in rows)
