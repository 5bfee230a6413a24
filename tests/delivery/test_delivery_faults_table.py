"""The table of faults: rows are told apart, and each test that one names is there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
GROUPS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
ROWS = {row["id"]: row for group in GROUPS for row in group["rows"]}


def test_every_row_has_a_name_of_its_own():
    assert len(ROWS) == sum(len(group["rows"]) for group in GROUPS)


NAMED = [row[key] for row in ROWS.values() for key in ("test", "also") if row.get(key)]


@pytest.mark.parametrize("named", NAMED)
def test_the_test_that_a_row_names_is_there(named):
    """`path::name`, or `path::name[row]`: then the row's id is a case of the test, and stands in its file."""
    path, _, name = named.partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    function, _, case = name.rstrip("]").partition("[")
    assert not function or f"def {function}(" in text
    assert not case or f'"{case}"' in text
