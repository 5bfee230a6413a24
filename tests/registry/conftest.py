"""A registry in which `pets` 1.0.0 is production and 2.0.0 is announced."""

from __future__ import annotations

import pytest

from olorin_pipelines.registry import Registry
from tests import postgres as server


@pytest.fixture
def registry(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path}/olorin.db")
    registry.found_serving("pets", version="1.0.0", url="http://127.0.0.1:1")
    yield registry
    registry.close()


@pytest.fixture
def row(registry):
    return registry.announce("pets", environment="canary", version="2.0.0", url="http://127.0.0.1:2")[0]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL of its own."""
    running = server.started(tmp_path_factory.mktemp("postgres"), tmp_path_factory.mktemp("runtime"))
    yield running
    running.cleanup()
