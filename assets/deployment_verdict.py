"""`deployment_verdict`: the gates together."""

import dagster as dg

from assets.contract_tests import contract_tests
from assets.presentation import check_specs, table
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.decide import decide, gate_table
from olorin_pipelines.verdict import Verdict
from resources import SERVICES, Olorin

__all__ = ["deployment_verdict"]


@dg.asset(
    partitions_def=SERVICES,
    deps=[contract_tests],
    group_name="delivery",
    kinds={"verdict"},
    check_specs=check_specs("deployment_verdict", ("accepted",)),
)
def deployment_verdict(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """Accepted, rejected or held, with the gate that decided."""
    case = olorin.case(context)
    try:
        decision = decide(case)
    except OlorinError as error:
        raise dg.Failure(error.diagnostics(), allow_retries=False) from error
    accepted = decision.verdict is Verdict.ACCEPTED
    return dg.MaterializeResult(
        metadata={
            "verdict": decision.verdict.value,
            "decided_by": decision.decided_by,
            "because": decision.because,
            "deployment_id": case.deployment.id,
            "version": case.deployment.version,
            "gates": table(gate_table(case.place.registry.gates(case.deployment.id))),
        },
        data_version=dg.DataVersion(f"{case.deployment.id}:{decision.verdict.value}"),
        tags={"olorin/deployment_id": case.deployment.id, "olorin/verdict": decision.verdict.value},
        check_results=[dg.AssetCheckResult(check_name="accepted", passed=accepted, description=decision.because)],
    )
