"""The registry: every write is one transaction, every read returns detached rows."""

from __future__ import annotations

from olorin_pipelines.registry.commands import Commands
from olorin_pipelines.registry.counts import Counts
from olorin_pipelines.registry.deployments import Deployments
from olorin_pipelines.registry.evidence import Evidence
from olorin_pipelines.registry.history import History
from olorin_pipelines.registry.leases import Leases
from olorin_pipelines.registry.notices import Notices
from olorin_pipelines.registry.proofs import Proofs
from olorin_pipelines.registry.serving import Delivery

__all__ = ["Registry"]


class Registry(Deployments, Evidence, History, Delivery, Leases, Commands, Proofs, Counts, Notices):
    """What was deployed, served and decided, in one database. See `Database` for its arguments."""
