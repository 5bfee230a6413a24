"""Every dependency has a licence that may be used, and stands in docs/licences.md."""

from __future__ import annotations

import importlib.util
import re
import sys

import pytest
from wheels import ROOT


def _module():
    spec = importlib.util.spec_from_file_location("docs_licences", ROOT / "docs" / "licences.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_licences"] = module
    spec.loader.exec_module(module)
    return module


LICENCES = _module()
TEXT = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
LISTED = set(re.findall(r"^\| `([^`]+)` \| ", TEXT, re.MULTILINE))


@pytest.mark.parametrize("packages", [LICENCES.installed, LICENCES.locked])
def test_every_dependency_may_be_used_and_is_listed(packages):
    found = packages()
    assert len(found) > 100
    assert LICENCES.refused(found) == []
    assert {one.name for one in found} - LISTED == set(), "make docs"


@pytest.mark.parametrize(
    ("licence", "fine"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MIT; GPL-2.0", False),
        ("UNKNOWN", False),
        ("", False),
    ],
)
def test_a_choice_needs_one_and_a_sum_needs_all(licence, fine):
    assert (LICENCES.refused([LICENCES.Package("x", licence)]) == []) is fine


def test_a_waiver_is_for_a_package_that_is_there():
    assert set(LICENCES.WAIVED) <= {one.name for one in LICENCES.installed()} | {"psycopg2-binary"}
