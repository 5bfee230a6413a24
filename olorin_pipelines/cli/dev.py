"""`olorin dev`: the embedded world without a story."""

from __future__ import annotations

import json
import time

import click

from olorin_pipelines.cli.output import json_option

__all__ = ["dev"]


@click.command(epilog="Example: olorin dev --release stable", short_help="the embedded world without a story")
@click.option("--service", default="investigations", show_default=True, help="The service of olorin.yaml.")
@click.option("--release", default="stable", show_default=True, help="Release of the example service in production.")
@click.option("--version", default="2.0.0", show_default=True, help="The version it announces.")
@click.option("--load", default=0.0, show_default=True, help="User requests a second.")
@json_option
def dev(service: str, release: str, version: str, load: float, *, as_json: bool) -> None:
    """Start the example service, Envoy and Dagster, and keep them up until Ctrl-C. State is kept in var/.

    With --json the addresses are printed once everything is up; progress goes to standard error.
    """
    from olorin_pipelines.cli.demo import end_at_first_signal, until_interrupted
    from olorin_pipelines.demo.story import Release
    from olorin_pipelines.demo.world import embedded

    end_at_first_signal()
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:6.1f}  {text}", err=as_json)

    with embedded(service=service, say=say, fresh=False) as world:
        stable = world.start_service(Release(name=release, version=version))
        world.start_dagster()
        world.start_envoy(stable)
        world.start_guard()
        if load > 0:
            world.start_load(load)
        world.await_dagster()
        say(f"production {stable.version}: {stable.url}, for users {world.entry}")
        if as_json:
            addresses = {"production": stable.url, "version": stable.version, "users": world.entry}
            click.echo(json.dumps({**addresses, "dagster": world.dagster.url}, indent=2))
        say(f"the Dagster UI is up at {world.dagster.url} until Ctrl-C")
        until_interrupted(world.alive_or_raise)
