"""A run of its own process: release, then rollback, as a Dagster run does. It kills itself with -9 where it is told to.

fault_worker.py OLORIN_YAML DEPLOYMENT_ID WHERE, and WHERE is `before:KIND` or `after:KIND` of a record, with `#2` for
the second one, or `within:KIND`, before its commit; the same of `write:FILE`, of `promote` and `revert`, and of `held`,
which is asked between the making of a file and its move; `step:NAME` after a step of the rollback. `stop:WHERE` stops
(SIGSTOP) instead, `lose:WHERE` takes the answer of it for lost, `jump:SECONDS:WHERE` sets the clock of the wall,
`silent:WHERE` lets the registry answer nothing from then on. A promoted deployment is taken back; `guard` in the place
of the id runs a guard. `FAULTS_LEASE_SECONDS` is how long a rollout waits for another's lease.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import sqlalchemy
from sqlalchemy.orm import Session

from olorin_pipelines.config import load_config
from olorin_pipelines.delivery.envoy.files import EnvoyFiles, Lock
from olorin_pipelines.errors import RegistryError, RouterUnreachable
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.guard import Guard
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.registry import Registry


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def what_happens(place: Workplace, die_at: str) -> tuple[Callable[[], None], str]:
    """Return the fault, and where it happens."""
    kind, _, where = die_at.partition(":")
    if kind == "stop":
        return lambda: os.kill(os.getpid(), signal.SIGSTOP), where
    if kind == "lose":

        def lose() -> None:
            raise RouterUnreachable("the answer was lost")

        return lose, where
    if kind == "jump":
        seconds, _, where = where.partition(":")
        real = time.time

        def jump() -> None:
            time.time = place.registry._clock = lambda: real() + float(seconds)

        return jump, where
    if kind == "silent":

        def refuses(*_: object, **__: object) -> None:
            raise RegistryError("the registry does not answer")

        def silence() -> None:
            Registry.writing = Registry.reading = refuses

        return silence, where
    return lambda: os.kill(os.getpid(), signal.SIGKILL), die_at


def in_transaction(owner: type[Registry], reached: Callable[[str], None]) -> None:
    """`within:KIND` is the moment before the commit of a record: the transaction is open, and keeps others out."""
    original, kinds = owner.event, []

    def event(self, kind, *arguments):
        kinds.append(kind)
        return original(self, kind, *arguments)

    def before_commit(_session):
        while kinds:
            reached(f"within:{kinds.pop(0)}")

    owner.event = event
    sqlalchemy.event.listen(Session, "before_commit", before_commit)


def main(file: str, deployment_id: str, die_at: str) -> None:
    place = Workplace(load_config(Path(file), environ={}))
    happens, die_at = what_happens(place, die_at)
    release_module._LEASE_SECONDS = float(os.environ.get("FAULTS_LEASE_SECONDS", release_module._LEASE_SECONDS))
    moments: Counter[str] = Counter()

    def reached(moment: str) -> None:
        moments[moment] += 1
        if die_at in (f"{moment}#{moments[moment]}", moment):
            happens()

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
    in_transaction(Registry, reached)
    around(Registry, "promote", lambda service: "promote")
    around(Registry, "revert", lambda service: "revert")
    around(EnvoyFiles, "write", lambda path, document: f"write:{path.name}")

    around(Lock, "held", lambda: "held")

    if deployment_id == "guard":
        guard = Guard(place, stale_seconds=float(os.environ.get("FAULTS_STALE_SECONDS", "2")), observe_seconds=1.0)
        while not list(guard.look()):
            time.sleep(0.2)
        return
    case = place.case(deployment_id)
    promoted = case.deployment.outcome == "promoted"
    if not promoted:
        say(release(case).outcome)
    reason = "production is bad" if promoted else ""
    baton = revert.precheck(place, case.name, deployment_id=deployment_id, reason=reason)
    reached("step:precheck")
    if baton is None:
        return
    for step in (revert.route, revert.confirm, revert.drain, revert.scale, revert.prove):
        baton = step(place, baton)
        reached(f"step:{step.__name__}")
    say(baton["outcome"])


if __name__ == "__main__":
    main(*sys.argv[1:])
