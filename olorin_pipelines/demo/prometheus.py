"""How is a Prometheus started beside an Envoy? On loopback, with its data in a folder of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from olorin_pipelines.delivery.envoy.tally import filter_of
from olorin_pipelines.demo.ports import LOOPBACK
from olorin_pipelines.errors import ToolMissing

__all__ = ["prometheus_command"]


def prometheus_command(folder: Path, *, port: int, admin_port: int, scrape_seconds: int = 1) -> list[str]:
    """Write the configuration into `folder` and return the command. Raises `ToolMissing`."""
    program = shutil.which("prometheus")
    if program is None:
        raise ToolMissing(
            "Prometheus is not installed", tool="prometheus", hint="apt-get install prometheus, or metrics: envoy"
        )
    folder.mkdir(parents=True, exist_ok=True)
    envoy = {
        "job_name": "envoy",
        "metrics_path": "/stats/prometheus",
        "params": {"filter": [filter_of(".*")]},  # the rest of Envoy's statistics is not asked for
        "static_configs": [{"targets": [f"{LOOPBACK}:{admin_port}"]}],
    }
    every = f"{scrape_seconds}s"
    document = {"global": {"scrape_interval": every, "scrape_timeout": every}, "scrape_configs": [envoy]}
    file = folder / "prometheus.yml"
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")  # JSON is YAML
    return [
        program,
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=1d",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--log.level=warn",
    ]
