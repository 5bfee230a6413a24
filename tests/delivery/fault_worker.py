"""A run of its own process: release, then rollback, as a Dagster run does. It kills itself with -9 where it is told to.

fault_worker.py OLORIN_YAML DEPLOYMENT_ID WHERE, and WHERE is `before:KIND` or `after:KIND` of a record, with `#2` for
the second one; `route` after a route was written; `before:promote`, `after:promote`; `step:NAME` after a step of the
rollback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path

from olorin_pipelines.config import load_config
from olorin_pipelines.delivery.envoy.files import EnvoyFiles
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.registry import Registry


def main(file: str, deployment_id: str, die_at: str) -> None:
    place = Workplace(load_config(Path(file), environ={}))
    moments: Counter[str] = Counter()

    def reached(moment: str) -> None:
        moments[moment] += 1
        if die_at in (f"{moment}#{moments[moment]}", moment):
            os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: type, method: str, named) -> None:
        original = getattr(owner, method)

        def wrapped(self, *args, **options):
            name = named(*args)
            reached(f"before:{name}")
            done = original(self, *args, **options)
            reached(f"after:{name}")
            return done

        setattr(owner, method, wrapped)

    around(Registry, "record_held", lambda kind: kind)
    around(Registry, "promote", lambda service: "promote")
    around(EnvoyFiles, "write", lambda path, document: f"write:{path.name}")

    case = place.case(deployment_id)
    print(release(case).outcome, flush=True)
    baton = revert.precheck(place, case.name, deployment_id=deployment_id, reason="")
    reached("step:precheck")
    if baton is None:
        return
    for step in (revert.route, revert.confirm, revert.drain, revert.scale, revert.prove):
        baton = step(place, baton)
        reached(f"step:{step.__name__}")
    print(baton["outcome"], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
