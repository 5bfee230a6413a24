"""What is to be told to whom, and was it? Each message once for each channel; tries are bounded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.tables import Event, Notice

__all__ = ["DUE", "FAILED", "SENT", "Notices"]

DUE, SENT, FAILED = "due", "sent", "failed"


class Notices(Database):
    """The messages of all channels, from the event they come from to their arrival."""

    def news_after(self, sequence: int | None, *, kinds: Collection[str], seconds: float) -> Sequence[Event]:
        """Return events of some kinds after `sequence`, oldest first; None: those of the last `seconds`."""
        query = select(Event).where(Event.kind.in_(kinds)).order_by(Event.sequence)
        if sequence is None:
            query = query.where(Event.at > self._clock() - seconds)
        else:
            query = query.where(Event.sequence > sequence)
        with self.reading() as session:
            return session.scalars(query).all()

    def newest_event(self) -> int:
        """Return the number of the newest event, 0 without any."""
        with self.reading() as session:
            return session.scalar(select(func.max(Event.sequence))) or 0

    def keep_notices(self, notices: Iterable[tuple[str, str, Mapping[str, Any]]]) -> int:
        """Keep messages as channel, key and words; what is there already stays as it is. Returns how many are new."""
        kept = 0
        with self.writing() as session:
            for channel, key, words in notices:
                if session.get(Notice, (channel, key)) is None:
                    now = self._clock()
                    session.add(
                        Notice(channel=channel, key=key, words=dict(words), state=DUE, tries=0, made_at=now, due_at=now)
                    )
                    kept += 1
        return kept

    def due_notices(self, *, limit: int = 20) -> Sequence[Notice]:
        """Return messages whose time has come, oldest first."""
        query = select(Notice).where(Notice.state == DUE, Notice.due_at <= self._clock())
        with self.reading() as session:
            return session.scalars(query.order_by(Notice.due_at).limit(limit)).all()

    def claim_notice(self, notice: Notice, *, seconds: float) -> bool:
        """Begin a try, which nobody else begins for `seconds`; False when somebody else was quicker."""
        with self.writing() as session:
            claimed = session.execute(
                update(Notice)
                .where(Notice.channel == notice.channel, Notice.key == notice.key)
                .where(Notice.state == DUE, Notice.tries == notice.tries)
                .values(tries=notice.tries + 1, due_at=self._clock() + seconds)
            )
            return bool(claimed.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one

    def settle_notice(self, notice: Notice, *, trouble: str = "", again_in: float | None = None) -> None:
        """Record how a try ended: sent without `trouble`, else to be tried `again_in` seconds, or failed for good."""
        with self.writing() as session:
            row = session.get_one(Notice, (notice.channel, notice.key))
            row.trouble = trouble
            if not trouble:
                row.state, row.sent_at = SENT, self._clock()
            elif again_in is None:
                row.state = FAILED
            else:
                row.due_at = self._clock() + again_in

    def notices(self, *, limit: int = 20) -> Sequence[Notice]:
        """Return the latest messages, newest first."""
        query = select(Notice).order_by(Notice.made_at.desc(), Notice.channel).limit(limit)
        with self.reading() as session:
            return session.scalars(query).all()

    def notice_counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many messages each channel has in each state."""
        query = select(Notice.channel, Notice.state, func.count()).group_by(Notice.channel, Notice.state)
        with self.reading() as session:
            return {(channel, state): count for channel, state, count in session.execute(query)}
