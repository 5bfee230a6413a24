"""One caller never exhausts a pool per caller; many do: one request in twenty fails, the others wait."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from examples.olorin.server.errors import Problem
from examples.olorin.server.pools import PoolPerCaller


class Asked:
    """Requests at moments of our own; counts who was served, who waited, who failed."""

    def __init__(self, pools: int = 32) -> None:
        self.now, self.seen = 0.0, Counter()
        self.pool = PoolPerCaller(pools, monotonic=lambda: self.now, wait=self.wait)

    async def wait(self, seconds: float) -> None:
        self.seen["waited"] += 1

    def by(self, *callers: str, every: float = 0.1) -> Counter[str]:
        async def ask() -> None:
            for caller in callers:
                self.now += every
                try:
                    await self.pool.lend(caller)
                except Problem as problem:
                    self.seen[problem.status] += 1

        asyncio.run(ask())
        return self.seen


def test_one_caller_never_notices_however_often_it_asks():
    assert Asked().by(*["tests"] * 5_000, every=0.0001) == {}


def test_as_many_callers_as_there_is_room_never_notice():
    assert Asked(pools=3).by(*["a", "b", "c"] * 100) == {}


def test_many_callers_wait_and_one_in_twenty_fails():
    seen = Asked().by(*[f"user-{number % 200}" for number in range(1_000)])
    assert seen["waited"] == pytest.approx(968, abs=40)
    assert seen[504] == seen["waited"] // 20


def test_a_pool_that_nobody_used_for_a_while_is_closed():
    asked = Asked(pools=2)
    asked.by("a", "b")
    asked.now += 60
    assert asked.by("c", "d") == {}
