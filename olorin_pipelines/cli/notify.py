"""`olorin notify`: tell what is due, or try whether a channel works."""

from __future__ import annotations

import time
from typing import Any

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD
from olorin_pipelines.cli.output import columns, emit, json_option, moment, outcome_style

__all__ = ["notify"]


@click.command(
    epilog="""\b
    Examples:
      olorin notify
      olorin notify --test slack/team
      olorin notify --list""",
    short_help="tell people what was decided, or try a channel",
)
@click.option("--test", "tested", metavar="KIND/NAME", help="Send a trial to this channel, and nothing else.")
@click.option("--list", "listed", is_flag=True, help="Show the channels and the latest messages; send nothing.")
@json_option
@click.pass_context
def notify(context: click.Context, tested: str | None, *, listed: bool, as_json: bool) -> None:
    """Tell the channels of olorin.yaml what was decided and not told yet; the guard and a sensor do so by themselves.

    Exit code 0: everything that was due is sent; 3: a channel did not take it.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.errors import NotificationFailed
    from olorin_pipelines.notify import open_channel
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.herald import Herald, test_message

    place = Workplace(load_config())
    if tested:
        channel, trouble = open_channel(place.config, tested), ""
        try:
            channel.send(test_message(at=time.time()), timeout=place.config.notify.seconds)
        except NotificationFailed as error:
            trouble = error.message
        emit(
            {"channel": tested, "sent": not trouble, "trouble": trouble},
            f"{tested}: {trouble or outcome_style('accepted')}",
            as_json=as_json,
        )
        context.exit(COULD_NOT_TELL if trouble else GOOD)
    if listed:
        rows = [_row(notice) for notice in place.registry.notices()]
        names = sorted(place.config.notify.channels())
        text = f"channels: {', '.join(names) or 'none'}\n{columns(rows, empty='nothing was told yet')}"
        emit({"channels": names, "messages": rows}, text, as_json=as_json)
        return
    told = list(Herald(place).tell())
    rows = [{"channel": each.channel, "message": each.title, "trouble": each.trouble} for each in told]
    emit(rows, columns(rows, empty="nothing is due"), as_json=as_json)
    context.exit(COULD_NOT_TELL if any(each.trouble for each in told) else GOOD)


def _row(notice: Any) -> dict[str, Any]:
    return {
        "channel": notice.channel,
        "message": notice.words["title"],
        "state": notice.state,
        "tries": notice.tries,
        "made": moment(notice.made_at),
        "trouble": notice.trouble,
    }
