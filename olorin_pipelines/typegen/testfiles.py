"""Is a file of a consumer a test? Then a break in it stops its build, and no user."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

__all__ = ["is_test_file"]

_FOLDERS = {"__mocks__", "__tests__", "cypress", "e2e", "playwright", "spec", "test", "tests"}
_NAME = re.compile(r"(.+\.)?(test|tests|spec|e2e|cy|bench|stories|test-d)\.([cm]?[jt]sx?)|setupTests\.[jt]sx?")


def is_test_file(file: str) -> bool:
    """Whether Vitest, Jest, Playwright or Cypress would take the file for theirs, by its name or by a folder's."""
    path = PurePosixPath(file)
    return bool(_NAME.fullmatch(path.name)) or not _FOLDERS.isdisjoint(path.parts[:-1])
