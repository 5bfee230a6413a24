"""What are people told? The few events that are news, as a message that every channel can send. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["NEWS", "Level", "Message", "message_of", "news_of"]

Level: TypeAlias = Literal["info", "warning", "error", "critical"]

NEWS: Mapping[str, tuple[Level, str]] = {
    "accepted": ("info", "passed its gates"),
    "rejected": ("error", "was rejected"),
    "held": ("warning", "is held: a gate could not tell"),
    "promoted": ("info", "is production"),
    "paused": ("warning", "is paused and holds its weight"),
    "held_unsafe": ("critical", "is held: stable does not answer, so there is no way back"),
    "superseded": ("info", "was taken back for a newer deployment"),
    "aborted": ("error", "was stopped while it got traffic"),
    "rolled_back": ("warning", "was taken back, and that is proved"),
    "rolled_back_degraded": ("error", "was taken back, and something is not as it should be"),
    "rollback_failed": ("critical", "could not be proved to be taken back; it is tried again"),
    "production_failed": ("error", "breaks its contract in production"),
}
"""What may be told: the word of olorin.yaml, how grave it is, and how it is said of a version."""

_ENDS = {"promoted", "rolled_back", "superseded"}
_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One piece of news. `key` names it for ever, `incident` what it belongs to; `resolves` says that it is over.

    `links` are addresses by what they lead to; `at` is seconds since the epoch.
    """

    key: str
    incident: str
    news: str
    level: Level
    service: str
    version: str
    title: str
    reason: str
    at: float
    resolves: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the message as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Message:
        """Read back what `to_dict` wrote."""
        return cls(**data)

    @property
    def text(self) -> str:
        """The message in plain lines."""
        lines = [self.title, self.reason, *(f"{name}: {value}" for name, value in self.facts.items())]
        return "\n".join([*(line for line in lines if line), *(f"{what}: {url}" for what, url in self.links.items())])


def news_of(kind: str, detail: Mapping[str, Any]) -> str:
    """Return which news an event of the registry is, empty when it is none."""
    found = {
        "verdict": detail.get("verdict"),
        "rollout_state": detail.get("state"),
        "rollback": detail.get("outcome"),
        "production_check": "production_failed" if detail.get("outcome") == "fail" else "",
    }.get(kind)
    return str(found) if found in NEWS else ""


def message_of(
    news: str,
    *,
    service: str,
    version: str,
    deployment_id: str,
    at: float,
    otherwise: str,
    reason: str,
    facts: Mapping[str, str],
    links: Mapping[str, str],
    place: str = "",
) -> Message:
    """Make a message. What is said again and again of a deployment, such as a failing rollback, has one key.

    `otherwise` names the news where it is of no deployment; `place` tells apart what may be said again, as a pause.
    """
    level, said = NEWS[news]
    what = deployment_id or otherwise
    return Message(
        key=":".join(part for part in (news, what, place) if part),
        incident=f"olorin/{service}/{deployment_id or 'production'}",
        news=news,
        level=level,
        service=service,
        version=version,
        title=" ".join(_short(f"{service} {version} {said}").split()),
        reason=_short(reason),
        at=at,
        resolves=news in _ENDS,
        facts={name: _short(value) for name, value in facts.items() if value},
        links=dict(links),
    )


def _short(text: str) -> str:
    """Bounded, and without what could break a line of a protocol."""
    plain = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    return plain if len(plain) <= _MOST else f"{plain[: _MOST - 1]}…"
