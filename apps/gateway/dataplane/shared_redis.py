"""Redis as the proxy asks it: with a deadline, once; a silent one is asked in the background until it answers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from learninghub.redis.address import parse

log = structlog.get_logger(__name__)

AT_ONCE = 8  # so many connections: a rush of requests must not spend its deadline on opening more
BEGIN_SECONDS = 2.0
FAILURES = (RedisError, RedisClusterException, OSError, TimeoutError)
LOOK_AGAIN_SECONDS = 1.0
_TOLD_AGAIN_SECONDS = 0.5


def connect(url: str, *, deadline: float) -> Redis | RedisCluster:
    """A client of the single node or cluster; it connects when first asked, and tries once."""
    options: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,  # saves two round trips on each new connection
        "socket_timeout": deadline,
        "socket_connect_timeout": deadline,
    }
    address = parse(url)
    if address.is_cluster:
        return RedisCluster.from_url(address.url, require_full_coverage=False, **options)
    return Redis.from_url(address.url, **options)


async def stop(task: asyncio.Task[None]) -> None:
    """Ends the task. It is told again: the library may take a cancellation for the end of a deadline of its own."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_TOLD_AGAIN_SECONDS)
    with suppress(asyncio.CancelledError):
        await task


class Silence:
    """Begins with a question that Redis left unanswered, and ends when the same is answered.

    `what` names in the log whose questions these are; `changed` is told 1 when it begins and 0 when it ends.
    """

    def __init__(self, what: str, *, look_again: float, changed: Callable[[int], None] = lambda _: None) -> None:
        self._what = what
        self._look_again_seconds = look_again
        self._changed = changed
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        return self._looking is not None

    def begin(self, error: Exception, ask: Callable[[], Awaitable[object]]) -> None:
        """No effect where it has begun: of perhaps several shards, the one that failed first is asked."""
        if self._looking is None:
            self._changed(1)
            log.warning("redis.silent", asked_for=self._what, error=type(error).__name__)
            self._looking = asyncio.create_task(self._look_again(ask))

    async def end(self) -> None:
        """Asks no more."""
        if self._looking is not None:
            await stop(self._looking)

    async def _look_again(self, ask: Callable[[], Awaitable[object]]) -> None:
        while True:
            await asyncio.sleep(self._look_again_seconds)
            with suppress(*FAILURES):
                async with asyncio.timeout(BEGIN_SECONDS):
                    await ask()
                break
        self._changed(0)
        log.info("redis.answers", asked_for=self._what)
        self._looking = None
