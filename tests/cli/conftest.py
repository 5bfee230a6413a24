"""The command line as `olorin` runs it: `main`, which alone turns errors into messages and exit codes."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from olorin_pipelines import cli

PETS = """\
services:
  pets:
    environments:
      production: {url: "http://127.0.0.1:9"}
      canary: {url: "http://127.0.0.1:9"}
"""


class Said(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)

    @property
    def all(self) -> str:
        return self.out + self.err


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A folder with an olorin.yaml, which the command is run in."""
    (tmp_path / "olorin.yaml").write_text(PETS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OLORIN_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def olorin(monkeypatch, capfd) -> Iterator[Callable[..., Said]]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    monkeypatch.setattr("olorin_pipelines.cli.test._corpora", lambda: None)

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["olorin", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        assert "\x1b" not in out + err, "no colour where nobody sees it"
        return Said(int(ended.value.code or 0), out, err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)
