"""What was deployed, what did it serve, what was decided? SQLAlchemy tables and content-addressed artifacts."""

from olorin_pipelines.registry.artifacts import Artifacts
from olorin_pipelines.registry.database import RESTING
from olorin_pipelines.registry.deployments import BY_HAND
from olorin_pipelines.registry.dry import DRY_RUN
from olorin_pipelines.registry.history import Remembered, Seen
from olorin_pipelines.registry.leases import PAUSED
from olorin_pipelines.registry.schema import State, Upgraded, state_of, upgrade
from olorin_pipelines.registry.store import Registry
from olorin_pipelines.registry.tables import (
    ConsumerRecord,
    ContractFailure,
    ContractRun,
    Deployment,
    Event,
    Lease,
    Notice,
    ProductionCheck,
    Rollback,
    RollbackRequest,
    Rollout,
    RolloutCommand,
    Serving,
    Snapshot,
)

__all__ = [
    "BY_HAND",
    "DRY_RUN",
    "PAUSED",
    "RESTING",
    "Artifacts",
    "ConsumerRecord",
    "ContractFailure",
    "ContractRun",
    "Deployment",
    "Event",
    "Lease",
    "Notice",
    "ProductionCheck",
    "Registry",
    "Remembered",
    "Rollback",
    "RollbackRequest",
    "Rollout",
    "RolloutCommand",
    "Seen",
    "Serving",
    "Snapshot",
    "State",
    "Upgraded",
    "state_of",
    "upgrade",
]
