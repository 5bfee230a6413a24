"""`olorin status`: what production serves, what was decided."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from olorin_pipelines.cli.output import columns, emit, json_option, moment, outcome_style

if TYPE_CHECKING:
    from olorin_pipelines.registry import Lease

__all__ = ["status"]


@click.command(epilog="Example: olorin status investigations --json", short_help="show what was decided")
@click.argument("service", required=False)
@click.option("--deployment", "deployment_id", help="Show the whole decision record of one deployment.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Deployments to show.")
@json_option
def status(service: str | None, deployment_id: str | None, limit: int, *, as_json: bool) -> None:
    """Show what production serves and the latest deployments, or one decision record."""
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.record import decision_record

    place = Workplace(load_config())
    if deployment_id:
        record = decision_record(place, deployment_id)
        emit(record, _text_of(record), as_json=as_json)
        return
    names = [service] if service else sorted(place.config.services)
    shown: list[dict[str, Any]] = []
    blocks: list[str] = []
    for name in names:
        place.config.service(name)
        serving = place.registry.serving(name)
        rows = [
            {
                "id": row.id,
                "version": row.version,
                "verdict": row.verdict or "open",
                "outcome": row.outcome or "open",
                "decided_by": row.decided_by or "",
                "announced": moment(row.created_at),
            }
            for row in place.registry.deployments(name, limit=limit)
        ]
        production = f"{serving.version} at {serving.url}" if serving else "not seen yet"
        retained = serving.previous_version if serving else None
        mover = _mover(place.registry.lease(name))
        shown.append(
            {"service": name, "production": production, "retained": retained, "moved_by": mover, "deployments": rows}
        )
        styled = [{**r, "verdict": outcome_style(r["verdict"]), "outcome": outcome_style(r["outcome"])} for r in rows]
        head = f"{click.style(name, bold=True)}: production {production}" + (
            f", retained {retained}" if retained else ""
        )
        head += (
            f"\ntraffic is moved by {mover['holder']} ({mover['kind']}, {mover['silent_seconds']} s ago)"
            if mover
            else ""
        )
        blocks.append(f"{head}\n{columns(styled, empty='no deployments yet')}")
    emit(shown, "\n\n".join(blocks), as_json=as_json)


def _mover(lease: Lease | None) -> dict[str, Any] | None:
    """Who moves the traffic now, and how long ago it showed that it lives."""
    if lease is None:
        return None
    silent = max(0.0, round(time.time() - lease.renewed_at, 1))
    return {"holder": lease.holder, "kind": lease.kind, "fence": lease.fence, "silent_seconds": silent}


def _text_of(record: dict[str, Any]) -> str:
    gates = [{**gate, "outcome": outcome_style(gate["outcome"])} for gate in record["gates"]]
    events = [{"at": moment(e["at"]), "kind": e["kind"], "detail": e["detail"]} for e in record["events"]]
    head = record["deployment"]
    fate = f"{outcome_style(head['verdict'] or 'open')}, {outcome_style(head['outcome'] or 'open')}"
    return "\n\n".join(
        (
            f"{head['service']} {head['version']}: {fate}\n{head['because'] or ''}",
            columns(gates, empty="no gate was asked yet"),
            columns(events, empty="no events"),
        )
    )
