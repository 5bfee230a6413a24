"""`olorin deploy`: announce a deployment."""

from __future__ import annotations

import time

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD, REJECTED
from olorin_pipelines.cli.output import columns, emit, json_option, outcome_style
from olorin_pipelines.errors import UsageError

__all__ = ["checked_url", "deploy"]

_POLL_SECONDS = 0.3


@click.command(
    epilog="""\b
    Examples:
      olorin deploy investigations 2.1.0 --url http://127.0.0.1:8002 --wait
      olorin deploy investigations 2.2.0 --url http://127.0.0.1:8003 --dry-run --wait""",
    short_help="announce that a version runs somewhere",
)
@click.argument("service")
@click.argument("version")
@click.option("--url", help="Where this version answers (default: the URL of the environment).")
@click.option("--environment", default="canary", show_default=True, help="Where it runs, as in olorin.yaml.")
@click.option("--revision", default="", help="Its source revision, kept with the evidence.")
@click.option(
    "--dry-run", is_flag=True, help="Ask all gates and tell what would be moved, with limits; move and stop nothing."
)
@click.option("--wait", is_flag=True, help="Wait for its fate: exit 0 when it was promoted, 1 when it was not.")
@click.option("--timeout", default=900.0, show_default=True, help="Seconds to wait at most.")
@json_option
@click.pass_context
def deploy(
    context: click.Context,
    service: str,
    version: str,
    url: str | None,
    environment: str,
    revision: str,
    *,
    dry_run: bool,
    wait: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Announce that VERSION of SERVICE runs in an environment.

    The deployments sensor starts a run for it. Announcing the same open deployment again changes nothing.

    With --dry-run the run asks every gate, and then tells steps, weights and limits and what stable does now, instead
    of moving traffic; with --wait it exits 0 when the version would get traffic, 1 when not, 3 when something stands
    in the way today.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.rehearsal import rehearsal_of

    place = Workplace(load_config())
    known = place.config.service(service).environment(environment)
    address = checked_url(url) or known.url
    if not version.strip():
        raise UsageError("VERSION is empty", hint="say what is deployed, e.g. 2.1.0")
    row, created = place.registry.announce(
        service, environment=environment, version=version, url=address, revision=revision, dry_run=dry_run
    )
    if wait:
        until = time.monotonic() + timeout
        while row.outcome is None and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
            row = place.registry.deployment(row.id)
    data = {
        "deployment_id": row.id,
        "service": service,
        "version": version,
        "url": row.url,
        "created": created,
        "verdict": row.verdict,
        "decided_by": row.decided_by,
        "because": row.because,
        "outcome": row.outcome,
        "dry_run": dry_run,
    }
    rehearsal = rehearsal_of(place, row.id) if dry_run else None
    if rehearsal:
        data["rehearsal"] = rehearsal
    fate = f" {outcome_style(row.outcome)}: {row.because}" if row.outcome else ""
    if wait and row.outcome is None:
        fate = f"; nothing was decided in {timeout:g} s\n  fix: is Dagster up? `dagster dev -w workspace.yaml` runs it"
    state = "announced" if created else "is announced already"
    if rehearsal:
        fate = f" {rehearsal['reason']}\n{columns(rehearsal['steps'], empty='')}"
    emit(data, f"{service} {version} {state} as {row.id}{fate}", as_json=as_json)
    if wait and rehearsal:
        good = rehearsal["would"] in ("roll_out", "not_route")
        context.exit(COULD_NOT_TELL if good and rehearsal["trouble"] else GOOD if good else REJECTED)
    if wait:
        good = row.outcome in ("promoted", "not_routed")
        context.exit(GOOD if good else COULD_NOT_TELL if row.outcome is None else REJECTED)


def checked_url(url: str | None) -> str | None:
    """Return the URL of an option without a slash at its end, None when it was not given. Raises `UsageError`."""
    from pydantic import TypeAdapter, ValidationError

    from olorin_pipelines.config.values import HttpUrl

    try:
        return TypeAdapter(HttpUrl).validate_python(url) if url is not None else None
    except ValidationError as error:
        raise UsageError(f"--url {url!r} is not a URL", hint="e.g. http://127.0.0.1:8002") from error
