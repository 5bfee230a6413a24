"""3.1.0: takes away from 2.1.0 what no registered consumer uses: the timeline.

That is a breaking change of the document, and breaks nobody: whether it may be promoted is a matter of policy.
"""

from . import additive
from .release import CREATE, LIST, READ, Release, investigations_router

__all__ = ["RELEASE"]

router = investigations_router()
router.post("/", **CREATE)(additive.create_investigation)
router.get("/", **LIST)(additive.list_investigations)
router.get("/{investigation_id}", **READ)(additive.get_investigation)

RELEASE = Release(name="unused", version="3.1.0", summary="Takes away the timeline, which nobody uses", router=router)
