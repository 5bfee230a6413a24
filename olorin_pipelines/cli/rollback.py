"""`olorin rollback`: take traffic off a version now, or prove again that it is off."""

from __future__ import annotations

from typing import Any

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD, REJECTED
from olorin_pipelines.cli.output import columns, emit, json_option, moment, outcome_style
from olorin_pipelines.errors import UsageError

__all__ = ["rollback"]

_VERIFY = "verify"
_EXAMPLES = """\b
Examples:
  olorin rollback investigations --reason "checkout is slow"
  olorin rollback verify investigations
"""


@click.command(epilog=_EXAMPLES, short_help="take traffic off a version now, and prove it")
@click.argument("words", nargs=-1, required=True, metavar="[verify] SERVICE")
@click.option("--reason", default="", help="Why; kept in the decision record. Needed unless verifying.")
@click.option(
    "--deployment", "deployment_id", default="", help="Which deployment (default: the open one, else production)."
)
@json_option
@click.pass_context
def rollback(context: click.Context, words: tuple[str, ...], reason: str, deployment_id: str, *, as_json: bool) -> None:
    """Take traffic off a version of SERVICE and prove that it is gone. Works without Dagster.

    An open rollout is told to stop, and its run rolls back; without one, production goes back to the retained version.
    Exit code 0: proved; 3: it could not be proved.

    With `verify` nothing is moved: the latest rollback, or that of --deployment, is proved again at the data plane,
    with 200 requests through it. Exit code 0: it holds; 1: it does not.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace

    verifies = len(words) > 1 and words[0] == _VERIFY
    service, *more = words[1:] if verifies else words
    if more:
        raise UsageError(f"one service at a time, not {' '.join((service, *more))}", hint=f"or: {_VERIFY} SERVICE")
    place = Workplace(load_config())
    place.config.service(service)
    if verifies:
        from olorin_pipelines.pipeline.reproof import verify_rollback

        found = verify_rollback(place, service, deployment_id=deployment_id)
        word = outcome_style("pass" if found["proved"] else "fail")
        head = f"{word}: {found['from_version']} was taken back at {moment(found['rolled_back_at'])}"
        emit(found, f"{head}, production is {found['to_version']}\n\n{_table(found['proofs'])}", as_json=as_json)
        context.exit(GOOD if found["proved"] else REJECTED)
    if not reason.strip():
        raise UsageError("a reason is needed: it is kept in the decision record", hint='--reason "…"')
    from olorin_pipelines.pipeline.revert import roll_back_now

    proved = roll_back_now(place, service, deployment_id=deployment_id, reason=reason)
    head = f"{outcome_style(proved['outcome'])}: {proved['from_version']} → {proved['to_version']}"
    emit(proved, f"{head} in {proved['seconds']:.2f} s\n\n{_table(proved['proofs'])}", as_json=as_json)
    context.exit(GOOD if proved["outcome"] in ("rolled_back", "refused") else COULD_NOT_TELL)


def _table(proofs: list[dict[str, Any]]) -> str:
    rows = [{**proof, "outcome": outcome_style(proof["outcome"])} for proof in proofs]
    return columns(rows, empty="no proofs: no router is configured")
