"""What can be made ready for the later gates while the first ones wait for the network?"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from olorin_pipelines import openapi, typegen
from olorin_pipelines.config import Consumer
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.checking import find_projects

__all__ = ["begin_types", "prepare_types"]


def prepare_types(root: Path, consumers: Sequence[Consumer]) -> None:
    """Let Node start, load the generator and parse what these consumers build on; waits for nothing.

    Consumers in git are left out, as they have to be fetched first. Whether Node can be started is told when it is
    asked.
    """
    folders = [(root / one.path, one.tsconfig) for one in consumers if one.path and one.git is None]
    projects = [folder / project for folder, tsconfig in folders for project in find_projects(folder, tsconfig)]
    with contextlib.suppress(OlorinError, OSError):
        typegen.worker_of(typegen.find_toolchain()).prepare(list(dict.fromkeys(projects)))


def begin_types(snapshot: openapi.Snapshot, *, store: Path) -> Future[typegen.Bundle]:
    """Make the types of a document beside whatever else is done; the result raises what `typegen.generate` does.

    The thread does not keep the process alive: who is interrupted does not wait for a generator.
    """
    made: Future[typegen.Bundle] = Future()

    def make() -> None:
        try:
            made.set_result(typegen.generate(snapshot.canonical, digest=snapshot.digest, store=store))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            made.set_exception(error)

    threading.Thread(target=make, name="olorin-types", daemon=True).start()
    return made
