"""`olorin serve`: deployments come in over HTTP."""

from __future__ import annotations

import socket
from contextlib import closing

import click

from olorin_pipelines.errors import UsageError

__all__ = ["serve"]

_MOST_AT_ONCE = 64


@click.command(
    epilog="""\b
    Example:
      olorin serve
      curl -H 'Content-Type: application/json' http://127.0.0.1:8484/deployments \\
        -d '{"id": "build-4711", "service": "investigations", "version": "2.1.0"}'""",
    short_help="take deployments over HTTP, and show metrics",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; others need a token.")
@click.option(
    "--port", default=8484, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
def serve(host: str, port: int) -> None:
    """Take deployments over HTTP, tell what was decided, and show Olorin's own metrics to Prometheus.

    POST /deployments and the webhooks of GitHub and GitLab announce like `olorin deploy`; GET /deployments/{id}
    tells verdict, outcome and reasons; /metrics, /health, and /openapi.json, which describes them all. Beyond this
    machine it listens only with `serve.token` in olorin.yaml; put a proxy with TLS before it. Ctrl-C ends it.
    """
    import uvicorn

    from olorin_pipelines.config import load_config
    from olorin_pipelines.intake import create_app
    from olorin_pipelines.intake.door import Door
    from olorin_pipelines.pipeline.case import Workplace

    place = Workplace(load_config())
    door = Door.of(place.config)
    door.check_address(host)
    with closing(place.registry), closing(_listening(host, port)) as listener:
        name, chosen = listener.getsockname()[:2]
        shown = f"[{name}]" if ":" in name else name
        click.echo(f"listening at http://{shown}:{chosen}; Ctrl-C ends", err=True)
        config = uvicorn.Config(
            create_app(place, door),
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=_MOST_AT_ONCE,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
            ws="none",
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"{host}:{port} cannot be listened at: {error.strerror}", hint="--port 0 takes a free one"
        ) from error
