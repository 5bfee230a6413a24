"""Which failures are new, known, flaky or fixed? Every run of contract tests, with what it saw, and the comparison."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.tables import ContractFailure, ContractRun

__all__ = ["FLAKY", "KNOWN", "NEW", "History", "Past", "Remembered", "Seen", "compare"]

NEW, KNOWN, FLAKY = "new", "known", "flaky"
LOOKED_BACK = 50
"""Runs that are compared with."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A failure that a run saw: the name of its cause, and the `scope` that had to be asked for it to be seen."""

    fingerprint: str
    scope: str
    check: str
    operation: str
    message: str

    @property
    def identity(self) -> tuple[str, str]:
        """What makes it the same failure in another run."""
        return self.scope, self.fingerprint


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier run: whether it was of the same version and document as this one, what it asked and saw."""

    same: bool
    asked: frozenset[str]
    seen: Mapping[tuple[str, str], Seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What history says of a run: the state of each failure by its identity, and what is gone since.

    `fixed` were seen when they were last looked for; `vanished` come and go on one version, and are gone this time.
    """

    states: Mapping[tuple[str, str], str] = field(default_factory=dict)
    fixed: tuple[Seen, ...] = ()
    vanished: tuple[Seen, ...] = ()

    def count(self, state: str) -> int:
        """How many of the failures of this run are in a state."""
        return sum(each == state for each in self.states.values())


def compare(seen: Collection[Seen], asked: Collection[str], earlier: Sequence[Past]) -> Remembered:
    """Compare a run with earlier ones, the newest first. Pure.

    A failure is *known* when the last run that looked for it saw it, *flaky* when it came, went and came again
    while version and document stayed the same, else *new*. What was seen the last time and is not now is *fixed*,
    unless it has come and gone before; of what this run did not ask nothing is said.
    """
    now = {each.identity: each for each in seen}
    states = {identity: _state(identity, earlier) for identity in now}
    fixed: list[Seen] = []
    vanished: list[Seen] = []
    wanted = set(asked)
    for identity in dict.fromkeys(identity for past in earlier for identity in past.seen):
        looked = _looked_for(identity, earlier)
        if identity[0] in wanted and identity not in now and identity in looked[0].seen:
            gone = looked[0].seen[identity]
            (vanished if _came_and_went([past for past in looked if past.same], identity) else fixed).append(gone)
    return Remembered(states=states, fixed=tuple(fixed), vanished=tuple(vanished))


def _state(identity: tuple[str, str], earlier: Sequence[Past]) -> str:
    looked = _looked_for(identity, earlier)
    if not any(identity in past.seen for past in looked):
        return NEW
    if _came_and_went([past for past in looked if past.same], identity):
        return FLAKY
    return KNOWN if identity in looked[0].seen else NEW


def _looked_for(identity: tuple[str, str], earlier: Sequence[Past]) -> list[Past]:
    return [past for past in earlier if identity[0] in past.asked or identity in past.seen]


def _came_and_went(same: Sequence[Past], identity: tuple[str, str]) -> bool:
    """Whether it was absent after it had been seen, newest first."""
    there = [identity in past.seen for past in same]
    return any(not newer and any(there[place + 1 :]) for place, newer in enumerate(there))


class History(Database):
    """The runs of contract tests by service, environment and gate."""

    def remember(
        self,
        service: str,
        *,
        environment: str,
        gate: str,
        version: str,
        digest: str,
        seen: Collection[Seen],
        asked: Collection[str],
        numbers: Mapping[str, float],
        deployment_id: str | None = None,
    ) -> Remembered:
        """Record a run and return what earlier ones say of it. `numbers` are kept for the trend."""
        unique = {each.identity: each for each in seen}
        with self.writing() as session:
            earlier = self._earlier(session, service, environment, gate, version=version, digest=digest)
            said = compare(seen, asked, earlier)
            counts = {state: said.count(state) for state in (NEW, KNOWN, FLAKY)} | {"fixed": len(said.fixed)}
            run = ContractRun(
                service=service,
                environment=environment,
                gate=gate,
                version=version,
                digest=digest,
                deployment_id=deployment_id,
                asked=sorted(asked),
                numbers={**numbers, "failures": len(unique), **counts},
                at=self._clock(),
            )
            session.add(run)
            session.flush()
            session.add_all(
                ContractFailure(
                    run=run.sequence,
                    fingerprint=each.fingerprint,
                    scope=each.scope,
                    check=each.check,
                    operation=each.operation,
                    message=each.message,
                    state=said.states[each.identity],
                )
                for each in unique.values()
            )
        return said

    def contract_runs(self, service: str, *, environment: str, gate: str, limit: int = 50) -> Sequence[ContractRun]:
        """Return the latest runs, newest first."""
        query = select(ContractRun).where(
            ContractRun.service == service, ContractRun.environment == environment, ContractRun.gate == gate
        )
        with self.reading() as session:
            return session.scalars(query.order_by(ContractRun.sequence.desc()).limit(limit)).all()

    def contract_failures(self, run: int) -> Sequence[ContractFailure]:
        """Return what a run saw."""
        query = select(ContractFailure).where(ContractFailure.run == run).order_by(ContractFailure.sequence)
        with self.reading() as session:
            return session.scalars(query).all()

    def _earlier(
        self, session: Session, service: str, environment: str, gate: str, *, version: str, digest: str
    ) -> list[Past]:
        query = select(ContractRun).where(
            ContractRun.service == service, ContractRun.environment == environment, ContractRun.gate == gate
        )
        runs = session.scalars(query.order_by(ContractRun.sequence.desc()).limit(LOOKED_BACK)).all()
        failures: dict[int, list[ContractFailure]] = {run.sequence: [] for run in runs}
        for each in session.scalars(select(ContractFailure).where(ContractFailure.run.in_(failures))):
            failures[each.run].append(each)
        return [
            Past(
                same=(run.version, run.digest) == (version, digest),
                asked=frozenset(run.asked),
                seen={
                    (each.scope, each.fingerprint): Seen(
                        each.fingerprint, each.scope, each.check, each.operation, each.message
                    )
                    for each in failures[run.sequence]
                },
            )
            for run in runs
        ]
