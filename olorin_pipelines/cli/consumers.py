"""`olorin consumers`: does a change break a consumer, at which line; who is registered, and with which versions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD, REJECTED
from olorin_pipelines.cli.output import columns, emit, json_option, moment

if TYPE_CHECKING:
    from olorin_pipelines import openapi
    from olorin_pipelines.config import Consumer
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.checking import Checked
    from olorin_pipelines.typegen import Usage

__all__ = ["consumers"]

_COLOURS = {"breaks": "red", "cannot tell": "yellow", "no break found": "green"}
_EXAMPLES = """\b
Example: olorin consumers check --old v1.yaml --new v2.yaml --consumer ../front
         olorin consumers check --old main:openapi.yaml --new openapi.yaml --consumer ../front --types src/api.d.ts
         olorin consumers check --old https://api.example.org/openapi.json --new openapi.yaml --consumer . --json
"""


@click.group(epilog="Example: olorin consumers check --old v1.yaml --new v2.yaml --consumer ../front",
             short_help="does a change break a consumer, at which line")  # fmt: skip
def consumers() -> None:
    """Prove what a change does to the code of a consumer."""


@consumers.command(epilog=_EXAMPLES, short_help="compile a consumer against old and new types")
@click.option("--old", required=True, help="The document its code was written for, as `olorin diff` reads it.")
@click.option("--new", required=True, help="The document that is to come.")
@click.option("--consumer", "folder", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of its code.")  # fmt: skip
@click.option("--types", help="The file it imports the API's types from (default: the one that exports `paths`).")
@click.option("--tsconfig", default="tsconfig.json", show_default=True, help="The project to compile.")
@click.option("--paths", "globs", multiple=True, metavar="GLOB",
              help="Ask only about operations of these paths, as `olorin types --paths`; may be repeated.")  # fmt: skip
@click.option("--tests", is_flag=True, help="Let a break decide that stands only in its tests.")
@click.option("--timeout", default=60.0, show_default=True, type=click.FloatRange(1, 3600),
              help="Seconds each program may take.")  # fmt: skip
@json_option
@click.pass_context
def check(
    context: click.Context,
    old: str,
    new: str,
    folder: Path,
    types: str | None,
    tsconfig: str,
    timeout: float,
    globs: tuple[str, ...],
    *,
    tests: bool,
    as_json: bool,
) -> None:
    """Say for each change of the API whether it breaks this consumer, and at which line.

    Its code is compiled against the types of OLD, then of NEW; its files are not touched and nothing of it is run.

    Exit code 0: no break found; 1: it breaks; 2: usage; 3: it cannot be told.
    """
    from olorin_pipelines.diff import diff
    from olorin_pipelines.gate import Outcome
    from olorin_pipelines.pipeline.checking import check_consumer, find_types

    before, after = _document(old), _document(new)
    folder = folder.resolve()
    checked = check_consumer(
        folder,
        name=folder.name,
        types=types or find_types(folder),
        tsconfig=tsconfig,
        old=before,
        new=after,
        findings=diff(before, after),
        bundles=(_types_of(before), _types_of(after)),
        paths=globs,
        read_always=True,
        timeout=timeout,
    )
    outcome = checked.outcome(tests=tests)
    emit(_data(checked, outcome.value), _text(checked, outcome.value), as_json=as_json)
    context.exit({Outcome.PASS: GOOD, Outcome.FAIL: REJECTED}.get(outcome, COULD_NOT_TELL))


@consumers.command("list", epilog="Example: olorin consumers list investigations", short_help="who is registered")
@click.argument("service")
@json_option
def list_(service: str, *, as_json: bool) -> None:
    """List the registered consumers of SERVICE and the operations their code uses."""
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace

    place = Workplace(load_config())
    found = [_registered(place, service, consumer) for consumer in place.config.service(service).consumers]
    blocks = [
        f"{click.style(one['name'], bold=True)}  {one['source']}"
        + (f"  ({one['note']})" if one["note"] else "")
        + "".join(f"\n  {operation}  {where}" for operation, where in one["operations"].items())
        for one in found
    ]
    emit(found, "\n\n".join(blocks) or f"no consumer of {service} is registered", as_json=as_json)


@consumers.command(epilog="Example: olorin consumers matrix investigations", short_help="consumers by versions")
@click.argument("service")
@json_option
def matrix(service: str, *, as_json: bool) -> None:
    """Show which version of SERVICE was proved against which consumer, the latest first."""
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.case import Workplace
    from olorin_pipelines.pipeline.matrix import matrix_rows

    place = Workplace(load_config())
    place.config.service(service)
    rows = matrix_rows(place.registry.proofs(service))
    styled = [{**row, "answer": _styled(str(row["answer"]))} for row in rows]
    emit(rows, columns(styled, empty=f"no consumer of {service} was proved yet"), as_json=as_json)


def _document(source: str) -> openapi.Snapshot:
    from olorin_pipelines import openapi
    from olorin_pipelines.errors import DocumentError, UsageError

    try:
        return openapi.load(source)
    except DocumentError as error:
        raise UsageError(error.message, hint=error.hint) from error


def _types_of(snapshot: openapi.Snapshot) -> Any:
    from olorin_pipelines import typegen

    store = Path.home() / ".cache" / "olorin" / "types"
    return typegen.generate(snapshot.canonical, digest=snapshot.digest, store=store)


def _registered(place: Workplace, service: str, consumer: Consumer) -> dict[str, Any]:
    """The latest proof tells what a consumer uses; without one its code is read now."""
    source = consumer.git or str(consumer.path)
    proof = next((row for row in place.registry.proofs(service) if row.consumer == consumer.name), None)
    told: dict[str, Any] = {"name": consumer.name, "source": source, "types": consumer.types}
    told |= {"paths": list(consumer.paths)} if consumer.paths else {}
    if proof is not None and proof.operations:
        note = f"as of version {proof.version}, {moment(proof.recorded_at)}"
        return {**told, "note": note, "operations": dict(proof.operations), "counts": {}}
    usage = _read_now(place, service, consumer)
    if isinstance(usage, str):
        return {**told, "note": usage, "operations": {}, "counts": {}}
    return {**told, "note": "", "operations": usage.operations, "counts": usage.counts()}


def _read_now(place: Workplace, service: str, consumer: Consumer) -> Usage | str:
    from olorin_pipelines import openapi, typegen
    from olorin_pipelines.errors import OlorinError
    from olorin_pipelines.pipeline.checking import usage_of_consumer
    from olorin_pipelines.pipeline.checkout import source_of

    row = place.registry.last_observed(service)
    if row is None:
        return "unknown: production was not seen yet"
    try:
        snapshot = openapi.parse(place.artifacts.get(row.artifact), source=row.source)
        bundle = typegen.generate(snapshot.canonical, digest=snapshot.digest, store=place.folder("types"))
        folder = source_of(place.config, consumer)
        return usage_of_consumer(folder, types=consumer.types, tsconfig=consumer.tsconfig, bundle=bundle)
    except OlorinError as error:
        return f"unknown: {error.message}"


def _data(checked: Checked, outcome: str) -> dict[str, Any]:
    from olorin_pipelines.pipeline.consumers import impact_row

    usage = checked.proof.usage
    return {
        "consumer": checked.proof.consumer,
        "outcome": outcome,
        "summary": checked.proof.summary,
        "findings": [impact_row(impact) for impact in checked.impacts],
        "operations": usage.operations if usage else {},
        "usage": usage.counts() if usage else {},
        "untyped": [
            {"file": one.file, "line": one.line, "column": one.column, "kind": one.kind, "text": one.text}
            for one in (usage.escapes if usage else ())
        ],
        "compile_seconds": checked.proof.compile_seconds,
        "seconds": checked.proof.seconds,
    }


def _text(checked: Checked, outcome: str) -> str:
    words = {"pass": "no break found", "fail": "breaks", "not_applicable": "not concerned"}
    head = f"{checked.proof.consumer}: {_styled(words.get(outcome, 'cannot tell'))}"
    order = list(_COLOURS)
    lines = [head, ""]
    for impact in sorted(checked.impacts, key=lambda one: (order.index(one.answer.value), one.only_tests, one.place)):
        change = impact.finding.message if impact.finding else "a name of the types changed"
        rule = f" [{impact.finding.id}]" if impact.finding else ""
        more = f" (and {impact.more} more places)" if impact.more else ""
        tests = " (a test)" if impact.only_tests else ""
        lines.append(f"{_styled(impact.answer.value)}  {impact.place or '-'}{tests}  {change}{rule}")
        if impact.finding and impact.finding.operation:
            lines.append(f"    {impact.finding.operation}")
        lines.append(f"    {impact.because}{more}")
    if not checked.impacts:
        lines.append(checked.proof.summary)
    usage = checked.proof.usage
    if usage is not None:
        lines += ["", "It uses:", *(f"  {name}  {place}" for name, place in usage.operations.items())]
        lines += ["", ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in usage.counts().items())]
    return "\n".join(lines)


def _styled(answer: str) -> str:
    return click.style(answer, fg=_COLOURS.get(answer))
