"""The example server in memory."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from olorin_client import Client, token

from examples.olorin.server.app import create_app
from examples.olorin.server.log import configure_logging
from examples.olorin.server.releases import RELEASES
from examples.olorin.server.settings import Settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    configure_logging(Settings(log_level="CRITICAL"))
    yield
    structlog.reset_defaults()


@pytest.fixture
def serve() -> Callable[..., Client]:
    """A client of a release, carrying a valid token unless told otherwise."""

    def start(release: str = "stable", *, authenticated: bool = True, **settings: Any) -> Client:
        app = create_app(RELEASES[release], Settings(**settings))
        return Client(app, {"Authorization": f"Bearer {token()}"} if authenticated else {})

    return start
