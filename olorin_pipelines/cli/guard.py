"""`olorin guard`: the last layer against loss."""

from __future__ import annotations

import json
import threading

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD
from olorin_pipelines.cli.output import json_option, outcome_style

__all__ = ["guard"]


@click.command(
    epilog="Example: olorin guard          under systemd: ExecStart=/srv/olorin/.venv/bin/olorin guard, Restart=always",
    short_help="take traffic back when whoever moves it has died",
)
@click.option("--once", is_flag=True, help="Look once and end, for a timer. Believes the clock of the wall.")
@click.option(
    "--stale-seconds",
    default=15.0,
    show_default=True,
    type=click.FloatRange(2.0, 100.0),
    help="How old the heartbeat of a rollout or rollback may be; it is renewed every second.",
)
@json_option
@click.pass_context
def guard(context: click.Context, stale_seconds: float, *, once: bool, as_json: bool) -> None:
    """Watch the rollouts and rollbacks of all services, and take traffic back when one has died or hangs.

    Run it beside Dagster, under a supervisor of its own; `olorin demo` and `olorin dev` do. It needs the registry,
    olorin.yaml and the router, and neither Dagster nor the code location. Two of them do no harm. It prints a line
    for each rescue, and tells the channels of olorin.yaml what is decided. Exit code of --once: 0 nothing is left to
    do, 3 a rescue failed and is to be tried again.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.guard import Guard, Rescue
    from olorin_pipelines.pipeline.herald import Herald

    place = Workplace(load_config())

    def say(rescue: Rescue) -> None:
        head = f"{rescue.service}: {outcome_style(rescue.outcome)}" if rescue.service else "the registry"
        text = f"{head}: {rescue.reason}{f' ({rescue.detail})' if rescue.detail else ''}"
        click.echo(json.dumps(rescue.to_dict()) if as_json else text)

    if not once:
        if place.config.notify.channels():  # on its own: a channel that does not answer keeps no rescue waiting
            threading.Thread(target=Herald(place).watch, args=(threading.Event(),), daemon=True).start()
        click.echo(f"watching {', '.join(sorted(place.config.services))}; Ctrl-C ends", err=True)
        Guard(place, stale_seconds=stale_seconds).watch(say)
    rescues = list(Guard(place, stale_seconds=stale_seconds, observe_seconds=0.0).look())
    for rescue in rescues:
        say(rescue)
    bad = [rescue for rescue in rescues if rescue.outcome in ("failed", "rollback_failed")]
    context.exit(COULD_NOT_TELL if bad else GOOD)
