"""`olorin notify`: a trial, what is due, and what was told."""

from __future__ import annotations

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.pipeline.case import Workplace
from tests.cli.conftest import PETS
from tests.notify.receivers import receiving

SECRET = "the-secret-of-the-webhook"


@pytest.fixture
def slack(home, monkeypatch):
    (home / "olorin.yaml").write_text(PETS + 'notify: {slack: {team: {url: "${HOOK}"}}}\n')
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"{receiver.url}/{SECRET}")
        yield receiver


def test_a_trial_arrives(olorin, slack):
    assert olorin("notify", "--test", "slack/team").code == 0
    assert "trial" in str(slack.came)


def test_a_trial_that_fails_says_so_without_the_address(olorin, slack):
    slack.status = 404
    said = olorin("notify", "--test", "slack/team", "--json")
    assert (said.code, said.data["trouble"]) == (3, "it answers 404")
    assert SECRET not in said.all


def test_an_unknown_channel_is_a_matter_of_usage(olorin, slack):
    assert "slack/team" in olorin("notify", "--test", "slack/tea").err


def test_what_is_due_is_told_once_and_can_be_listed(olorin, slack):
    place = Workplace(load_config())
    row, _ = place.registry.announce("pets", environment="canary", version="2", url="http://127.0.0.1:9")
    place.registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="1 breaking change")
    place.registry.close()
    assert olorin("notify", "--json").data == [
        {"channel": "slack/team", "message": "pets 2 was rejected", "trouble": ""}
    ]
    assert olorin("notify").out == "nothing is due\n"
    (listed,) = olorin("notify", "--list", "--json").data["messages"]
    assert (listed["state"], listed["tries"]) == ("sent", 1)
    assert len(slack.came) == 1
    assert SECRET not in olorin("notify", "--list").all
