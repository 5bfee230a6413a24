"""How long a service asks to be left alone, and when it is."""

from __future__ import annotations

import pytest

from olorin_pipelines.access.patience import IN_A_ROW, UNSAID, Patience, asked_to_wait


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, "120", 120.0),
        (429, " 0 ", 0.0),
        (429, None, UNSAID),
        (429, "soon", UNSAID),
        (429, "-5", UNSAID),
        (429, "Wed, 21 Oct 2015 07:28:10 GMT", 10.0),
        (429, "Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        (429, "9" * 400, 999_999_999.0),
        (503, "3", 3.0),
        (503, None, None),
        (200, "3", None),
        (301, "3", None),
        (None, None, None),
    ],
)
def test_for_how_long_an_answer_asks_to_wait(status: int | None, retry_after: str | None, wait: float | None) -> None:
    assert asked_to_wait(status, retry_after, now=1_445_412_480.0) == wait


def test_patience_waits_within_the_time_and_is_lost_after_refusals_in_a_row() -> None:
    patience = Patience()
    assert patience.take("GET /a", 2.0, left=10.0) == 2.0
    assert patience.take("GET /a", 20.0, left=10.0) is None, "longer than there is time"
    assert (patience.in_a_row, patience.seconds, patience.lost) == (2, 20.0, False)
    assert patience.take("GET /a", None, left=10.0) is None
    assert patience.in_a_row == 0, "it answered"
    waits = [patience.take(f"GET /{'ab'[n % 2]}", 1.0, left=10.0) for n in range(IN_A_ROW)]
    assert waits == [1.0] * (IN_A_ROW - 1) + [None]
    assert patience.lost


def test_an_operation_with_a_limit_of_its_own_does_not_end_the_run() -> None:
    patience = Patience()
    for _ in range(5 * IN_A_ROW):
        assert patience.take("POST /log-in", 1.0, left=10.0) == 1.0
    assert not patience.lost
    patience.take("GET /a", None, left=10.0)
    patience.take("POST /log-in", 1.0, left=10.0)
    patience.take("GET /b", 1.0, left=10.0)
    assert not patience.lost
