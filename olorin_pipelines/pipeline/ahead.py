"""What can be made ready for the later gates while the first ones wait for the network?"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from olorin_pipelines import typegen
from olorin_pipelines.config import Consumer
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.checking import find_projects

__all__ = ["prepare_types"]


def prepare_types(root: Path, consumers: Sequence[Consumer]) -> None:
    """Let Node start, load the generator and parse what these consumers build on; waits for nothing.

    Consumers in git are left out, as they have to be fetched first. Whether Node can be started is told when it is
    asked.
    """
    folders = [(root / one.path, one.tsconfig) for one in consumers if one.path and one.git is None]
    projects = [folder / project for folder, tsconfig in folders for project in find_projects(folder, tsconfig)]
    with contextlib.suppress(OlorinError, OSError):
        typegen.worker_of(typegen.find_toolchain()).prepare(list(dict.fromkeys(projects)))
