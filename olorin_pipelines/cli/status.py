"""`olorin status`: what production serves, what was decided."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from olorin_pipelines.cli import GOOD, REJECTED
from olorin_pipelines.cli.output import GOOD_OUTCOMES, columns, emit, json_option, moment, outcome_style

if TYPE_CHECKING:
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.registry import Lease

__all__ = ["status"]


@click.command(
    epilog="""\b
    Examples:
      olorin status investigations --json
      olorin status investigations --watch""",
    short_help="show what was decided",
)
@click.argument("service", required=False)
@click.option("--deployment", "deployment_id", help="Show the whole decision record of one deployment.")
@click.option("--watch", "watched", is_flag=True, help="Show it live, until Ctrl-C; one deployment until it is closed.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Deployments to show.")
@json_option
@click.pass_context
def status(
    context: click.Context,
    service: str | None,
    deployment_id: str | None,
    limit: int,
    *,
    watched: bool,
    as_json: bool,
) -> None:
    """Show what production serves and the latest deployments, or one decision record.

    STATE is where a deployment is on its way: docs/states.md has them all.

    With --watch: weight over time, the step, what is measured and its limits, the last decision and why, the stages
    of a rollback with their seconds. On a terminal it is drawn; elsewhere each change is a line, with --json an
    object. With --deployment it ends when the deployment is closed: exit 0 when it is in production, else 1.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.command import position
    from olorin_pipelines.pipeline.record import decision_record

    place = Workplace(load_config())
    if watched:
        context.exit(_watch(place, service, deployment_id, as_json=as_json))
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
                "state": position(place, row.id).state,
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


def _watch(place: Workplace, service: str | None, deployment_id: str | None, *, as_json: bool) -> int:
    from olorin_pipelines.cli.watch import watch
    from olorin_pipelines.pipeline.live import Watch

    if deployment_id:
        names = [place.registry.deployment(deployment_id).service]
    else:
        names = [service] if service else sorted(place.config.services)
    for name in names:
        place.config.service(name)
    looks = [Watch(place, name, deployment_id or "") for name in names]
    last = watch(looks, as_json=as_json, until_closed=bool(deployment_id))
    return REJECTED if deployment_id and last.outcome not in ("", *GOOD_OUTCOMES) else GOOD


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
            f"{head['service']} {head['version']}: {fate}, {head['state']}\n{head['because'] or ''}",
            columns(gates, empty="no gate was asked yet"),
            columns(events, empty="no events"),
        )
    )
