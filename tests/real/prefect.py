"""What must be there before prefect's operations answer with more than 404? Made by its own API, told by operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import httpx

__all__ = ["values_of"]

_PARAMETER = re.compile(r"\{(\w+)\}")
_SCHEDULED = {"type": "SCHEDULED"}
_TRIGGER = {
    "type": "event",
    "posture": "Reactive",
    "expect": ["olorin.never"],
    "threshold": 1,
    "within": 0,
}


class _Made:
    """Makes things over the API at `url`, each under a name of its own."""

    def __init__(self, client: httpx.Client) -> None:
        self._client, self._numbers = client, count(1)

    def post(self, path: str, body: Any) -> Any:
        """Return what an answer to a POST says. Raises httpx.HTTPStatusError."""
        return self._made("POST", path, body)

    def _made(self, method: str, path: str, body: Any) -> Any:
        answer = self._client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def name(self) -> str:
        return f"olorin-{next(self._numbers)}"

    def flow(self) -> dict[str, Any]:
        made = self.post("flows/", {"name": self.name()})
        return {"id": made["id"], "name": made["name"]}

    def flow_run(self) -> dict[str, Any]:
        made = self.post("flow_runs/", {"flow_id": self.flow()["id"], "state": _SCHEDULED})
        self.post(f"flow_runs/{made['id']}/input", {"key": "olorin", "value": "1"})
        return {"id": made["id"], "key": "olorin", "state": made["state_id"]}

    def task_run(self) -> dict[str, Any]:
        body = {"flow_run_id": self.flow_run()["id"], "task_key": "t", "dynamic_key": "0", "state": {"type": "PENDING"}}
        made = self.post("task_runs/", body)
        return {"id": made["id"], "state": made["state_id"]}

    def deployment(self) -> dict[str, Any]:
        flow, name = self.flow(), self.name()
        made = self.post("deployments/", {"name": name, "flow_id": flow["id"]})
        (planned,) = self.post(f"deployments/{made['id']}/schedules", [{"schedule": {"interval": 86_400}}])
        return {"id": made["id"], "schedule_id": planned["id"], "flow_name": flow["name"], "deployment_name": name}

    def work_pool(self) -> dict[str, Any]:
        pool, queue, worker = self.name(), self.name(), self.name()
        self.post("work_pools/", {"name": pool, "type": "process"})
        self.post(f"work_pools/{pool}/queues", {"name": queue})
        self.post(f"work_pools/{pool}/workers/heartbeat", {"name": worker})
        return {"pool": pool, "queue": queue, "worker": worker}

    def work_queue(self) -> dict[str, Any]:
        return self.post("work_queues/", {"name": self.name()})

    def artifact(self) -> dict[str, Any]:
        return self.post("artifacts/", {"key": self.name(), "type": "markdown", "data": "x"})

    def automation(self) -> dict[str, Any]:
        body = {"name": self.name(), "trigger": _TRIGGER, "actions": [{"type": "do-nothing"}]}
        made = self.post("automations/", body)
        return {"id": made["id"], "resource_id": f"prefect.automation.{made['id']}"}

    def block(self) -> dict[str, Any]:
        kind = self.post("block_types/", {"name": self.name(), "slug": self.name()})
        fields = {"title": self.name(), "type": "object", "properties": {"a": {"type": "string"}}}
        schema = self.post("block_schemas/", {"block_type_id": kind["id"], "fields": fields})
        name = self.name()
        body = {"name": name, "block_type_id": kind["id"], "block_schema_id": schema["id"], "data": {"a": "x"}}
        held = self.post("block_documents/", body)
        return {
            "type": kind["id"],
            "slug": kind["slug"],
            "schema": schema["id"],
            "checksum": schema["checksum"],
            "block_document_name": name,
            "document": held["id"],
        }

    def limit(self) -> dict[str, Any]:
        return self.post("concurrency_limits/", {"tag": self.name(), "concurrency_limit": 5})

    def limit_v2(self) -> dict[str, Any]:
        made = self.post("v2/concurrency_limits/", {"name": self.name(), "limit": 5})
        lent = self.post(
            "v2/concurrency_limits/increment-with-lease",
            {"names": [made["name"]], "slots": 1, "mode": "concurrency", "lease_duration": 3600},
        )
        return {"id_or_name": made["name"], "lease_id": lent["lease_id"]}

    def variable(self) -> dict[str, Any]:
        return self.post("variables/", {"name": self.name().replace("-", "_"), "value": "x"})

    def search(self) -> dict[str, Any]:
        return self._made("PUT", "saved_searches/", {"name": self.name()})


_KINDS: tuple[tuple[str, Callable[[_Made], Mapping[str, Any]], Mapping[str, str]], ...] = (
    ("/artifacts/", _Made.artifact, {}),
    ("/automations/", _Made.automation, {}),
    ("/block_documents/", _Made.block, {"id": "document"}),
    ("/block_schemas/", _Made.block, {"id": "schema"}),
    ("/block_types/", _Made.block, {"id": "type"}),
    ("/collections/", lambda _: {"view": "aggregate-worker-metadata"}, {}),
    ("/concurrency_limits/", _Made.limit, {}),
    ("/deployments/", _Made.deployment, {}),
    ("/flow_run_states/", _Made.flow_run, {"id": "state"}),
    ("/flow_runs/", _Made.flow_run, {}),
    ("/flows/", _Made.flow, {}),
    ("/saved_searches/", _Made.search, {}),
    ("/task_run_states/", _Made.task_run, {"id": "state"}),
    ("/task_runs/", _Made.task_run, {}),
    ("/ui/task_runs/", _Made.task_run, {}),
    ("/v2/concurrency_limits/", _Made.limit_v2, {}),
    ("/variables/", _Made.variable, {}),
    ("/work_pools/{work_pool_name}/workers/", _Made.work_pool, {"work_pool_name": "pool", "name": "worker"}),
    ("/work_pools/{work_pool_name}/", _Made.work_pool, {"work_pool_name": "pool", "name": "queue"}),
    ("/work_pools/", _Made.work_pool, {"name": "pool"}),
    ("/work_queues/", _Made.work_queue, {}),
)
"""Where operations begin, what is made for them, and what their parameters are called there."""


def values_of(document: Mapping[str, Any], url: str) -> dict[str, dict[str, str]]:
    """Make what the operations are about, and return the values of their path parameters by operation.

    What is deleted is made for its DELETE alone: the other operations still find theirs.
    """
    found: dict[str, dict[str, str]] = {}
    shared: dict[str, Mapping[str, Any]] = {}
    with httpx.Client(base_url=f"{url}/", trust_env=False, timeout=30) as client:
        made = _Made(client)
        for path, item in document["paths"].items():
            names = _PARAMETER.findall(path)
            kind = next((each for each in _KINDS if names and path.startswith(each[0])), None)
            for method in item if kind else ():
                start, make, called = kind or ("", _Made.flow, {})
                if method == "delete":
                    thing = make(made)
                else:
                    thing = shared[start] if start in shared else shared.setdefault(start, make(made))
                values = {name: thing.get(called.get(name, name)) for name in names}
                found[f"{method.upper()} {path}"] = {name: str(value) for name, value in values.items() if value}
    return found
