"""`olorin explain`: everything about one rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from olorin_pipelines.cli.output import emit, json_option

__all__ = ["explain"]

_EXAMPLES = """\b
Example: olorin explain request-property-became-required
         olorin explain api-removed-before-sunset
"""


@click.command(epilog=_EXAMPLES, short_help="explain a rule")
@click.argument("rule_id", metavar="ID")
@json_option
def explain(rule_id: str, *, as_json: bool) -> None:
    """Say why a change is judged as it is, what to do instead, and show a pair of documents that differ in it.

    An id that only the `oasdiff` profile gives is explained without a pair.

    Exit code 2: there is no such rule; the nearest id is told.
    """
    from olorin_pipelines.diff import RULES, explained, oasdiff_rules, oasdiff_severity
    from olorin_pipelines.errors import UnknownName

    known = {rule.id: rule for rule in RULES}
    rule = known.get(rule_id) or explained(rule_id)
    if rule is None:
        raise UnknownName("rule", rule_id, sorted({*known, *(each.id for each in oasdiff_rules())}))
    data = {
        "id": rule.id,
        "severity": rule.severity.value,
        "says": rule.says,
        "why": rule.why,
        "fix": rule.fix,
        "reverse": rule.mirror,
        "oasdiff": oasdiff_severity(rule.id),
        "before": rule.before,
        "after": rule.after,
    }
    emit(data, "" if as_json else _text(data), as_json=as_json)


def _text(data: Mapping[str, Any]) -> str:
    lines = [click.style(data["id"], bold=True)]
    names = ("severity", "says", "why", "fix", "reverse", "oasdiff")
    lines += [f"{name + ':':10} {data[name]}" for name in names if data[name]]
    for name in ("before", "after") if data["before"] else ():
        lines += ["", click.style(f"{name}:", bold=True), *(f"  {line}" for line in _yaml(data[name]).splitlines())]
    return "\n".join(lines)


def _yaml(document: Any) -> str:
    import yaml

    plain = json.loads(json.dumps(document))  # no aliases: shared parts are written out
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
