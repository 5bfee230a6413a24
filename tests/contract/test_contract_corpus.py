"""A document that was tested before is tested by replay: the same answers, the same judge, no secrets in the file."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.contract import Conducted, Corpora, Suite, Trial, changed_operations, conduct, families
from olorin_pipelines.contract.corpus import Compiler, Corpus, Entry, Link, corpus_key
from olorin_pipelines.contract.corpus.entry import renumbered
from olorin_pipelines.contract.corpus.links import bound, leaves, value_at
from olorin_pipelines.contract.corpus.store import MOST_FILES


@pytest.fixture
def corpora(tmp_path: Path) -> Corpora:
    return Corpora(tmp_path / "corpora")


@pytest.fixture
def conducted(service: Any, headers: dict[str, str], tmp_path: Path, tables: Path, corpora: Corpora) -> Any:
    def _conduct(document: dict[str, Any], *faults: str, suite: Suite | None = None, **options: Any) -> Conducted:
        service.reset(*faults)
        trial = Trial(
            document=json.dumps(document).encode(),
            url=service.url,
            workdir=tmp_path / "run",
            suite=suite or Suite(stateful_examples=10),
            headers=headers,
            cache=tables,
        )
        return conduct(trial, corpora, **options)

    return _conduct


def requests(service: Any) -> list[tuple[str, str, bytes]]:
    """What was asked of the operations: not whether anybody is there."""
    return sorted((method, path, body) for method, path, _, body in service.requests if "/items" in path)


def entry(operation: str = "GET /x", **said: Any) -> Entry:
    method, _, path = operation.partition(" ")
    return Entry(operation=operation, method=method, path=said.pop("path", path), **said)


def corpus(*entries: Entry, key: str = "k") -> Corpus:
    return Corpus(key=key, digest="d", options={}, created=1_000_000.0, entries=entries)


def test_the_second_time_is_a_replay_that_says_the_same(
    conducted: Any, document: dict[str, Any], tmp_path: Path, service: Any, secret: str
) -> None:
    first = conducted(document)
    sent = requests(service)
    again = conducted(document)
    assert (first.result.way, again.result.way) == ("full", "replay")
    assert again.result.replayed == len(first.corpus.entries)
    assert again.result.cases == first.result.cases
    assert again.result.requests_per_second > 0
    assert (again.result.failures, again.result.coverage) == ((), 1.0)
    statuses = [[(each.key, each.statuses, each.cases) for each in done.result.operations] for done in (first, again)]
    assert statuses[0] == statuses[1]
    assert requests(service) == sent
    (kept,) = (tmp_path / "corpora").iterdir()
    assert secret.encode() not in gzip.decompress(kept.read_bytes())
    assert b"authorization" not in gzip.decompress(kept.read_bytes()).replace(b'["authorization"]', b"")
    assert kept.stat().st_size < 20_000


@pytest.mark.slow
@pytest.mark.parametrize("faults", [("schema", "boundary"), ("undead",), ("open",), ("undocumented",)])
def test_a_replay_names_what_the_full_suite_names(conducted: Any, document: dict[str, Any], faults: Any) -> None:
    conducted(document)
    again = conducted(document, *faults).result
    whole = conducted(document, *faults, again=False).result
    assert again.way == "replay"
    assert whole.way == "full"
    named = [{(failure.operation, failure.check) for failure in done.failures} for done in (again, whole)]
    assert named[0] == named[1]
    assert named[0]


@pytest.mark.slow
def test_what_changed_is_tested_and_the_rest_replayed(conducted: Any, document: dict[str, Any], service: Any) -> None:
    conducted(document)
    changed = json.loads(json.dumps(document))
    changed["paths"]["/other"] = {"get": {"responses": {"404": {"description": "nothing"}}}}
    done = conducted(changed, old=json.dumps(document).encode()).result
    assert done.way == "changed and replay"
    assert done.first == ("GET /other",)
    assert done.replayed > 50
    assert done.coverage == 1.0
    assert not done.failures
    third = conducted(changed).result
    assert third.way == "replay"
    assert third.coverage == 1.0


@pytest.mark.slow
def test_without_a_corpus_what_changed_comes_first(conducted: Any, document: dict[str, Any], service: Any) -> None:
    changed = json.loads(json.dumps(document))
    changed["paths"] = {**changed["paths"], "/zzz": {"get": {"responses": {"404": {"description": "nothing"}}}}}
    done = conducted(changed, old=json.dumps(document).encode()).result
    assert (done.way, done.first) == ("changed first", ("GET /zzz",))
    asked = [path.startswith("/base/zzz") for _, path, _, _ in service.requests if "/items" in path or "/zzz" in path]
    first = asked.index(False)
    assert first > 5, "all that is asked of one operation comes before all others"
    assert not any(asked[first : first + 50])


@pytest.mark.slow
def test_a_replay_that_reaches_too_little_gives_way_to_the_suite(
    conducted: Any, document: dict[str, Any], corpora: Corpora
) -> None:
    first = conducted(document)
    few = tuple(each for each in first.corpus.entries if each.operation == "GET /items")
    corpora.save(replace(first.corpus, entries=few))
    done = conducted(document).result
    assert done.way == "full"
    assert done.why.startswith("the replay could not judge: 3 of 4 operations were not exercised")


def test_a_corpus_is_of_one_document_and_its_options() -> None:
    keys = {corpus_key(document, {"seed": seed}) for document in (b"{}", b"[]") for seed in (0, 1)}
    assert len(keys) == 4


def test_a_corpus_reads_back_as_it_was_written(corpora: Corpora) -> None:
    kept = corpus(
        entry("POST /x", body=b"\xff\x00", headers={"x": "1"}, valid=False, without=("authorization",)),
        entry("GET /x/{id}", path="/x/7", query="a=1", links=(Link("path", "2", 0, "/id"),), good=True),
    )
    assert corpora.save(kept) > 0
    assert corpora.load("k", now=1_000_100.0) == (kept, "")


@pytest.mark.parametrize(
    "data",
    [b"", b"not gzip", gzip.compress(b"[]", mtime=0), gzip.compress(b'{"format":0}', mtime=0)],
    ids=["empty", "not gzip", "a list", "format 0"],
)
def test_a_damaged_corpus_is_none(corpora: Corpora, tmp_path: Path, data: bytes) -> None:
    corpora.save(corpus(entry()))
    (tmp_path / "corpora" / "k.corpus.gz").write_bytes(data)
    found, why = corpora.load("k")
    assert found is None
    assert "cannot be read" in why


def test_an_old_corpus_is_not_replayed(corpora: Corpora) -> None:
    corpora.save(corpus(entry()))
    assert corpora.load("k", now=1_000_000.0 + 31 * 86_400) == (None, "the corpus is 31 days old")
    assert corpora.load("other") == (None, "there is no corpus of this document yet")


def test_few_corpora_are_kept(corpora: Corpora, tmp_path: Path) -> None:
    for number in range(MOST_FILES + 3):
        corpora.save(corpus(entry(), key=f"k{number}"))
    assert len(list((tmp_path / "corpora").iterdir())) == MOST_FILES


def test_links_take_the_values_of_this_run() -> None:
    asked = entry(
        "PATCH /x/{id}",
        path="/x/old",
        query="of=old&n=1",
        body=b'{"id":"old","other":[{"ref":"old"}]}',
        links=(
            Link("path", "2", 0, "/id"),
            Link("query", "of", 0, "/id"),
            Link("body", "/other/0/ref", 0, "/id"),
            Link("body", "/id", 0, "/missing"),
        ),
    )
    made = bound(asked, lambda link: value_at(b'{"id":"a/b"}', "", link.pointer))
    assert (made.path, made.query) == ("/x/a%2Fb", "of=a%2Fb&n=1")
    assert json.loads(made.body) == {"id": "old", "other": [{"ref": "a/b"}]}


def test_an_id_that_an_earlier_scenario_made_is_linked_too() -> None:
    made, chance = "e01d6d9d-a732-42ca-be36-d8a37534db74", "default_database"
    compiler = Compiler((), base="", known=("POST /x", "GET /x/{id}"))
    compiler.take(scenario("POST /x", "/x", {"id": made, "of": chance}))
    compiler.take(scenario("GET /x/{id}", f"/x/{made}", {}))
    compiler.take(scenario("GET /x/{id}", f"/x/{chance}", {}))
    kept = compiler.corpus(b"{}", {}).entries
    assert [each.links for each in kept] == [(), (Link("path", "2", 0, "/id"),), ()]


def test_a_credential_that_was_made_up_is_made_up_again() -> None:
    compiler = Compiler(("Authorization",), base="", known=("GET /x",))
    told = scenario("GET /x", "/x", {})
    told["recorder"]["interactions"]["a"]["request"]["headers"] = {
        "x-api-key": ["[Filtered]"],
        "Authorization": ["[Filtered]"],
        "x-plain": ["1"],
    }
    compiler.take(told)
    (kept,) = compiler.corpus(b"{}", {}).entries
    assert (kept.headers, kept.without) == ({"x-api-key": "not-a-token", "x-plain": "1"}, ())


def scenario(operation: str, path: str, answer: Any) -> dict[str, Any]:
    method, _, template = operation.partition(" ")
    response = {"status_code": 200, "headers": {}, "content": json.dumps(answer)}
    interaction = {"request": {"method": method, "uri": f"http://x{path}", "headers": {}}, "response": response}
    recorder = {"cases": {"a": {"value": {"method": method, "path": template}}}, "interactions": {"a": interaction}}
    return {"phase": "stateful", "recorder": recorder}


def test_a_location_names_what_was_created() -> None:
    assert leaves(b"", "/orders/17") == {"17": "@location"}
    assert value_at(b"", "http://x/orders/18", "@location") == "18"
    assert value_at(b'[{"id":1}]', "", "/5/id") == 1, "of a shorter list the last one"


def test_entries_of_some_operations_keep_their_links() -> None:
    entries = (
        entry("GET /a"),
        entry("POST /b"),
        entry("GET /b/{id}", links=(Link("path", "2", 1, "/id"), Link("path", "1", 0, "/id"))),
    )
    kept = renumbered(entries, {"POST /b", "GET /b/{id}"}, first=10)
    assert [each.operation for each in kept] == ["POST /b", "GET /b/{id}"]
    assert kept[1].links == (Link("path", "2", 10, "/id"),)


def test_a_change_behind_a_reference_touches_who_refers_to_it(document: dict[str, Any]) -> None:
    new = json.loads(json.dumps(document))
    new["components"]["schemas"]["NewItem"]["properties"]["name"]["maxLength"] = 30
    assert changed_operations(document, new) == ("POST /items",)
    assert set(families(new, ("POST /items",))) == {
        "GET /items",
        "POST /items",
        "GET /items/{item_id}",
        "DELETE /items/{item_id}",
    }
    new["components"]["schemas"]["Unused"] = {"type": "string"}
    assert changed_operations(document, json.loads(json.dumps(document))) == ()
