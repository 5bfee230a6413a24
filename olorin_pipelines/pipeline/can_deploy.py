"""May a version go to an environment? Answered from records of what was observed; nothing is asked anew.

What was not observed is unknown, never yes. A verdict holds for the document it was compared with: when the
environment serves another one by now, the version has to be verified again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from olorin_pipelines.config import Service
from olorin_pipelines.pipeline.case import PRODUCTION, Workplace
from olorin_pipelines.pipeline.needs import Unmet, needed, told
from olorin_pipelines.registry import ConsumerRecord, Deployment

__all__ = ["Answer", "Observed", "Permission", "can_deploy", "observe"]


class Answer(StrEnum):
    """Whether a version may go somewhere."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer with its reasons, the deciding ones first."""

    answer: Answer
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the records say of one version and one environment; digests are None where nothing was seen.

    `judged_against` is the document of production that the verdict compared with, `serves` the one that the
    environment was last seen to serve, as version `serves_version`.
    """

    deployment: Deployment | None
    digest: str | None = None
    judged_against: str | None = None
    serves: str | None = None
    serves_version: str = ""
    proofs: tuple[ConsumerRecord, ...] = ()
    needs: tuple[Unmet, ...] = ()
    """Which further documents of the same process keep it back (`rollout: {needs: …}`)."""


def observe(place: Workplace, service: str, version: str, environment: str) -> Observed:
    """Read the records of a version: its latest deployment that was judged, else the latest one."""
    registry = place.registry
    serves, serves_version = _serving(place, service, environment)
    rows = registry.deployments_of(service, version)
    row = next((one for one in rows if one.verdict), rows[0] if rows else None)
    if row is None:
        return Observed(deployment=None, serves=serves, serves_version=serves_version)
    candidate = registry.snapshot(deployment_id=row.id, role="candidate")
    baseline = registry.snapshot(deployment_id=row.id, role="baseline")
    return Observed(
        deployment=row,
        digest=candidate.digest if candidate else None,
        judged_against=baseline.digest if baseline else None,
        serves=serves,
        serves_version=serves_version,
        proofs=tuple(proof for proof in registry.proofs(service) if proof.deployment_id == row.id),
        needs=tuple(
            unmet
            for name in place.config.service(service).rollout.needs
            if (unmet := told(name, needed(registry, name, row))) is not None
        ),
    )


def _serving(place: Workplace, service: str, environment: str) -> tuple[str | None, str]:
    """Return digest and version of what an environment serves: as last seen, or as promoted since then."""
    registry = place.registry
    seen = registry.last_in(service, environment)
    serving = registry.serving(service) if environment == PRODUCTION else None
    if serving is None:
        return (seen.digest, seen.version) if seen else (None, "")
    if serving.deployment_id and (seen is None or seen.captured_at < serving.since):
        promoted = registry.snapshot(deployment_id=serving.deployment_id, role="candidate")
        return (promoted.digest if promoted else None), serving.version
    return (seen.digest if seen else None), serving.version


def can_deploy(seen: Observed, service: Service, *, version: str, environment: str) -> Permission:
    """Decide from what was observed: no when it was rejected or breaks a consumer, unknown without a record."""
    row = seen.deployment
    if row is None:
        if seen.serves is not None and seen.serves_version == version:
            return Permission(Answer.YES, (f"{environment} serves it already; it was put there without a verdict",))
        return Permission(
            Answer.UNKNOWN, (f"nothing is recorded of version {version}: olorin verify, or olorin deploy",)
        )
    against = _against(seen, environment)
    rejected = [one.reason for one in seen.needs if one.outcome == "refused"]
    no = [*_verdict_says_no(row), *_consumers_say(seen.proofs, "fail"), *rejected]
    if no:
        return Permission(Answer.NO, tuple(no))
    untold = [one.reason for one in seen.needs]
    unknown = [*_verdict_unknown(row), *against, *_unproved(seen, service), *untold]
    if unknown:
        return Permission(Answer.UNKNOWN, tuple(unknown))
    proved = [f"{proof.consumer}: {proof.summary}" for proof in seen.proofs]
    claimed = _claimed(service, environment)
    return Permission(Answer.YES, (f"accepted: {row.because}", *proved, _place(seen, version, environment), *claimed))


def _verdict_says_no(row: Deployment) -> list[str]:
    if row.verdict == "rejected":
        return [f"it was rejected: {row.because}"]
    if row.outcome == "rolled_back":
        return ["it was accepted, broke under traffic and was rolled back"]
    return []


def _verdict_unknown(row: Deployment) -> list[str]:
    if row.verdict is None:
        return ["it was announced and has no verdict yet"]
    if row.verdict == "held":
        return [f"it was held: {row.because}"]
    return []


def _consumers_say(proofs: Sequence[ConsumerRecord], outcome: str) -> list[str]:
    return [proof.summary for proof in proofs if proof.outcome == outcome]


def _unproved(seen: Observed, service: Service) -> list[str]:
    """A consumer that has no proof was registered later, or its proof could not tell."""
    if seen.judged_against is None:
        return []  # the first deployment had nothing that a consumer could have been compiled against
    proved = {proof.consumer for proof in seen.proofs}
    absent = [consumer.name for consumer in service.consumers if consumer.name not in proved]
    untold = _consumers_say(seen.proofs, "no_data") if service.policy.breaking == "consumers" else []
    return [*(f"no proof of the consumer {name} is recorded for it" for name in absent), *untold]


def _against(seen: Observed, environment: str) -> list[str]:
    if seen.digest is None:
        return ["its document was never captured"]
    if seen.serves is None:
        return [f"what {environment} serves was never seen"]
    if seen.serves in (seen.judged_against, seen.digest):
        return []
    was = (seen.judged_against or "no baseline")[:12]
    now = f"{seen.serves[:12]} (version {seen.serves_version or 'unknown'})"
    return [f"it was judged against the document {was}, but {environment} serves {now} by now: verify it again"]


def _claimed(service: Service, environment: str) -> list[str]:
    """Production that is not asked for its document serves what `baseline:` claims, as far as anybody knows."""
    kind = service.baseline.kind
    if environment != PRODUCTION or kind == "served":
        return []
    return [f"what {environment} serves was not asked of it: `baseline: {kind}` says so"]


def _place(seen: Observed, version: str, environment: str) -> str:
    same = seen.serves == seen.digest and seen.serves_version == version
    state = "serves it already" if same else f"serves what it was judged against ({seen.serves_version})"
    return f"{environment} {state}"
