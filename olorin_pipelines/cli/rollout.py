"""`olorin rollout`: what a person wants of a rollout."""

from __future__ import annotations

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD
from olorin_pipelines.cli.output import emit, json_option

__all__ = ["rollout"]

_VERBS = {
    "pause": "Hold the weight where it is. The run ends; the guard watches what is held.",
    "resume": "Go on with a paused rollout, at the step where it was.",
    "approve": "Let a rollout pass the step that waits for an approval.",
    "promote": "Skip all steps and waits that are left: everything to the candidate now.",
    "abort": "Take the version back, in every state. Proved, as every rollback.",
    "retry": "Announce a version again that was taken back: a new deployment, all gates.",
}
_EXAMPLES = """\b
Examples:
  olorin rollout pause investigations --reason "the campaign starts at noon"
  olorin rollout resume investigations --reason "it is over" --wait
  olorin rollout abort 0199a7c2-6a51-7e04-9d0b-0c5f9a3e4411 --reason "wrong build"
"""


@click.group(epilog=_EXAMPLES, short_help="say what is to become of a rollout")
def rollout() -> None:
    """Say what is to become of a rollout: a request that is kept in the registry with who and why.

    The run that moves the traffic hears it within a second. What needs a run of its own (resume, approve, and promote
    of a rollout that is paused) gets one from Dagster; an abort of a paused one is done by `olorin guard` when Dagster
    is gone. `olorin rollback` takes a version back in its own process.
    """


def _command(verb: str, says: str) -> click.Command:
    @click.argument("target", metavar="SERVICE|DEPLOYMENT")
    @click.option("--reason", required=True, help="Why; kept in the decision record.")
    @click.option("--by", "who", default="", help="Who wants it (default: the user of this machine).")
    @click.option("--wait", is_flag=True, help="Wait until it is done.")
    @click.option("--timeout", default=120.0, show_default=True, help="Seconds to wait at most.")
    @json_option
    @click.pass_context
    def act(
        context: click.Context, target: str, reason: str, who: str, timeout: float, *, wait: bool, as_json: bool
    ) -> None:
        from dataclasses import replace

        from olorin_pipelines.config import load_config
        from olorin_pipelines.pipeline.case import Workplace
        from olorin_pipelines.pipeline.command import awaited, command

        place = Workplace(load_config())
        asked = command(place, target, verb, who=who or _user(), reason=reason)
        answer = awaited(place, asked, seconds=timeout if wait else 0.0)
        done = answer or ("not done yet" if wait else "asked for" if asked.created else "asked for already")
        emit(
            replace(asked, answer=answer).to_dict(),
            f"{asked.service} {asked.version} ({asked.deployment_id}, {asked.state}): {verb}: {done}",
            as_json=as_json,
        )
        context.exit(COULD_NOT_TELL if wait and not answer else GOOD)

    return click.command(
        name=verb,
        help=f"{says}\n\nExit code 0: asked, or done with --wait; 2: not possible in this state; 3: not done in time.",
        short_help=says.split(". ", 1)[0].rstrip(".").lower(),
        epilog=f'Example: olorin rollout {verb} investigations --reason "…"',
    )(act)


def _user() -> str:
    import getpass
    import socket

    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a container without a passwd entry
        return f"unknown@{socket.gethostname()}"


for _verb, _says in _VERBS.items():
    rollout.add_command(_command(_verb, _says))
