"""News goes once to each channel that wants it, after it was recorded; nothing ever waits for a channel."""

from __future__ import annotations

import threading
import time

import pytest

from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.probe import Answer
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.errors import NotificationFailed
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline.herald import Herald
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.registry import BY_HAND
from tests.notify.receivers import receiving

NAME = "investigations"
OLD, NEW = "http://127.0.0.1:9", "http://127.0.0.1:19"
CHANNELS = """\
    rollout: {router: envoy}
notify:
  dagster: https://dagster.example.com
  tries: 3
  slack:
    team: {url: "${HOOK:-http://127.0.0.1:9}"}
    other: {url: "${HOOK:-http://127.0.0.1:9}", services: [another], news: [promoted]}
  alertmanager:
    main: {url: "http://127.0.0.1:9", news: [rolled_back]}
"""


class Recorder:
    """A channel in memory for every name; `trouble` is raised while it is set."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.trouble: NotificationFailed | None = None
        self.messages = []

    def __call__(self, name):
        recorder = self

        class Channel:
            def send(self, message, *, timeout):
                if recorder.trouble:
                    raise recorder.trouble
                recorder.sent.append((name, message.news))
                recorder.messages.append(message)

        return Channel()


@pytest.fixture
def place(workplace):
    place = workplace(OLD, extra=CHANNELS)
    place.registry.found_serving(NAME, version="2.0.0", url=OLD)
    return place


@pytest.fixture
def recorder():
    return Recorder()


def rejected(place, **values):
    row, _ = place.registry.announce(NAME, environment="canary", version="2.1.0", url=NEW, revision="abc", **values)
    place.registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="1 breaking change")
    return row


def rolled_back(place, row, outcome="rolled_back"):
    place.registry.record_rollback(
        NAME, deployment_id=row.id, from_version="2.1.0", to_version="2.0.0", reason="1 breaking change",
        outcome=outcome, started_at=0.0, seconds=0.4, detail={"found": f"{outcome} indeed"},
    )  # fmt: skip


def tell(place, recorder):
    return list(Herald(place, recorder).tell())


def test_news_goes_to_those_who_want_it_with_its_reason_and_links(place, recorder):
    row = rejected(place)
    place.registry.started(row.id, "run-1")
    rolled_back(place, row)
    tell(place, recorder)
    assert sorted(recorder.sent) == [
        ("alertmanager/main", "rolled_back"),
        ("slack/team", "rejected"),
        ("slack/team", "rolled_back"),
    ]
    told = {message.news: message for message in recorder.messages}
    assert told["rejected"].reason == "1 breaking change"
    assert told["rejected"].facts["verdict"] == "rejected by schema_diff"
    assert told["rejected"].links["run"] == "https://dagster.example.com/runs/run-1"
    assert told["rolled_back"].facts["traffic"] == "2.1.0 → 2.0.0 in 0.4 s"
    assert told["rolled_back"].reason == "rolled_back indeed"


def test_nothing_is_told_twice_by_whomever(place, recorder):
    rejected(place)
    first, second = Herald(place, recorder), Herald(place, recorder)
    threads = [threading.Thread(target=lambda each=each: list(each.tell())) for each in (first, second, first)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell(place, recorder)
    assert recorder.sent == [("slack/team", "rejected")]


def test_a_rollback_that_fails_again_and_again_is_told_once(place, recorder):
    row = rejected(place)
    herald = Herald(place, recorder)
    for _ in range(3):
        rolled_back(place, row, "rollback_failed")
        list(herald.tell())
    assert recorder.sent.count(("slack/team", "rollback_failed")) == 1


def test_what_is_verified_by_hand_is_no_news(place, recorder):
    rejected(place, run_id=BY_HAND)
    assert tell(place, recorder) == []


def test_production_that_fails_is_told_once_a_day(place, recorder):
    from olorin_pipelines.gate import CheckResult, GateResult, Outcome

    check = CheckResult(name="contract", outcome=Outcome.FAIL, summary="2 violations")
    for _ in range(2):
        place.registry.record_production_check(NAME, "2.0.0", GateResult.of_checks("production_contract", [check]))
    tell(place, recorder)
    assert recorder.sent == [("slack/team", "production_failed")]
    assert "2 violations" in recorder.messages[0].reason


def test_a_channel_that_fails_is_tried_again_later_and_then_given_up(place, recorder):
    now = [time.time()]
    place.registry._clock = lambda: now[0]
    rejected(place)
    recorder.trouble = NotificationFailed("it answers 500", again=True)
    herald = Herald(place, recorder)
    assert [each.again for each in herald.tell()] == [True]
    assert list(herald.tell()) == [], "not before its time"
    now[0] += 5
    assert [each.again for each in herald.tell()] == [True]
    now[0] += 15
    assert [each.again for each in herald.tell()] == [False]
    now[0] += 3600
    assert list(herald.tell()) == []
    (notice,) = place.registry.notices()
    assert (notice.state, notice.tries, notice.trouble) == ("failed", 3, "it answers 500")


def test_a_refusal_for_good_is_not_tried_again(place, recorder):
    rejected(place)
    recorder.trouble = NotificationFailed("it answers 404", again=False)
    assert [each.again for each in tell(place, recorder)] == [False]
    assert place.registry.notices()[0].state == "failed"


def test_who_died_while_sending_is_replaced(place, recorder):
    now = [time.time()]
    place.registry._clock = lambda: now[0]
    rejected(place)

    class Died(BaseException):
        pass

    def dies(_name):
        raise Died

    with pytest.raises(Died):
        list(Herald(place, dies).tell())
    assert tell(place, recorder) == []
    now[0] += 60
    tell(place, recorder)
    assert recorder.sent == [("slack/team", "rejected")]


def test_old_news_is_not_told_to_a_new_channel(place, recorder):
    now = [time.time()]
    place.registry._clock = lambda: now[0]
    rejected(place)
    now[0] += 2 * 3600
    assert tell(place, recorder) == []


def test_without_channels_the_registry_is_not_asked(workplace):
    place = workplace(OLD)
    registry = place.registry
    place.__dict__["registry"] = None
    assert list(Herald(place).tell()) == []
    place.__dict__["registry"] = registry


def test_nothing_waits_for_an_address_that_does_not_answer(place, monkeypatch):
    """Fault row notification-down: the rollout ends while the message is still on its way, and it arrives once."""
    router, metrics = MemoryRouter(), MemoryMetrics()
    monkeypatch.setattr(release_module, "router_of", lambda config, name, **_: router)
    monkeypatch.setattr(release_module, "metrics_of", lambda config, name: metrics)
    monkeypatch.setattr(release_module, "probe", lambda url: Answer(200, "2.0.0"))
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"{receiver.url}/hook")
        receiver.held.clear()
        before = rejected(place)
        place.registry.end(before.id, "rolled_back")
        stop = threading.Event()
        teller = threading.Thread(target=Herald(place).watch, args=(stop,), daemon=True)
        teller.start()
        until = time.monotonic() + 30
        while not receiver.asked and time.monotonic() < until:
            time.sleep(0.02)
        assert receiver.asked, "it is being told"
        row, _ = place.registry.announce(NAME, environment="canary", version="2.2.0", url=NEW + "/2")
        place.registry.decide(row.id, verdict="accepted", decided_by="", because="")

        def step(_seconds):
            metrics.add(NAME, "2.2.0", requests=500, errors=500)

        report = release(place.case(row.id), wait=step)
        assert report.outcome == "aborted"
        assert receiver.came == [], "nobody has been told yet, and the rollout is over"
        receiver.held.set()
        while len(receiver.came) < 2 and time.monotonic() < until + 30:
            time.sleep(0.02)
        stop.set()
        teller.join(30)
    said = [body["text"] for _, _, body in receiver.came]
    assert sorted(set(said)) == sorted(said), "each once"
    assert any("was rejected" in text for text in said)


def test_a_pause_at_another_weight_is_news_again(place, recorder):
    row, _ = place.registry.announce(NAME, environment="canary", version="2.1.0", url=NEW)
    place.registry.open_rollout(row.id, fence=1, deadline=0.0)
    for weight in (10, 10, 25):
        place.registry.record(
            "rollout_state",
            service=NAME,
            deployment_id=row.id,
            detail={"state": "paused", "reason": "waits for an approval", "weight": weight},
        )
    tell(place, recorder)
    assert recorder.sent == [("slack/team", "paused")] * 2
    assert recorder.messages[0].reason == "waits for an approval"
