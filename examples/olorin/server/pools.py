"""Connections to a database that has room for a few callers: what a caller costs is seen only when there are many."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from fastapi import Request

from .errors import Problem

__all__ = ["PoolPerCaller"]

_POOLS = 32
_KEPT_SECONDS = 10.0
_WAIT_SECONDS = 0.010
_ONE_IN = 20


class PoolPerCaller:
    """Opens a pool for every caller and keeps it; the database has room for `pools` of them.

    A caller whose pool is open is served at once. Once all are taken, one who has none waits for somebody else's to
    be closed, and one in twenty of those waits in vain. A single caller never notices.
    """

    def __init__(
        self,
        pools: int = _POOLS,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pools = pools
        self._monotonic, self._wait = monotonic, wait
        self._used: OrderedDict[str, float] = OrderedDict()
        self._waited = 0

    async def borrow(self, request: Request) -> None:
        """Lend the caller a connection. Raises the 504 of a caller who waited in vain."""
        await self.lend(request.state.subject)

    async def lend(self, caller: str) -> None:
        """Lend a caller, by name, a connection."""
        now = self._monotonic()
        while self._used and now - next(iter(self._used.values())) > _KEPT_SECONDS:
            self._used.popitem(last=False)
        full = caller not in self._used and len(self._used) >= self._pools
        if full:
            self._used.popitem(last=False)
        self._used[caller] = now
        self._used.move_to_end(caller)
        if full:
            self._waited += 1
            await self._wait(_WAIT_SECONDS)
            if self._waited % _ONE_IN == 0:
                raise Problem(504, "timeout", "No connection to the database became free in time")
