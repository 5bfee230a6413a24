"""Which failures does the file of a service excuse? They are shown in every run, and do not decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from olorin_pipelines import contract, policy
from olorin_pipelines.config import Config, Service
from olorin_pipelines.contract.judge.checks import NAMES
from olorin_pipelines.gate import Fact, Outcome
from olorin_pipelines.pipeline.served import SERVED

if TYPE_CHECKING:
    from olorin_pipelines.policy.model import KnownFailures

__all__ = ["Excuses", "Probed", "excuses"]


class Probed(NamedTuple):
    """A read-only run: its rows, the failures that decide, and those that are known."""

    result: contract.ProbeResult
    failures: tuple[contract.Failure, ...]
    excused: tuple[contract.Failure, ...]


@dataclass(slots=True)
class Excuses:
    """Takes the runs of a gate one by one, and remembers what the file should lose."""

    known: KnownFailures | None
    today: date
    notes: dict[str, None]

    def of_suite(self, result: contract.SuiteResult) -> contract.SuiteResult:
        """Return a run with its known failures set aside."""
        if self.known is None:
            return result
        said = policy.excuse(result.failures, self.known, self.today, whole=result.complete)
        self.notes |= dict.fromkeys(said.notes)
        return replace(result, failures=said.failures, excused=_marked(said))

    def of_probe(self, result: contract.ProbeResult) -> Probed:
        """Return a probe with its known failures set aside: a row whose failures are all known passes."""
        failures = contract.failures_of_probe(result)
        if self.known is None:
            return Probed(result, failures, ())
        said = policy.excuse(failures, self.known, self.today, whole=False)
        self.notes |= dict.fromkeys(said.notes)
        decided = {each.operation for each in said.failures}
        reasons = {one.operation: f"known: {entry.reason}, until {entry.expires}" for one, entry in said.excused}
        rows = tuple(
            replace(row, outcome=Outcome.PASS, detail=reasons[row.operation], violations=())
            if row.operation in reasons and row.operation not in decided
            else row
            for row in result.rows
        )
        return Probed(replace(result, rows=rows), said.failures, _marked(said))

    def rows(self) -> list[dict[str, Fact]]:
        """Return a table of what is to be said of the file."""
        return [{"note": note} for note in self.notes]


def _marked(said: policy.Excused[contract.Failure]) -> tuple[contract.Failure, ...]:
    return tuple(replace(one, excuse=f"{entry.reason}, until {entry.expires}") for one, entry in said.excused)


def excuses(config: Config, service: Service, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Excuses:
    """Read the file that a service names. Raises `ConfigError`: the gate is then an error, never a pass."""
    path = service.policy.known_failures
    known = policy.read_known(config.root / path, checks=(*NAMES, SERVED)) if path is not None else None
    return Excuses(known, now().date(), {})
