"""Known failures: what an entry covers, when it ends, what of the file is stale, and what is wrong with a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from olorin_pipelines.errors import ConfigError
from olorin_pipelines.policy import excuse, read_known

CHECKS = ("server_error", "response_schema")
DAY = date(2027, 1, 31)


@dataclass(frozen=True)
class Seen:
    fingerprint: str
    check: str
    operation: str


FIRST = Seen("0123456789abcdef", "server_error", "GET /orders/{id}")
SECOND = Seen("fedcba9876543210", "response_schema", "POST /orders")


@pytest.fixture
def read(tmp_path):
    def _read(text: str):
        path = tmp_path / "known.yaml"
        path.write_text(text)
        return read_known(path, checks=CHECKS)

    return _read


def entry(names: str, *, expires: str = "2027-01-31") -> str:
    return f"  - {{{names}, reason: later, expires: {expires}}}\n"


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ('fingerprint: "0123456789abcdef"', [SECOND]),
        ('check: server_error, operation: "GET /orders*"', [SECOND]),
        ('check: server_error, operation: "POST *"', [FIRST, SECOND]),
        ('check: response_schema, operation: "*"', [FIRST]),
    ],
)
def test_what_an_entry_covers(read, names, left):
    said = excuse([FIRST, SECOND], read("known:\n" + entry(names)), DAY)
    assert list(said.failures) == left
    assert len(said.excused) == 2 - len(left)
    assert len(said.stale) == (len(left) == 2)


def test_an_entry_holds_on_its_last_day_and_no_longer(read):
    known = read("known:\n" + entry('check: server_error, operation: "*"'))
    assert excuse([FIRST], known, DAY).failures == ()
    late = excuse([FIRST], known, date(2027, 2, 1))
    assert late.failures == (FIRST,)
    assert late.notes == ("the entry for server_error at * ended on 2027-01-31 and no longer holds",)


def test_an_entry_is_stale_only_for_a_run_that_asked_everything(read):
    known = read("known:\n" + entry('check: server_error, operation: "*"'))
    assert excuse([], known, DAY).notes == ("the entry for server_error at * covers nothing: remove it",)
    assert excuse([], known, DAY, whole=False).notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("known:\n" + entry("check: server_err, operation: x"), "did you mean 'server_error'?"),
        ("known:\n" + entry("check: server_error"), "`check` and `operation` go together"),
        ("known:\n" + entry("operation: x"), "either a `fingerprint`, or a `check`"),
        ("known:\n" + entry('fingerprint: "12"'), "is not a fingerprint"),
        ("known:\n" + entry("check: server_error, operation: x", expires="soon"), "write it as 2027-01-31"),
        ("known:\n  - {check: server_error, operation: x, expires: 2027-01-31}\n", "reason"),
        ("failures: []\n", "known"),
        ("- x\n", "begin with `known:`"),
    ],
)
def test_a_fault_of_the_file_is_told_with_its_place(read, text, said):
    with pytest.raises(ConfigError) as raised:
        read(text)
    assert said in raised.value.diagnostics()
    assert "known.yaml" in raised.value.diagnostics()
