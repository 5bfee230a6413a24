"""Who is told what was decided? News is read from the record after it was written, so that nothing waits for a channel.

A message is kept in the registry before it is sent, once for each channel. Whoever comes first sends it: the guard, the
sensor, `olorin notify`. A channel that does not answer is tried again, ever more seldom, and then given up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event as Signal

import structlog

from olorin_pipelines.errors import ConfigError, NotificationFailed, OlorinError, RegistryError, UnknownName
from olorin_pipelines.notify import Channel, Message, open_channel
from olorin_pipelines.notify.message import message_of, news_of
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.registry import BY_HAND, Deployment, Event, Notice

__all__ = ["Herald", "Told", "test_message"]

_KINDS = ("verdict", "rollout_state", "rollback", "production_check")
_LOOKED_BACK_SECONDS = 3600.0
_POLL_SECONDS = 1.0
_FIRST_AGAIN, _FACTOR, _LONGEST_AGAIN = 5.0, 3.0, 600.0
_AT_ONCE = 4

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """How one try ended: `trouble` is empty when the message was sent; `again` that it will be tried again."""

    channel: str
    title: str
    trouble: str = ""
    again: bool = False


@dataclass
class Herald:
    """Tells the news of a workplace. `opened` builds a channel by its name."""

    place: Workplace
    opened: Callable[[str], Channel] | None = None
    _cursor: int | None = None
    _pool: futures.ThreadPoolExecutor = field(default_factory=lambda: futures.ThreadPoolExecutor(_AT_ONCE))

    def watch(self, stop: Signal) -> None:
        """Tell news until `stop` is set. What goes wrong here stays here."""
        while not stop.wait(_POLL_SECONDS):
            try:
                list(self.tell())
            except OlorinError as error:
                log.warning("nothing can be told", trouble=error.message)

    def tell(self) -> Iterator[Told]:
        """Keep the news since the last look and try whatever is due; yields what was tried."""
        if not self.place.config.notify.channels():
            return
        self._collect()
        due = [notice for notice in self.place.registry.due_notices() if self._claimed(notice)]
        yield from self._pool.map(self._try, due)

    def tell_for(self, seconds: float, *, wait: Callable[[float], None] = time.sleep) -> list[Told]:
        """Tell news for some time; returns as soon as something was tried."""
        until = time.monotonic() + seconds
        while True:
            tried = list(self.tell())
            if tried or time.monotonic() >= until:
                return tried
            wait(_POLL_SECONDS)

    def _collect(self) -> None:
        registry = self.place.registry
        newest = registry.newest_event()  # asked first: what comes meanwhile is looked at twice, and never passed by
        events = registry.news_after(self._cursor, kinds=_KINDS, seconds=_LOOKED_BACK_SECONDS)
        kept: list[tuple[str, str, Mapping[str, object]]] = []
        for event in events:
            message = self._message(event)
            if message is not None:
                kept += [(name, message.key, message.to_dict()) for name in self._wanting(message)]
        if kept:
            registry.keep_notices(kept)
        self._cursor = newest

    def _wanting(self, message: Message) -> list[str]:
        return [
            name
            for name, notice in self.place.config.notify.channels().items()
            if message.news in notice.news and (not notice.services or message.service in notice.services)
        ]

    def _message(self, event: Event) -> Message | None:
        news = news_of(event.kind, event.detail)
        if not news or event.service not in self.place.config.services:
            return None
        row = self._row(event)
        if row is not None and (row.run_id == BY_HAND or self.place.registry.is_dry_run(row.id)):
            return None
        version = row.version if row else str(event.detail.get("version") or event.detail.get("from") or "")
        day = datetime.fromtimestamp(event.at, UTC).date()
        return message_of(
            news,
            service=event.service,
            version=version,
            deployment_id=row.id if row else "",
            otherwise=f"{event.service}@{version}:{day}" if news == "production_failed" else f"event-{event.sequence}",
            at=event.at,
            reason=self._reason(event, row),
            facts=self._facts(event, row),
            links=self._links(event, row),
            place=f"{event.detail.get('weight')} %" if news in ("paused", "held_unsafe") else "",
        )

    def _row(self, event: Event) -> Deployment | None:
        return self.place.registry.deployment(event.deployment_id) if event.deployment_id else None

    def _reason(self, event: Event, row: Deployment | None) -> str:
        detail = event.detail
        if event.kind == "rollback":
            rows = self.place.registry.rollbacks(event.service, limit=5)
            mine = next((back for back in rows if back.deployment_id == event.deployment_id), None)
            return str((mine.detail.get("found") if mine else "") or (mine.reason if mine else ""))
        said = detail.get("because") or detail.get("reason") or detail.get("summary") or ""
        return str(said or (row.because if row else "") or "")

    def _facts(self, event: Event, row: Deployment | None) -> dict[str, str]:
        detail, facts = event.detail, {}
        if event.kind == "rollback":
            facts["traffic"] = f"{detail.get('from')} → {detail.get('to')} in {detail.get('seconds', 0):.1f} s"
        if row is not None:
            facts |= {
                "verdict": f"{row.verdict or 'open'}{f' by {row.decided_by}' if row.decided_by else ''}",
                "environment": row.environment,
                "revision": row.revision,
                "record": f"olorin status --deployment {row.id}",
            }
        return facts

    def _links(self, event: Event, row: Deployment | None) -> dict[str, str]:
        base = self.place.config.notify.dagster
        if base is None:
            return {}
        links = {"run": f"{base}/runs/{row.run_id}"} if row is not None and row.run_id else {}
        asset = {"verdict": "deployment_verdict", "production_check": "production_contract"}.get(event.kind, "rollback")
        asset = "rollout" if event.kind == "rollout_state" else asset
        return links | {"asset": f"{base}/assets/{asset}?partition={event.service}"}

    def _claimed(self, notice: Notice) -> bool:
        return self.place.registry.claim_notice(notice, seconds=self.place.config.notify.seconds * 4 + 30)

    def _try(self, notice: Notice) -> Told:
        """Send one message and record how it went; never raises for what a channel does."""
        config, registry = self.place.config.notify, self.place.registry
        message = Message.from_dict(notice.words)
        tries = notice.tries + 1
        again: float | None = min(_LONGEST_AGAIN, _FIRST_AGAIN * _FACTOR ** (tries - 1))
        trouble = ""
        try:
            channel = self.opened(notice.channel) if self.opened else open_channel(self.place.config, notice.channel)
            channel.send(message, timeout=config.seconds)
        except NotificationFailed as error:
            trouble = error.message
            again = again if error.again else None
        except (ConfigError, UnknownName) as error:
            trouble = error.message
        again = None if tries >= config.tries else again
        try:
            registry.settle_notice(notice, trouble=trouble, again_in=again)
        except RegistryError as error:
            trouble, again = trouble or error.message, 0.0
        if trouble:
            log.warning("a message was not sent", channel=notice.channel, key=notice.key, trouble=trouble)
        return Told(notice.channel, message.title, trouble, bool(trouble) and again is not None)


def test_message(*, at: float) -> Message:
    """Return a message that says that it is only a trial; it is over as soon as it has arrived."""
    return message_of(
        "promoted",
        service="olorin",
        version="test",
        deployment_id="test",
        otherwise="",
        at=at,
        reason="This is a trial of `olorin notify --test`: nothing happened.",
        facts={},
        links={},
    )
