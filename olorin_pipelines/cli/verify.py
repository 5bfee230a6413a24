"""`olorin verify`: all gates about a running version, in this process."""

from __future__ import annotations

import sys

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD, REJECTED
from olorin_pipelines.cli.output import columns, emit, json_option, outcome_style

__all__ = ["verify"]


@click.command(
    epilog="Example: olorin verify investigations --environment canary",
    short_help="ask all gates about a running version",
)
@click.argument("service")
@click.option("--url", help="Where the version answers (default: the URL of the environment).")
@click.option("--environment", default="canary", show_default=True, help="Where it runs, as in olorin.yaml.")
@click.option("--version", "version", default="", help="What it is called (default: what its document says).")
@json_option
@click.pass_context
def verify(
    context: click.Context, service: str, url: str | None, environment: str, version: str, *, as_json: bool
) -> None:
    """Capture, diff, generate types, compile consumers, test the contract; print the verdict. Moves no traffic.

    Exit code 0: accepted; 1: rejected; 2: usage; 3: a gate could not tell.
    """
    import structlog

    from olorin_pipelines.cli.deploy import checked_url
    from olorin_pipelines.config import load_config
    from olorin_pipelines.gate import Outcome
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.decide import gate_table
    from olorin_pipelines.pipeline.verify import verify_without_dagster

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is for the result
    place = Workplace(load_config())

    def progress(gate: str, outcome: str, summary: str) -> None:
        if not as_json:
            click.echo(f"{' ' * (14 - len(outcome))}{outcome_style(outcome)}  {gate}: {summary}", err=True)

    case, decision = verify_without_dagster(
        place, service, environment=environment, url=checked_url(url), version=version, progress=progress
    )
    results = place.registry.gates(case.deployment.id)
    rows = gate_table(results)
    data = {
        "deployment_id": case.deployment.id,
        "verdict": decision.verdict.value,
        "decided_by": decision.decided_by,
        "because": decision.because,
        "gates": rows,
    }
    decider = results.get(decision.decided_by)
    fix = f"\n  fix: {decider.hint}" if decider is not None and decider.hint else ""
    table = columns([{**row, "outcome": outcome_style(str(row["outcome"]))} for row in rows], empty="")
    emit(data, f"{table}\n\n{outcome_style(decision.verdict.value)}: {decision.because}{fix}", as_json=as_json)
    if decision.verdict.value == "accepted":
        context.exit(GOOD)
    context.exit(REJECTED if decider is not None and decider.outcome is Outcome.FAIL else COULD_NOT_TELL)
