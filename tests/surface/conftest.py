"""A Dagster instance of its own, and jobs that run in this process on a workplace of the test."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextvars import copy_context

import dagster as dg
import pytest

import definitions
from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.probe import Answer
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.delivery.scalers.memory import MemoryScaler
from olorin_pipelines.gate import CheckResult, GateResult, Outcome
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline import revert
from resources import DEPLOYMENT_TAG, SERVICES, Olorin

SERVICE = "investigations"


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run each test in a context of its own: Dagster leaves an instance there, which later definitions would ask."""
    names = inspect.signature(pyfuncitem.obj).parameters
    copy_context().run(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    return True


@pytest.fixture(scope="session")
def defs() -> dg.Definitions:
    return definitions.defs()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    made = dg.DagsterInstance.ephemeral()
    made.add_dynamic_partitions(SERVICES.name, [SERVICE])
    yield made
    made.dispose()


class Surface:
    """The jobs on one workplace; `run` returns a finished run, `deployment` announces one."""

    def __init__(self, defs: dg.Definitions, instance: dg.DagsterInstance, place) -> None:
        self.defs, self.instance, self.place = defs, instance, place
        self.olorin = Olorin(config_path=str(place.config.root / "olorin.yaml"))

    def deployment(self, url: str, version: str, *, environment: str = "canary"):
        return self.place.registry.announce(SERVICE, environment=environment, version=version, url=url)[0]

    def materialise(self, asset: str) -> dg.ExecuteInProcessResult:
        """Materialise one asset by hand, as its button in the UI does."""
        return dg.materialize(
            [*self.defs.assets, *self.defs.asset_checks],
            selection=dg.AssetSelection.assets(asset),
            partition_key=SERVICE,
            instance=self.instance,
            resources={"olorin": self.olorin},
            raise_on_error=False,
        )

    def run(self, job: str, *, deployment=None, config=None) -> dg.ExecuteInProcessResult:
        tags = {DEPLOYMENT_TAG: deployment.id} if deployment else {}
        return self.defs.resolve_job_def(job).execute_in_process(
            partition_key=SERVICE,
            tags=tags,
            run_config=config or {},
            instance=self.instance,
            resources={"olorin": self.olorin},
            raise_on_error=False,
        )

    def roll_back(self, *, reason: str = "", deployment_id: str = "") -> dg.ExecuteInProcessResult:
        config = {"reason": reason, "deployment_id": deployment_id}
        ops = {"rollback": {"ops": {"precheck": {"config": config}}}}
        return self.run("rollback_service", config={"ops": ops})

    def outcome(self, deployment) -> str | None:
        return self.place.registry.deployment(deployment.id).outcome


@pytest.fixture
def surface(defs, instance, workplace) -> Callable[..., Surface]:
    return lambda production, *, extra="": Surface(defs, instance, workplace(production, extra=extra))


@pytest.fixture
def doubles(monkeypatch) -> dict[str, object]:
    """Router, metrics and scaler in memory in the place of Envoy's."""
    made = {"router": MemoryRouter(), "metrics": MemoryMetrics(), "scaler": MemoryScaler()}
    for module in (release_module, revert):
        monkeypatch.setattr(module, "router_of", lambda config, name, **_: made["router"])
    monkeypatch.setattr(release_module, "metrics_of", lambda config, name: made["metrics"])
    monkeypatch.setattr(release_module, "probe", lambda url: Answer(200, ""))
    monkeypatch.setattr(revert, "scaler_of", lambda config, name, **_: made["scaler"])
    return made


@pytest.fixture
def quick_gates(monkeypatch) -> None:
    """The two gates that start programs pass at once: other tests ask them on real parts."""

    def passes(gate: str, names: tuple[str, ...]):
        checks = [CheckResult(name=name, outcome=Outcome.PASS, summary="fine") for name in names]
        return lambda case: GateResult.of_checks(gate, checks)

    monkeypatch.setattr(
        "assets.generated_types.generate_types", passes("generated_types", ("compile", "no_sensitive_property"))
    )
    monkeypatch.setattr(
        "assets.consumer_compatibility.prove_consumers",
        passes("consumer_compatibility", ("consumers_compile", "breaking_changes")),
    )
    names = ("honours_own_schema", "honours_baseline", "endpoint_coverage")
    monkeypatch.setattr("assets.contract_tests.verify_contract", passes("contract_tests", names))


def materialised(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, object]]:
    """Return the metadata of each asset the run materialised, as plain values."""
    return {
        event.asset_key.to_user_string(): {
            name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """Return what each check said, by asset.check."""
    found = result.get_asset_check_evaluations()
    return {f"{check.asset_key.to_user_string()}.{check.check_name}": check.passed for check in found}


def first_words(result: dg.ExecuteInProcessResult, step: str) -> str:
    """Return what a person sees first of a step that failed."""
    failure = next(e for e in result.all_events if e.is_step_failure and e.step_key == step).step_failure_data
    given = failure.user_failure_data
    return given.description if given else failure.error.message
