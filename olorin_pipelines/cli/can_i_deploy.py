"""`olorin can-i-deploy`: may a version go to an environment, as far as was observed?"""

from __future__ import annotations

from typing import Any

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD, REJECTED
from olorin_pipelines.cli.output import columns, emit, json_option

__all__ = ["can_i_deploy"]

_COLOURS = {"yes": "green", "no": "red", "unknown": "yellow"}
_EXAMPLES = """\b
Example: olorin can-i-deploy investigations 2.1.0 --to production
         olorin can-i-deploy investigations 2.1.0 --to production --matrix
"""


@click.command("can-i-deploy", epilog=_EXAMPLES, short_help="ask the records whether a version may be deployed")
@click.argument("service")
@click.argument("version")
@click.option("--to", "environment", required=True, help="Where it is to go, as in olorin.yaml.")
@click.option("--matrix", is_flag=True, help="Show consumers by versions too.")
@json_option
@click.pass_context
def can_i_deploy(
    context: click.Context, service: str, version: str, environment: str, *, matrix: bool, as_json: bool
) -> None:
    """Say from records alone whether VERSION of SERVICE may go to an environment, with the reasons.

    Looked at are the verdict of the version, the document it served, the proofs of the consumers, and what the
    environment serves now.

    Exit code 0: yes; 1: no; 2: usage; 3: nothing recorded tells.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.can_deploy import Answer, can_deploy, observe
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.matrix import matrix_rows

    place = Workplace(load_config())
    known = place.config.service(service)
    known.environment(environment)
    seen = observe(place, service, version, environment)
    permission = can_deploy(seen, known, version=version, environment=environment)
    rows = matrix_rows(place.registry.proofs(service)) if matrix else []
    data: dict[str, Any] = {
        "service": service,
        "version": version,
        "to": environment,
        "answer": permission.answer.value,
        "reasons": list(permission.reasons),
        "deployment_id": seen.deployment.id if seen.deployment else None,
        "digest": seen.digest,
        "judged_against": seen.judged_against,
        "serves": seen.serves,
        "serves_version": seen.serves_version,
    }
    answer = click.style(permission.answer.value, fg=_COLOURS[permission.answer.value], bold=True)
    lines = [f"{service} {version} to {environment}: {answer}", *(f"  {reason}" for reason in permission.reasons)]
    if matrix:
        data["matrix"] = rows
        lines += ["", columns(rows, empty="no consumer was proved yet")]
    emit(data, "\n".join(lines), as_json=as_json)
    codes = {Answer.YES: GOOD, Answer.NO: REJECTED}
    context.exit(codes.get(permission.answer, COULD_NOT_TELL))
