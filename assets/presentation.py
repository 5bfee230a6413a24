"""How does a gate's answer look in the Dagster UI? As a summary, a table, a rendered report and plotted numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from olorin_pipelines.gate import CheckResult, Fact, GateResult, Outcome
from olorin_pipelines.pipeline.case import Case

if TYPE_CHECKING:
    from olorin_pipelines.contract import Progress

__all__ = ["check_result", "check_specs", "code_block", "frame_table", "logged", "materialise", "table"]

_MOST_ROWS = 200
_PREVIEW_LINES, _WIDEST, _MOST_PREVIEW = 40, 160, 900  # the UI shows Markdown of 1,000 characters behind a link only
_DECIMALS, _DECIMALS_BELOW_ONE = 2, 4


def check_specs(asset: str, names: Sequence[str]) -> list[dg.AssetCheckSpec]:
    """Declare a gate's checks; none of them blocks, so that the verdict and the rollback always run."""
    return [dg.AssetCheckSpec(name, asset=asset) for name in names]


def materialise(
    result: GateResult, case: Case, *, extra: Mapping[str, dg.MetadataValue[Any] | Fact] | None = None
) -> dg.MaterializeResult[Any]:
    """Turn a gate's answer into a materialisation with its checks."""
    metadata: dict[str, Any] = {
        "summary": dg.MetadataValue.md(f"**{result.outcome.value}** · {_plain(result.summary)}"),
        **(extra or {}),
        "outcome": result.outcome.value,
        "deployment_id": case.deployment.id,
        "version": case.deployment.version,
        "environment": case.deployment.environment,
        "gate_seconds": result.seconds,
        **{name: value for name, value in result.facts.items() if value is not None},
    }
    if result.hint:
        metadata["hint"] = result.hint
    if result.rows:
        metadata["table"] = table(result.rows)
    for name, rows in result.tables.items():
        if rows:
            metadata[f"table/{name}"] = table(rows)
    for name, digest in result.evidence.items():
        metadata[f"evidence/{name}"] = dg.MetadataValue.path(str(case.place.artifacts.path(digest)))
    return dg.MaterializeResult(
        metadata=metadata,
        data_version=dg.DataVersion(str(result.facts.get("digest") or f"{case.deployment.id}:{result.outcome.value}")),
        tags={"olorin/deployment_id": case.deployment.id, "olorin/outcome": result.outcome.value},
        check_results=[check_result(check) for check in result.checks],
    )


def table(rows: Iterable[Mapping[str, Fact]], *, first: Sequence[str] = ()) -> dg.TableMetadataValue:
    """Show rows as a table; rows of different shapes get the union of their columns, those of `first` before others.

    Numbers are rounded for the reader; the registry and the artifacts keep them whole.
    """
    shown = list(rows)[:_MOST_ROWS]
    found = dict.fromkeys(key for row in shown for key in row)
    columns = list(dict.fromkeys([*(name for name in first if name in found), *found]))
    return dg.MetadataValue.table(
        records=[dg.TableRecord({column: _cell(row.get(column)) for column in columns}) for row in shown],
        schema=dg.TableSchema(columns=[dg.TableColumn(column, _type(shown, column)) for column in columns]),
    )


def code_block(data: bytes, language: str, *, begin: bytes = b"") -> dg.MarkdownMetadataValue:
    """Show some lines of a text as code, from the line on that starts with `begin`, else from the first.

    Its fence is longer than any run of backticks in it.
    """
    at = max(data.find(b"\n" + begin) + 1, 0) if begin else 0
    lines = data[at : at + 4 * _MOST_PREVIEW].decode("utf-8", "replace").split("\n")[:_PREVIEW_LINES]
    shown = ""
    for line in lines:
        if len(shown) + len(line[:_WIDEST]) > _MOST_PREVIEW:
            break
        shown += f"{line[:_WIDEST]}\n"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    total = data.count(b"\n")
    more = f"\n\n… {total:,} lines in all" if total > shown.count("\n") else ""
    return dg.MetadataValue.md(f"{fence}{language}\n{shown}{fence}{more}")


def frame_table(frame: Any) -> dg.TableMetadataValue:
    """Show a pandas frame, newest row first."""
    return table(
        {str(key): value if isinstance(value, int | float | str) else str(value) for key, value in row.items()}
        for row in frame.reset_index().iloc[::-1].to_dict("records")
    )


def logged(info: Callable[[str], None], *, every: float = 5.0) -> Callable[[Progress], None]:
    """Return what tells the log of a run how far its contract tests are, at most once in `every` seconds."""
    last = [0.0]

    def tell(progress: Progress) -> None:
        if progress.seconds - last[0] >= every:
            last[0] = progress.seconds
            info(
                f"{progress.phase or 'starting'}: {progress.asked} of {progress.operations} operations, "
                f"{progress.cases} requests, {progress.failures} failures, {progress.seconds:.0f} s"
            )

    return tell


def check_result(check: CheckResult) -> dg.AssetCheckResult:
    """Turn one check of a gate into an asset check: an error for what FAILED or could not be asked, else a warning."""
    severe = check.outcome in (Outcome.FAIL, Outcome.ERROR) and not check.advisory
    return dg.AssetCheckResult(
        check_name=check.name,
        passed=check.outcome.good,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        description=check.summary,
        metadata={"outcome": check.outcome.value, **{k: v for k, v in check.facts.items() if v is not None}},
    )


def _cell(value: Fact) -> str | int | float | bool:
    if isinstance(value, float):
        return round(value, _DECIMALS_BELOW_ONE if abs(value) < 1 else _DECIMALS)
    return "" if value is None else value


def _type(rows: Sequence[Mapping[str, Fact]], column: str) -> str:
    values = [row[column] for row in rows if row.get(column) not in (None, "")]
    if values and all(isinstance(value, bool) for value in values):
        return "bool"
    if values and all(isinstance(value, int | float) for value in values):
        return "float"
    return "string"


def _plain(text: str) -> str:
    """Escape what Markdown would render: the text may quote a hostile document."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text.replace("\n", " "))
