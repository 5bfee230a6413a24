"""What does Dagster itself say? Its GraphQL, asked from outside, so that a story is not told by its own author."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from olorin_pipelines.errors import SupervisorError

__all__ = ["DagsterApi", "Materialization", "Run"]

_LOCATION, _REPOSITORY = "olorin", "__repository__"
_RUNS = """
query Runs($filter: RunsFilter!) { runsOrError(filter: $filter, limit: 50) { __typename
  ... on Runs { results { runId jobName status creationTime startTime endTime tags { key value } } } } }
"""
_RUN = """
query Run($id: ID!) { runOrError(runId: $id) { __typename ... on Run {
  runId jobName status creationTime startTime endTime tags { key value }
  assetMaterializations { timestamp assetKey { path } metadataEntries { label __typename
    ... on TextMetadataEntry { text } ... on FloatMetadataEntry { floatValue } ... on IntMetadataEntry { intRepr }
    ... on BoolMetadataEntry { boolValue } ... on TableMetadataEntry { table { records } } } } } } }
"""
_TICKS = """
query Ticks($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) { __typename
  ... on Sensor { sensorState { status ticks(limit: 5) { status endTimestamp } } } } }
"""
_LAUNCH = """
mutation Launch($params: ExecutionParams!) { launchRun(executionParams: $params) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } } }
"""


@dataclass(frozen=True, slots=True)
class Materialization:
    """An asset that a run materialised: when (seconds since the epoch), with which metadata."""

    asset: str
    at: float
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A Dagster run; times are seconds since the epoch."""

    run_id: str
    job: str
    status: str
    created: float
    started: float | None
    ended: float | None
    tags: Mapping[str, str]
    materializations: tuple[Materialization, ...] = field(default=())

    @property
    def finished(self) -> bool:
        """Whether the run has ended, well or not."""
        return self.status in ("SUCCESS", "FAILURE", "CANCELED")

    def materialization(self, asset: str) -> Materialization | None:
        """Return the last materialisation of an asset by this run."""
        return next((m for m in reversed(self.materializations) if m.asset == asset), None)


class DagsterApi:
    """A small client of one Dagster web server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=30.0, trust_env=False)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def answers(self) -> bool:
        """Tell whether the web server is up."""
        try:
            return self._client.get("/server_info", timeout=2.0).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def sensor_ticked(self, name: str) -> bool:
        """Tell whether a sensor has been evaluated (or is being evaluated) at least once."""
        selector = {"repositoryLocationName": _LOCATION, "repositoryName": _REPOSITORY, "sensorName": name}
        try:
            found = self._ask(_TICKS, {"selector": selector})["sensorOrError"]
        except SupervisorError:
            return False
        return found["__typename"] == "Sensor" and bool(found["sensorState"]["ticks"])

    def runs(self, tags: Mapping[str, str]) -> list[Run]:
        """Return the latest runs that carry these tags, newest first, without their materialisations."""
        wanted = [{"key": key, "value": value} for key, value in tags.items()]
        found = self._ask(_RUNS, {"filter": {"tags": wanted}})["runsOrError"]
        return [_run(entry) for entry in found.get("results", [])]

    def run(self, run_id: str) -> Run:
        """Return a run with its materialisations."""
        found = self._ask(_RUN, {"id": run_id})["runOrError"]
        if found["__typename"] != "Run":
            raise SupervisorError(f"Dagster does not know the run {run_id}")
        return _run(found)

    def launch(self, job: str, *, partition: str, config: Mapping[str, Any] | None = None) -> str:
        """Launch a job for a partition, as its launchpad in the UI does, with `config`; returns the run id."""
        params = {
            "selector": {"repositoryLocationName": _LOCATION, "repositoryName": _REPOSITORY, "jobName": job},
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": partition}]},
            "runConfigData": dict(config or {}),
        }
        found = self._ask(_LAUNCH, {"params": params})["launchRun"]
        if found["__typename"] != "LaunchRunSuccess":
            raise SupervisorError(f"Dagster did not launch {job}: {found}")
        return str(found["run"]["runId"])

    def _ask(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            response = self._client.post("/graphql", json={"query": query, "variables": variables})
            answer: dict[str, Any] = response.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise SupervisorError(f"the Dagster web server does not answer: {error}") from error
        if answer.get("errors"):
            raise SupervisorError(f"Dagster refused a query: {answer['errors'][0].get('message')}")
        data: dict[str, Any] = answer["data"]
        return data


def _run(entry: Mapping[str, Any]) -> Run:
    return Run(
        run_id=entry["runId"],
        job=entry["jobName"],
        status=entry["status"],
        created=float(entry["creationTime"]),
        started=entry.get("startTime"),
        ended=entry.get("endTime"),
        tags={tag["key"]: tag["value"] for tag in entry["tags"]},
        materializations=tuple(_materialization(m) for m in entry.get("assetMaterializations", [])),
    )


def _materialization(entry: Mapping[str, Any]) -> Materialization:
    return Materialization(
        asset="/".join(entry["assetKey"]["path"]),
        at=float(entry["timestamp"]) / 1000,
        metadata={m["label"]: _value(m) for m in entry["metadataEntries"]},
    )


def _value(entry: Mapping[str, Any]) -> Any:
    match entry["__typename"]:
        case "TextMetadataEntry":
            return entry["text"]
        case "FloatMetadataEntry":
            return entry["floatValue"]
        case "IntMetadataEntry":
            return int(entry["intRepr"])
        case "BoolMetadataEntry":
            return entry["boolValue"]
        case "TableMetadataEntry":
            return [json.loads(record) for record in entry["table"]["records"]]
        case _:
            return None
