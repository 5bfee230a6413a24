"""What do earlier runs of `olorin test` say of this one? Remembered in a file of its own, by the document's title."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from olorin_pipelines import contract
from olorin_pipelines.pipeline.remembered import DOCUMENT, Looked, numbers_of, remember, scopes, stated
from olorin_pipelines.pipeline.served import SERVED
from olorin_pipelines.registry import Registry, Remembered

__all__ = ["with_memory"]

_ANSWERS = "answers"
_NAME = 63


def with_memory(tested: contract.Tested, file: Path) -> contract.Tested:
    """Record a run in the registry `file` (SQLite, made when it is missing); return it with states and what is fixed.

    Raises `RegistryError` for a file that is none.
    """
    found = (*tested.failures, *tested.excused)
    served = tuple(each for each in found if each.check == SERVED)
    answers = tuple(each for each in found if each.check != SERVED)
    compared = [DOCUMENT] if any(check.name == SERVED for check in tested.checks) else []
    with closing(Registry(f"sqlite:///{file.absolute()}")) as registry:
        said = remember(
            registry,
            Looked(
                service=(tested.title or "service")[:_NAME],
                environment="",
                gate=f"olorin test, {tested.mode}",
                version=tested.version,
                digest=tested.digest,
            ),
            {_ANSWERS: answers, DOCUMENT: served},
            asked=[*compared, *(scopes(_ANSWERS, tested.operations) if tested.complete else [])],
            numbers=numbers_of(tested.operations),
        )
    return replace(
        tested,
        failures=_told(tested.failures, said),
        excused=_told(tested.excused, said),
        fixed=tuple(
            contract.Failure(
                operation=each.operation,
                check=each.check,
                message=each.message,
                fingerprint=each.fingerprint,
                state="fixed",
            )
            for each in said.fixed
        ),
    )


def _told(failures: tuple[contract.Failure, ...], said: Remembered) -> tuple[contract.Failure, ...]:
    return tuple(
        one for each in failures for one in stated(DOCUMENT if each.check == SERVED else _ANSWERS, [each], said)
    )
