"""Which value proves a break? One that one version of a schema accepts and the other refuses."""

from olorin_pipelines.diff.witness.samples import samples
from olorin_pipelines.diff.witness.search import with_witnesses

__all__ = ["samples", "with_witnesses"]
