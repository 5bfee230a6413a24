"""`olorin demo`: play the story."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from olorin_pipelines.cli import GOOD, REJECTED
from olorin_pipelines.cli.output import json_option
from olorin_pipelines.errors import UsageError

__all__ = ["demo", "end_at_first_signal", "until_interrupted"]


@click.command(epilog="Example: olorin demo --exit --story examples/olorin/story.yaml", short_help="play the story")
@click.option("--exit", "leave", is_flag=True, help="End after the story instead of leaving the Dagster UI up.")
@click.option(
    "--story",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Another story: releases, their order, their expected ends (default: examples/olorin/story.yaml).",
)
@json_option
@click.pass_context
def demo(context: click.Context, path: Path | None, *, leave: bool, as_json: bool) -> None:
    """Play releases of a real API through a real Envoy under user traffic, judged by Dagster.

    The state of an earlier world is moved to var/previous. The report is var/demo/report.json, recomputed from the
    access log, the load generator's log and Dagster. Exit code 0: all as the story expects; 1: not; 3: could not tell.
    """
    from olorin_pipelines.config import find_config
    from olorin_pipelines.demo.play import play
    from olorin_pipelines.demo.story import read_story
    from olorin_pipelines.demo.world import embedded

    end_at_first_signal()
    story = read_story(path or _own_story(find_config().parent))
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:6.1f}  {text}", err=as_json)

    with embedded(service=story.service, say=say, fresh=True, settings=story.settings) as world:
        report = {**play(story, world), "seconds": round(time.monotonic() - began, 1)}
        target = world.demo_folder / "report.json"
        target.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        if as_json:
            click.echo(json.dumps(report, indent=2))
        for text in report["disagreements"]:
            say(click.style("not as it should be: ", fg="red") + text)
        if report["passed"]:
            say(click.style("all as the story expects", fg="green") + f"; the report is {target}")
        if not leave:
            say(f"the Dagster UI stays up at {world.dagster.url} until Ctrl-C")
            until_interrupted(world.alive_or_raise)
    context.exit(GOOD if report["passed"] else REJECTED)


def until_interrupted(check: Callable[..., None]) -> None:
    """Return at Ctrl-C; `check` raises when a part of the world died."""
    try:
        while True:
            time.sleep(1.0)
            check("dagster", "envoy")
    except KeyboardInterrupt:
        click.echo("ending")


def end_at_first_signal() -> None:
    """Let SIGTERM and a closed terminal end the command as Ctrl-C does, and let nothing disturb its end."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it shall go on
        numbers.append(signal.SIGHUP)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)


def _own_story(root: Path) -> Path:
    file = root / "examples" / "olorin" / "story.yaml"
    if not file.is_file():
        raise UsageError(
            f"the story of the example is not here: {file}",
            hint="run this in a clone of the Olorin repository, or give --story",
        )
    return file
