"""The rate limit of all processes together, kept in Redis."""

import asyncio
import hashlib
from contextlib import suppress
from functools import partial
from uuid import UUID

from redis.exceptions import NoScriptError

from apps.gateway.dataplane.limits import Rate, RateLimiter
from apps.gateway.dataplane.shared_redis import AT_ONCE, BEGIN_SECONDS, FAILURES, LOOK_AGAIN_SECONDS, Silence, connect
from learninghub import metrics
from learninghub.redis.names import ANON, key, person

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

    def __init__(self, url: str, rate: Rate, *, deadline: float, look_again: float = LOOK_AGAIN_SECONDS) -> None:
        self._redis = connect(url, deadline=deadline)
        self._rate = rate
        self._alone = RateLimiter(rate.half)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._deadline = deadline
        self._silence = Silence("limits", look_again=look_again, changed=metrics.LIMITS_ALONE.set)

    @property
    def is_alone(self) -> bool:
        """Whether this process limits by itself, for want of Redis."""
        return self._silence.is_on

    async def begin(self) -> None:
        """Makes acquaintance with Redis before the first request has to; a cluster tells its shape first."""
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                await self._take("begin", cost=0)
        except FAILURES as error:
            self._silence.begin(error, partial(self._take, "begin", cost=0))

    async def wait(self, name: str, *, at: float) -> float:
        """Takes one request from the bucket; 0.0 when it may pass, else the seconds until it may."""
        async with self._turns:
            if not self.is_alone:
                try:
                    async with asyncio.timeout(self._deadline):
                        return await self._take(name, cost=1)
                except FAILURES as error:
                    self._silence.begin(error, partial(self._take, name, cost=0))
        return self._alone.wait(name, at=at)

    async def close(self) -> None:
        await self._silence.end()
        with suppress(*FAILURES):
            await self._redis.aclose()

    async def _take(self, name: str, *, cost: int) -> float:
        words = (rate_key(name), self._rate.per_minute / 60, self._rate.burst, cost)
        try:
            return float(await self._redis.evalsha(_SHA, 1, *words))
        except NoScriptError:
            return float(await self._redis.eval(_SCRIPT, 1, *words))


def rate_key(name: str) -> str:
    """Where the bucket of a person, named by their id, or of a place lies; a place is named by its digest."""
    try:
        audience = person(UUID(name))
    except ValueError:
        audience = ANON
    return key(app="gateway", what="rate", of=name, audience=audience)
