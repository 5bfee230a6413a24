"""Which files does a run of contract tests leave for people and machines?"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from olorin_pipelines.contract.tested import Tested
from olorin_pipelines.report.contract.data import to_json
from olorin_pipelines.report.contract.har import har_of_cases, to_har
from olorin_pipelines.report.contract.html import to_html
from olorin_pipelines.report.contract.junit import to_junit

__all__ = ["write_reports"]


def write_reports(
    runs: Sequence[Tested], folder: Path, *, cases: Path | None = None, all_requests: bool = False
) -> list[Path]:
    """Write `report.html`, `junit.xml`, `failures.har` and, for a single run, `report.json`; return their paths.

    `cases` is the gzipped ndjson of a run, of which a copy is kept; with `all_requests` it is also read into
    `requests.har`.
    """
    texts = {"report.html": to_html(runs), "junit.xml": to_junit(runs), "failures.har": to_har(runs)}
    if len(runs) == 1:
        texts["report.json"] = to_json(runs[0]) + "\n"
    kept = cases if cases is not None and cases.is_file() else None
    if kept is not None and all_requests:
        texts["requests.har"] = har_of_cases(kept)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    if kept is not None:
        shutil.copyfile(kept, folder / "cases.ndjson.gz")
        return [folder / name for name in (*texts, "cases.ndjson.gz")]
    return [folder / name for name in texts]
