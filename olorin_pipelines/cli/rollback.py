"""`olorin rollback`: take traffic off a version now."""

from __future__ import annotations

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD
from olorin_pipelines.cli.output import columns, emit, json_option, outcome_style

__all__ = ["rollback"]


@click.command(
    epilog='Example: olorin rollback investigations --reason "checkout is slow"',
    short_help="take traffic off a version now, and prove it",
)
@click.argument("service")
@click.option("--reason", required=True, help="Why; kept in the decision record.")
@click.option(
    "--deployment", "deployment_id", default="", help="Which deployment (default: the open one, else production)."
)
@json_option
@click.pass_context
def rollback(context: click.Context, service: str, reason: str, deployment_id: str, *, as_json: bool) -> None:
    """Take traffic off a version of SERVICE and prove that it is gone. Works without Dagster.

    An open rollout is told to stop, and its run rolls back; without one, production goes back to the retained version.
    Exit code 0: proved; 3: it could not be proved.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.revert import roll_back_now

    place = Workplace(load_config())
    place.config.service(service)
    proved = roll_back_now(place, service, deployment_id=deployment_id, reason=reason)
    proofs = [{**proof, "outcome": outcome_style(proof["outcome"])} for proof in proved["proofs"]]
    head = f"{outcome_style(proved['outcome'])}: {proved['from_version']} → {proved['to_version']}"
    table = columns(proofs, empty="no proofs: no router is configured")
    emit(proved, f"{head} in {proved['seconds']:.2f} s\n\n{table}", as_json=as_json)
    context.exit(GOOD if proved["outcome"] in ("rolled_back", "refused") else COULD_NOT_TELL)
