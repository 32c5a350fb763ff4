"""The rate limit of all processes together, kept in Redis."""

import asyncio
import hashlib
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from apps.gateway.dataplane.limits import Rate, RateLimiter
from learninghub import metrics

log = structlog.get_logger(__name__)

_LOOK_AGAIN_SECONDS = 1.0
_BEGIN_SECONDS = 2.0
_AT_ONCE = 8  # so many connections: a rush of requests must not spend its deadline on opening more
_FAILURES = (RedisError, RedisClusterException, OSError, TimeoutError)
_SCRIPT = """
local bucket = redis.call('HMGET', KEYS[1], 'left', 'at')
local time = redis.call('TIME')
local at = time[1] + time[2] / 1000000
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local left = math.min(burst, (tonumber(bucket[1]) or burst) + math.max(0, at - (tonumber(bucket[2]) or at)) * rate)
local wait = 0
if left >= cost then left = left - cost else wait = (cost - left) / rate end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return string.format('%.6f', wait)
"""
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()


class SharedLimiter:
    """A token bucket a name, taken from by one atomic script on one key, by Redis' own clock.

    Where Redis is away, each process goes by buckets of its own at half the rate (rule R28). Requests wait for a silent
    Redis `deadline` seconds once: then it is asked in the background until it answers.
    """

    def __init__(self, url: str, rate: Rate, *, deadline: float, look_again: float = _LOOK_AGAIN_SECONDS) -> None:
        self._redis = connect(url, deadline=deadline)
        self._rate = rate
        self._alone = RateLimiter(rate.half)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._deadline = deadline
        self._look_again_seconds = look_again
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_alone(self) -> bool:
        """Whether this process limits by itself, for want of Redis."""
        return self._looking is not None

    async def begin(self) -> None:
        """Makes acquaintance with Redis before the first request has to; a cluster tells its shape first."""
        try:
            async with asyncio.timeout(_BEGIN_SECONDS):
                await self._take("begin", cost=0)
        except _FAILURES as error:
            self._go_alone("begin", error)

    async def wait(self, name: str, *, at: float) -> float:
        """Takes one request from the bucket; 0.0 when it may pass, else the seconds until it may."""
        async with self._turns:
            if not self.is_alone:
                try:
                    async with asyncio.timeout(self._deadline):
                        return await self._take(name, cost=1)
                except _FAILURES as error:
                    self._go_alone(name, error)
        return self._alone.wait(name, at=at)

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        with suppress(*_FAILURES):
            await self._redis.aclose()

    async def _take(self, name: str, *, cost: int) -> float:
        words = (f"learninghub:rate:{name}", self._rate.per_minute / 60, self._rate.burst, cost)
        try:
            return float(await self._redis.evalsha(_SHA, 1, *words))
        except NoScriptError:
            return float(await self._redis.eval(_SCRIPT, 1, *words))

    def _go_alone(self, name: str, error: Exception) -> None:
        if self._looking is None:
            metrics.LIMITS_ALONE.set(1)
            log.warning("limits.alone", error=type(error).__name__)
            self._looking = asyncio.create_task(self._look_again(name))

    async def _look_again(self, name: str) -> None:
        """Asks for the bucket that could not be had, in one shard of perhaps several, until it can."""
        while True:
            await asyncio.sleep(self._look_again_seconds)
            with suppress(*_FAILURES):
                async with asyncio.timeout(_BEGIN_SECONDS):
                    await self._take(name, cost=0)
                break
        metrics.LIMITS_ALONE.set(0)
        log.info("limits.together")
        self._looking = None


def connect(url: str, *, deadline: float) -> Redis | RedisCluster:
    """A client of the single node or cluster; it connects when first asked, and tries once."""
    scheme, _, rest = url.partition("://")
    plain = f"{scheme.removesuffix('+cluster')}://{rest}"
    options: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,  # saves two round trips on each new connection
        "socket_timeout": deadline,
        "socket_connect_timeout": deadline,
    }
    if scheme.endswith("+cluster"):
        return RedisCluster.from_url(plain, require_full_coverage=False, **options)
    return Redis.from_url(plain, **options)
