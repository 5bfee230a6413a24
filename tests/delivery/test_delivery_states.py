"""The table of states: whole, reachable, and what a record says by it."""

from __future__ import annotations

import pytest

from olorin_pipelines.delivery.states import COMMANDS, EDGES, STATES, follow

NAMES = {state.name for state in STATES}
MOVING = [state.name for state in STATES if state.group in ("before", "forward", "aside")]


def at(*events):
    return follow((float(number), kind, detail) for number, (kind, detail) in enumerate(events))


ANNOUNCED = ("deployment_announced", {})
ACCEPTED = ("verdict", {"verdict": "accepted"})
OPENED = ("rollout_opened", {})
STEP = (("step_intent", {}), ("apply_intent", {}), ("apply_evidence", {}), ("step_ended", {}))
DONE = ("rollout_ended", {"outcome": "promoted"})
PROMOTED = ("rollout_state", {"state": "promoted"})
CLOSED = ("deployment_ended", {"outcome": "promoted"})
BACK = tuple((f"rollback_{step}_intent", {}) for step in ("precheck", "route", "confirm", "drain", "scale", "prove"))


def proved(outcome):
    return (*BACK, ("rollback", {"outcome": outcome}))


def test_the_table_is_whole():
    assert len(NAMES) == len(STATES)
    for edge in EDGES:
        assert {*edge.sources, edge.target} <= NAMES
    pairs = [(source, edge.event) for edge in EDGES for source in edge.sources]
    assert len(pairs) == len(set(pairs)), "a state and an event lead to one state"
    assert {state for states in COMMANDS.values() for state in states} <= NAMES


def test_every_state_is_reached_and_every_state_that_is_no_end_is_left():
    reached = {"captured"}
    while new := {edge.target for edge in EDGES if reached & set(edge.sources)} - reached:
        reached |= new
    assert reached == NAMES
    left = {source for edge in EDGES for source in edge.sources}
    assert {state.name for state in STATES if state.group != "end"} <= left


@pytest.mark.parametrize("state", MOVING)
def test_an_abort_is_legal_before_the_end_and_leads_to_a_proof(state):
    assert state in COMMANDS["abort"]
    assert any(edge.event == "abort" and state in edge.sources for edge in EDGES)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), "captured"),
        ((ACCEPTED,), "gated"),
        ((("verdict", {"verdict": "rejected"}),), "rejected"),
        ((("verdict", {"verdict": "rejected"}), ("deployment_ended", {"outcome": "refused"})), "unmoved"),
        ((("deployment_ended", {"outcome": "superseded"}),), "superseded"),
        ((ACCEPTED, OPENED, *STEP), "baking"),
        ((ACCEPTED, OPENED, *STEP, ("rollout_state", {"state": "paused"})), "paused"),
        ((ACCEPTED, OPENED, *STEP, ("rollout_state", {"state": "paused"}), OPENED, *STEP), "baking"),
        ((ACCEPTED, OPENED, *STEP, *STEP, DONE, PROMOTED, CLOSED), "post_bake"),
        ((ACCEPTED, OPENED, *STEP, DONE, PROMOTED, CLOSED, ("post_bake_ended", {})), "succeeded"),
        ((ACCEPTED, OPENED, *STEP, ("rollout_state", {"state": "aborted"})), "abort_requested"),
        ((ACCEPTED, OPENED, *STEP, *proved("rolled_back")), "rolled_back"),
        ((ACCEPTED, OPENED, *STEP, *proved("rollback_failed"), *BACK[:3]), "confirming"),
        (
            (ACCEPTED, OPENED, *STEP, *proved("rollback_failed"), *proved("rolled_back_degraded")),
            "rolled_back_degraded",
        ),
        ((ACCEPTED, OPENED, *STEP, DONE, PROMOTED, CLOSED, *proved("rolled_back")), "rolled_back"),
        (
            (ACCEPTED, OPENED, *STEP, *proved("rolled_back"), ("deployment_ended", {"outcome": "superseded"})),
            "superseded",
        ),
    ],
)
def test_what_a_record_says(events, state):
    found = at(ANNOUNCED, *events)
    assert (found.state, found.strange) == (state, ())


def test_a_record_that_cannot_be_says_what_is_strange():
    found = at(ANNOUNCED, ACCEPTED, OPENED, *STEP, *proved("rolled_back"), *STEP[:1], PROMOTED)
    assert found.state == "rolled_back"
    assert found.strange == ("intent in rolled_back", "rollout promoted in rolled_back")


def test_since_when():
    assert at(ANNOUNCED, ACCEPTED, OPENED, *STEP).since == 5.0
