"""Which document stands for production's, where production does not serve it? A file, a git revision, or the record."""

from __future__ import annotations

from dataclasses import dataclass

from olorin_pipelines import openapi
from olorin_pipelines.config import Baseline, Config
from olorin_pipelines.errors import DocumentUnreachable
from olorin_pipelines.gate import Fact
from olorin_pipelines.pipeline.case import Workplace

__all__ = ["Claimed", "claimed_baseline"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A document that stands for production's, which nobody saw it serve; `kind` and `said` name where it is from."""

    snapshot: openapi.Snapshot
    kind: str
    said: str
    commit: str = ""

    @property
    def facts(self) -> dict[str, Fact]:
        """What a record has to say of it."""
        return {"baseline_from": self.kind, "baseline_said": self.said, "baseline_commit": self.commit or None}


def claimed_baseline(place: Workplace, name: str) -> Claimed | None:
    """Return what stands for production's document; None when production is to be asked for it.

    With `last_snapshot` production is asked for as long as nothing is recorded of it. Raises `DocumentError`.
    """
    wanted = place.config.service(name).baseline
    return _recorded(place, name) if wanted.last_snapshot else _configured(place.config, wanted)


def _configured(config: Config, wanted: Baseline) -> Claimed | None:
    """Read the file or the revision that is configured, None where neither is. Raises `DocumentError`."""
    if wanted.file is not None:
        path = (config.root / wanted.file).resolve()
        if not path.is_relative_to(config.root.resolve()):
            raise DocumentUnreachable(
                "a link leads out of the folder of olorin.yaml",
                source=str(wanted.file),
                hint="keep the document itself in that folder",
            )
        return Claimed(openapi.load(str(path)), wanted.kind, f"the file {wanted.file}")
    if wanted.git is not None:
        snapshot, commit = openapi.load_revision(wanted.git, root=config.root)
        return Claimed(snapshot, wanted.kind, f"{wanted.git} at commit {commit[:12]}", commit)
    return None


def _recorded(place: Workplace, name: str) -> Claimed | None:
    row = place.registry.last_released(name)
    said = "what the version served that was released last"
    if row is None:
        row, said = place.registry.last_observed(name), "what was last known of production"
    if row is None:
        return None
    snapshot = openapi.parse(place.artifacts.get(row.artifact), source=row.source)
    return Claimed(snapshot, "last_snapshot", f"{said} ({row.source})")
