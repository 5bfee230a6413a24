"""Kinds of change by consumers: each answer at its line, and none "no break found" where the consumer breaks.

Every cell is tried: the consumer's own test runs under Node against a service that keeps the new document as hard as
it may. A consumer that fails there must not have been told that no break was found.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from keeping import serving
from tickets import tickets

from olorin_pipelines import openapi, typegen
from olorin_pipelines.diff import diff
from olorin_pipelines.pipeline.checking import Checked, check_consumer
from olorin_pipelines.pipeline.impact import Answer

FIXTURES = Path(__file__).parent / "consumers"
TESTS = {"typed": "tickets.test.ts", "plain": "desk.test.ts"}
BREAKS, CANNOT_TELL, NO_BREAK = Answer.BREAKS, Answer.CANNOT_TELL, Answer.NO_BREAK

Document = dict[str, Any]


class Kind(NamedTuple):
    """A kind of change and the answer with its line for each of the two consumers."""

    name: str
    change: Callable[[Document], None]
    typed: tuple[Answer, str]
    plain: tuple[Answer, str]


def schema(document: Document, name: str) -> Document:
    return document["components"]["schemas"][name]


def prop(name: str, of: str, **keywords: Any) -> Callable[[Document], None]:
    """Change keywords of a property; None takes one away."""

    def change(document: Document) -> None:
        found = schema(document, of)["properties"][name]
        for keyword, value in keywords.items():
            found.pop(keyword, None) if value is None else found.update({keyword: value})

    return change


def optional(name: str, of: str) -> Callable[[Document], None]:
    return lambda document: schema(document, of)["required"].remove(name)


def required(name: str, of: str) -> Callable[[Document], None]:
    return lambda document: schema(document, of)["required"].append(name)


def removed(name: str, of: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        del schema(document, of)["properties"][name]
        if name in schema(document, of)["required"]:
            schema(document, of)["required"].remove(name)

    return change


def renamed(name: str, to: str, of: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        found = schema(document, of)
        found["properties"][to] = found["properties"].pop(name)
        found["required"] = [to if one == name else one for one in found["required"]]

    return change


def added(name: str, of: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        schema(document, of)["properties"][name] = {"type": "string"}
        schema(document, of)["required"].append(name)

    return change


def operation(path: str, method: str, edit: Callable[[Document], object]) -> Callable[[Document], None]:
    return lambda document: edit(document["paths"][path][method]) and None


def gone(path: str, method: str) -> Callable[[Document], None]:
    return lambda document: document["paths"][path].pop(method) and None


def path_renamed(path: str, to: str) -> Callable[[Document], None]:
    return lambda document: document["paths"].update({to: document["paths"].pop(path)})


def component_renamed(document: Document) -> None:
    text = json.dumps(document).replace('"#/components/schemas/Ticket"', '"#/components/schemas/Issue"')
    changed = json.loads(text)
    changed["components"]["schemas"]["Issue"] = changed["components"]["schemas"].pop("Ticket")
    document.update(changed)


def closed(of: str) -> Callable[[Document], None]:
    return lambda document: schema(document, of).update(additionalProperties=False)


def both(first: Callable[[Document], None], second: Callable[[Document], None]) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        first(document)
        second(document)

    return change


def secured(document: Document) -> None:
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["paths"]["/tickets"]["post"]["security"] = [{"key": []}]


def parameter(name: str, **keywords: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        listed = document["paths"]["/tickets"]["get"]["parameters"]
        next(one for one in listed if one["name"] == name)["schema"].update(keywords)

    return change


def new_parameter(document: Document) -> None:
    extra = {"name": "team", "in": "query", "required": True, "schema": {"type": "string"}}
    document["paths"]["/tickets"]["get"]["parameters"].append(extra)


def moved(group: str, to: str, path: str, method: str) -> Callable[[Document], None]:
    """The only response of an operation gets another status."""

    def change(document: Document) -> None:
        responses = document["paths"][path][method]["responses"]
        responses[to] = responses.pop(group)

    return change


def as_media(media: str, path: str, method: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        body = document["paths"][path][method]["requestBody"]
        body["content"] = {media: body["content"]["application/json"]}

    return change


def answered_as_map(document: Document) -> None:
    schema(document, "TicketList")["properties"]["items"] = {
        "type": "object",
        "additionalProperties": {"$ref": "#/components/schemas/Ticket"},
    }


KINDS = (
    Kind(
        "response property removed",
        removed("title", "Ticket"),
        (BREAKS, "src/tickets.ts:8"),
        (BREAKS, "src/desk.ts:40"),
    ),
    Kind(
        "response property removed that nobody reads",
        removed("size", "Ticket"),
        (NO_BREAK, "src/tickets.ts:7"),
        (NO_BREAK, "src/desk.ts:24"),
    ),
    Kind(
        "response property became optional",
        optional("priority", "Ticket"),
        (BREAKS, "src/tickets.ts:18"),
        (BREAKS, "src/desk.ts:33"),
    ),
    Kind(
        "response property became nullable",
        prop("priority", "Ticket", type=["integer", "null"]),
        (BREAKS, "src/tickets.ts:18"),
        (BREAKS, "src/desk.ts:33"),
    ),
    Kind(
        "response property of another type",
        prop("id", "Ticket", type="integer", minLength=None),
        (BREAKS, "src/tickets.ts:13"),
        (CANNOT_TELL, "src/desk.ts:40"),
    ),
    Kind(
        "nested response property became optional",
        optional("email", "Owner"),
        (NO_BREAK, "src/tickets.ts:7"),
        (CANNOT_TELL, "src/desk.ts:39"),
    ),
    Kind(
        "response enum value added",
        prop("status", "Ticket", enum=["open", "closed", "waiting"]),
        (BREAKS, "src/tickets.ts:21"),
        (CANNOT_TELL, "src/desk.ts:40"),
    ),
    Kind("response array became a map", answered_as_map, (BREAKS, "src/tickets.ts:8"), (CANNOT_TELL, "src/desk.ts:4")),
    Kind(
        "response constraint loosened",
        prop("title", "Ticket", minLength=None),
        (CANNOT_TELL, "src/tickets.ts:7"),
        (CANNOT_TELL, "src/desk.ts:24"),
    ),
    Kind(
        "request property became required",
        required("owner_email", "NewTicket"),
        (BREAKS, "src/tickets.ts:12"),
        (NO_BREAK, "src/desk.ts:32"),
    ),
    Kind(
        "required request property added",
        added("team", "NewTicket"),
        (BREAKS, "src/tickets.ts:12"),
        (BREAKS, "src/desk.ts:31"),
    ),
    Kind(
        "request enum value removed",
        prop("kind", "NewTicket", enum=["task"]),
        (BREAKS, "src/tickets.ts:12"),
        (NO_BREAK, "src/desk.ts:32"),
    ),
    Kind(
        "request enum value removed that nobody sends",
        prop("kind", "NewTicket", enum=["bug"]),
        (NO_BREAK, "src/tickets.ts:12"),
        (NO_BREAK, "src/desk.ts:32"),
    ),
    Kind(
        "request property of another type",
        prop("title", "NewTicket", type="integer"),
        (BREAKS, "src/tickets.ts:12"),
        (BREAKS, "src/desk.ts:31"),
    ),
    Kind(
        "request length limited",
        prop("title", "NewTicket", maxLength=5),
        (CANNOT_TELL, "src/tickets.ts:12"),
        (CANNOT_TELL, "src/desk.ts:32"),
    ),
    Kind(
        "request object closed",
        closed("NewTicket"),
        (CANNOT_TELL, "src/tickets.ts:12"),
        (CANNOT_TELL, "src/desk.ts:32"),
    ),
    Kind(
        "request property removed from a closed object",
        both(removed("owner_email", "NewTicket"), closed("NewTicket")),
        (NO_BREAK, "src/tickets.ts:12"),
        (BREAKS, "src/desk.ts:31"),
    ),
    Kind(
        "required query parameter added", new_parameter, (BREAKS, "src/tickets.ts:7"), (CANNOT_TELL, "src/desk.ts:24")
    ),
    Kind(
        "query enum value removed",
        parameter("status", enum=["closed"]),
        (BREAKS, "src/tickets.ts:7"),
        (CANNOT_TELL, "src/desk.ts:24"),
    ),
    Kind("operation removed", gone("/tickets/{id}", "delete"), (BREAKS, "src/tickets.ts:31"), (NO_BREAK, "")),
    Kind("operation removed that nobody calls", gone("/reports", "get"), (NO_BREAK, ""), (NO_BREAK, "")),
    Kind("path renamed", path_renamed("/tickets", "/issues"), (BREAKS, "src/tickets.ts:7"), (BREAKS, "src/desk.ts:24")),
    Kind("security added", secured, (CANNOT_TELL, "src/tickets.ts:12"), (CANNOT_TELL, "src/desk.ts:32")),
    Kind(
        "success status changed",
        moved("201", "200", "/tickets", "post"),
        (CANNOT_TELL, "src/tickets.ts:12"),
        (CANNOT_TELL, "src/desk.ts:32"),
    ),
    Kind(
        "success without a body",
        operation("/tickets", "post", lambda o: o["responses"].update({"201": {"description": "made"}})),
        (BREAKS, "src/tickets.ts:13"),
        (CANNOT_TELL, "src/desk.ts:32"),
    ),
    Kind(
        "response header removed",
        operation("/tickets", "get", lambda o: o["responses"]["200"].pop("headers")),
        (CANNOT_TELL, "src/tickets.ts:7"),
        (CANNOT_TELL, "src/desk.ts:24"),
    ),
    Kind("component renamed", component_renamed, (BREAKS, "src/tickets.ts:4"), (BREAKS, "src/desk.ts:4")),
)


@pytest.fixture(scope="session")
def checked(store, toolchain):
    """Check one consumer against a changed document; the old one is generated once."""
    old = openapi.parse(json.dumps(tickets()).encode(), source="old")

    def check(consumer: str, document: Document) -> Checked:
        new = openapi.parse(json.dumps(document).encode(), source="new")
        bundles = tuple(
            typegen.generate(one.canonical, digest=one.digest, store=store, toolchain=toolchain) for one in (old, new)
        )
        return check_consumer(
            FIXTURES / consumer,
            name=consumer,
            types="src/api/schema.d.ts",
            tsconfig="tsconfig.json",
            old=old,
            new=new,
            findings=diff(old, new),
            bundles=bundles,
        )

    return check


def works(consumer: str, document: Document, node: Path) -> subprocess.CompletedProcess[str]:
    """Run the consumer's own test against a service that keeps the document."""
    script = FIXTURES / consumer / "src" / TESTS[consumer]
    with serving(document) as url:
        return subprocess.run([str(node), str(script), url], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("consumer", ["typed", "plain"])
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_kind_of_change_gets_its_answer_at_its_line(kind, consumer, checked, toolchain):
    document = tickets()
    kind.change(document)
    found = checked(consumer, document)
    worst = found.worst
    assert worst is not None
    assert (worst.answer, worst.place.rpartition(":")[0]) == getattr(kind, consumer), worst.because
    ended = works(consumer, document, toolchain.node)
    if ended.returncode != 0:
        assert worst.answer is not NO_BREAK, f"it breaks: {ended.stderr}"


@pytest.mark.parametrize("consumer", ["typed", "plain"])
def test_the_consumers_work_with_the_document_they_were_written_for(consumer, toolchain):
    ended = works(consumer, tickets(), toolchain.node)
    assert ended.returncode == 0, ended.stderr
