"""What do people want of a rollout, and was it done? Requests that outlive the process that asked, and pauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from olorin_pipelines.registry.database import Database, waiting
from olorin_pipelines.registry.dry import is_dry
from olorin_pipelines.registry.leases import PAUSED, hold
from olorin_pipelines.registry.tables import Deployment, Rollout, RolloutCommand

__all__ = ["GO_ON", "Commands"]

GO_ON = ("resume", "approve")
"""What ends a pause as soon as a run takes the rollout up again."""


class Commands(Database):
    """Commands of people to rollouts: asked by anybody, answered by who moves the traffic."""

    def ask_rollout(self, deployment_id: str, verb: str, *, who: str, reason: str) -> tuple[RolloutCommand, bool]:
        """Ask something of a rollout, durably. What waits for its answer already is returned, with False."""
        with self.writing() as session:
            deployment = self.deployment_row(session, deployment_id)
            same = session.scalars(waiting(deployment_id).where(RolloutCommand.verb == verb)).first()
            if same is not None:
                return same, False
            row = RolloutCommand(
                service=deployment.service,
                deployment_id=deployment_id,
                verb=verb,
                who=who,
                reason=reason,
                asked_at=self._clock(),
                answer="",
            )
            session.add(row)
            detail = {"verb": verb, "who": who, "reason": reason}
            session.add(self.event("command_asked", deployment.service, deployment_id, detail))
            session.flush()
            return row, True

    def command(self, sequence: int) -> RolloutCommand:
        """Return one command."""
        with self.reading() as session:
            return session.get_one(RolloutCommand, sequence)

    def waiting_commands(self, deployment_id: str) -> Sequence[RolloutCommand]:
        """Return what was asked of a rollout and is not answered, oldest first."""
        with self.reading() as session:
            return session.scalars(waiting(deployment_id)).all()

    def seen_commands(self, cursor: int) -> int:
        """Return the number of the last command that a reader with this cursor can have seen."""
        return self.seen(cursor, RolloutCommand.sequence)

    def commands_after(self, sequence: int, *, wait_seconds: float = 0.0) -> Sequence[RolloutCommand]:
        """Return commands newer than `sequence`, oldest first; waits up to `wait_seconds` for the first one."""
        query = select(RolloutCommand).where(RolloutCommand.sequence > sequence).order_by(RolloutCommand.sequence)
        return self.long_poll(query, wait_seconds)

    def answer_commands(self, deployment_id: str, answer: str) -> None:
        """Answer all that was asked of a rollout."""
        with self.writing() as session:
            self.settle_commands(session, deployment_id, answer)

    def pause_rollout(
        self, deployment_id: str, *, fence: int, state: str, reason: str, detail: Mapping[str, Any], seconds: float
    ) -> None:
        """End the run of a rollout and hold its weight for at most `seconds`; `state` says why it is held.

        The lease stays taken, without a heartbeat: nobody begins until the rollout goes on or is taken back. What was
        asked is answered in the same transaction. Raises `StaleFence` when somebody else has the lease.
        """
        with self.writing() as session:
            row = session.get_one(Rollout, deployment_id)
            lease = hold(session, row.service, fence)
            lease.kind, lease.beats, lease.deadline = PAUSED, lease.beats + 1, self._clock() + seconds
            row.state, row.reason, row.detail, row.deadline = state, reason, dict(detail), lease.deadline
            payload = {"state": state, "reason": reason, "weight": row.weight}
            session.add(self.event("rollout_state", row.service, deployment_id, payload))
            self.settle_commands(session, deployment_id, state)

    def resume_rollout(self, deployment_id: str, *, fence: int, deadline: float, approved: int) -> Rollout:
        """A rollout that rested goes on, by the holder of the lease; weights up to `approved` need nobody's approval.

        Weight and steps stay as they are; whoever asked to go on has the answer. Raises `StaleFence`.
        """
        with self.writing() as session:
            row = session.get_one(Rollout, deployment_id)
            hold(session, row.service, fence)
            row.state, row.fence, row.deadline, row.reason = "open", fence, deadline, ""
            row.detail = {**row.detail, "approved": approved}
            going_on = [each for each in session.scalars(waiting(deployment_id)).all() if each.verb in GO_ON]
            for each in going_on:
                each.answer, each.answered_at = "resumed", self._clock()
            asked = [{"verb": each.verb, "who": each.who, "reason": each.reason} for each in going_on]
            detail = {"fence": fence, "weight": row.weight, "approved": approved, "asked": asked}
            session.add(self.event("rollout_opened", row.service, deployment_id, detail))
            return row

    def newer_deployment(self, deployment_id: str, *, but: str) -> Deployment | None:
        """Return the latest deployment announced to the same place after this one.

        One that is closed or rejected is left out, a dry run, and one with the run_id `but`.
        """
        with self.reading() as session:
            own = self.deployment_row(session, deployment_id)
            return session.scalars(
                select(Deployment)
                .where(
                    Deployment.service == own.service,
                    Deployment.environment == own.environment,
                    Deployment.sequence > own.sequence,
                    Deployment.outcome.is_(None),
                    Deployment.verdict.is_distinct_from("rejected"),
                    Deployment.run_id.is_distinct_from(but),
                    ~is_dry(),
                )
                .order_by(Deployment.sequence.desc())
            ).first()
