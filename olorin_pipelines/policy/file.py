"""What does a policy file say? Read strictly: whatever is not understood is an error with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from olorin_pipelines.errors import did_you_mean

if TYPE_CHECKING:
    from olorin_pipelines.policy.model import DiffPolicy

__all__ = ["read"]


def read(path: Path) -> DiffPolicy:
    """Read a policy file (YAML or JSON). Raises `ConfigError` with file, line, key and the nearest known name.

    The models are imported here: a comparison without a policy does not pay for them.
    """
    from pydantic import ValidationError

    from olorin_pipelines.config import explained, located, read_tree
    from olorin_pipelines.diff import RULES
    from olorin_pipelines.diff.literal.levels import LEVELS
    from olorin_pipelines.policy.model import DiffPolicy

    text, tree = read_tree(path)
    if tree is not None and not isinstance(tree, dict):
        raise located("a mapping is expected", (), path, text, hint="begin with `severities:` or `approvals:`")
    try:
        policy = DiffPolicy.model_validate(tree or {})
    except ValidationError as error:
        raise explained(error, DiffPolicy, path, text) from error
    known = {rule.id for rule in RULES} | LEVELS.keys()
    for place, name in _ids(policy):
        if name not in known:
            raise located(f"no rule is called {name!r}", place, path, text, hint=did_you_mean(name, known))
    return policy


def _ids(policy: DiffPolicy) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every rule id with its place."""
    yield from ((("severities", name), name) for name in policy.severities)
    for i, approval in enumerate(policy.approvals):
        if approval.id is not None:
            yield ("approvals", i, "id"), approval.id
