"""What happened, seen from outside? Envoy's access log, the load generator's log and Dagster; not our registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from olorin_pipelines.demo.dagster_api import Run

__all__ = [
    "Routed",
    "Sent",
    "Traffic",
    "observe",
    "outcome_of",
    "read_routed",
    "read_sent",
    "rolled_back_at",
    "traffic_between",
]


@dataclass(frozen=True, slots=True)
class Sent:
    """A user's request as the load generator saw it; status 0 means that no answer came."""

    at: float
    status: int
    version: str

    @property
    def failed(self) -> bool:
        """Whether the user did not get what he asked for."""
        return not 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Routed:
    """A request as Envoy logged it: when, to which address, with which status."""

    at: float
    host: str
    status: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """User requests in a window: how many, how many failed, how many a version answered; when the first failed."""

    requests: int
    failures: int
    on_version: int
    first_failure: float | None = None


def read_sent(path: Path) -> list[Sent]:
    """Read the load generator's log; a line being written is left out."""
    return [Sent(e["at"], int(e["status"]), str(e.get("version", ""))) for e in _lines(path)]


def read_routed(path: Path) -> list[Routed]:
    """Read Envoy's access log."""
    return [
        Routed(_seconds(e["start_time"]), str(e.get("upstream_host") or ""), int(e.get("response_code") or 0))
        for e in _lines(path)
    ]


def traffic_between(
    sent: Iterable[Sent], routed: Iterable[Routed], *, begin: float, end: float, url: str, version: str
) -> Traffic:
    """Count user requests sent in [begin, end), and those of the same window that one version answered.

    Both witnesses are heard about the version: its address in the access log, its name in the answers; the higher
    number counts.
    """
    window = [entry for entry in sent if begin <= entry.at < end]
    host = urlsplit(url).netloc
    logged = sum(entry.host == host for entry in routed if begin <= entry.at < end)
    answered = sum(entry.version == version for entry in window)
    failed = [entry.at for entry in window if entry.failed]
    return Traffic(len(window), len(failed), max(logged, answered), min(failed, default=None))


def outcome_of(run: Run) -> str | None:
    """Return the fate of a deployment from what its run materialised, None when it has none yet."""
    rollout, rollback = run.materialization("rollout"), run.materialization("rollback")
    if rollback is not None:
        return str(rollback.metadata.get("outcome"))
    return str(rollout.metadata.get("outcome")) if rollout is not None else None


def rolled_back_at(run: Run) -> float | None:
    """Return when a run materialised its rollback, seconds since the epoch."""
    rollback = run.materialization("rollback")
    return rollback.at if rollback is not None else None


def observe(run: Run, *, event_at: float) -> dict[str, Any]:
    """Return verdict, outcome, deciding gate and times of a run, from its materialisations alone."""
    verdict = run.materialization("deployment_verdict")
    rollout = run.materialization("rollout")
    said: Mapping[str, Any] = verdict.metadata if verdict else {}
    return {
        "verdict": said.get("verdict"),
        "outcome": outcome_of(run),
        "decided_by": said.get("decided_by") or "",
        "because": said.get("because") or "",
        "event_to_run_s": _since(event_at, run.started),
        "event_to_verdict_s": _since(event_at, verdict.at if verdict else None),
        "event_to_rolled_back_s": _since(event_at, rolled_back_at(run)),
        "steps": list(rollout.metadata.get("steps") or []) if rollout else [],
        "run_id": run.run_id,
        "run_status": run.status,
    }


def _since(event_at: float, at: float | None) -> float | None:
    return None if at is None else round(at - event_at, 2)


def _seconds(text: str) -> float:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _lines(path: Path) -> Sequence[dict[str, Any]]:
    if not path.exists():
        return []
    whole = path.read_bytes().split(b"\n")[:-1]
    return [orjson.loads(line) for line in whole if line]
