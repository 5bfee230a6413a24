"""Credentials in whatever a run keeps: renewed meanwhile, in a query, given back by the service."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import orjson
import pytest

from olorin_pipelines.access import Credentials, Token
from olorin_pipelines.contract import Suite, Trial
from olorin_pipelines.contract.corpus import Corpora
from olorin_pipelines.contract.session import session
from tests.contract.faulty import breaking

ANSWER = {"schema": {"type": "object", "properties": {"token": {"type": "integer"}}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {"/me": {"get": {"responses": {"200": {"description": "", "content": {"application/json": ANSWER}}}}}},
}


def told(token: str, *, query: str = "") -> bytes:
    """A line of the report: a request with a token, which the answer gives back, where a number is documented."""
    interaction = {
        "request": {
            "method": "GET",
            "uri": f"http://h/me{query}",
            "headers": {"Authorization": [f"Bearer {token}"], "X-Trace": [token]},
        },
        "response": {
            "status_code": 200,
            "headers": {"Content-Type": ["application/json"]},
            "content": {"$base64": base64.b64encode(json.dumps({"token": token}).encode()).decode()},
            "elapsed": 0.1,
        },
    }
    case = {"value": {"method": "GET", "path": "/me", "meta": {"generation": {"mode": "positive"}}}}
    recorder = {"label": "GET /me", "cases": {"c": case}, "interactions": {"c": interaction}, "checks": {}}
    return orjson.dumps({"ScenarioFinished": {"phase": "coverage", "recorder": recorder}}) + b"\n"


def kept(folder: Path, trial: Trial, *lines: Any) -> str:
    """Everything that a run keeps or tells: its report, its failures, its corpus as it is stored."""
    with session(trial) as running:
        for line in lines:
            running.line(line() if callable(line) else line)
        corpus = running.compiler.corpus(trial.document, {})
        result = running.result()
    Corpora(folder / "corpora").save(corpus)
    assert corpus.entries or running.compiler.dropped
    assert result.failures, "the token is no number"
    stored = gzip.decompress(next((folder / "corpora").glob("*.gz")).read_bytes())
    return "\n".join([gzip.decompress(result.report.read_bytes()).decode(), repr(result), stored.decode()])


def test_a_token_that_was_renewed_in_the_run_is_in_nothing_that_is_kept(tmp_path: Path) -> None:
    clock, count = [0.0], iter(range(1, 9))

    class Renewed:
        def fetch(self) -> Token:
            return Token(f"hush-{next(count)}-hush", 60.0)

    credentials = Credentials(source=Renewed(), monotonic=lambda: clock[0])

    def later() -> bytes:
        clock[0] += 100.0
        return told(credentials.headers()["Authorization"].removeprefix("Bearer "))

    with breaking("hangs", after=100) as url:
        trial = Trial(
            document=json.dumps(DOCUMENT).encode(),
            url=url,
            workdir=tmp_path,
            headers=credentials.headers(),
            secrets=credentials.secrets(),
        )
        said = kept(tmp_path, trial, told("hush-1-hush"), later, later)
    assert "hush" not in said
    assert said.count("[Filtered]") >= 3


@pytest.mark.parametrize("secret", ["hush-hush", "hush/hush+ä&1"])
def test_a_key_in_the_query_is_in_nothing_that_is_kept(tmp_path: Path, secret: str) -> None:
    lines = [told(secret, query=f"?key={form}&n=1") for form in (quote(secret, safe=""), quote_plus(secret))]
    with breaking("hangs", after=100) as url:
        suite = Suite(query={"key": secret})
        data = json.dumps(DOCUMENT).encode()
        trial = Trial(document=data, url=url, workdir=tmp_path, suite=suite, secrets=(secret,))
        said = kept(tmp_path, trial, *lines)
    assert "hush" not in said
