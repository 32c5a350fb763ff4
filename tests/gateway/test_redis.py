"""The proxy with Redis: one limit for all, word of ended sessions at once; and without, half of it, and later (R28)."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from apps.auth.types import SessionChange
from apps.gateway.dataplane.limits import Rate
from apps.gateway.dataplane.shared_limits import SharedLimiter
from learninghub.redis import BUS_CHANNEL, Client
from tests.gateway.running import Loop, Running, auth_service, proxy, service
from tests.gateway.test_edge import KEY, bearer, jwk, token
from tests.support.instances import RedisCluster, RedisServer
from tests.support.shared_redis import away, flush, nodes

RATE = Rate(per_minute=6, burst=10)
DEADLINE = 0.5  # of a machine that does much else meanwhile


@pytest.fixture
def limiters(loop: Loop, redis_at: RedisServer | RedisCluster) -> Iterator[list[SharedLimiter]]:
    """The limiters of two processes."""
    flush(redis_at)
    two = [loop.run(make(redis_at.url)) for _ in range(2)]
    yield two
    for limiter in two:
        loop.run(limiter.close())


async def make(url: str) -> SharedLimiter:
    limiter = SharedLimiter(url, RATE, deadline=DEADLINE, look_again=0.05)
    await limiter.begin()
    return limiter


def passed(loop: Loop, limiter: SharedLimiter, tries: int, name: str = "203.0.113.9") -> int:
    async def wait() -> list[float]:
        return [await limiter.wait(name, at=0.0) for _ in range(tries)]

    return loop.run(wait()).count(0.0)


class TestTogether:
    def test_two_processes_share_one_bucket(self, loop: Loop, limiters: list[SharedLimiter]):
        assert [passed(loop, limiter, 6) for limiter in limiters] == [6, 4]
        assert [passed(loop, limiter, 6, "2001:db8::/64") for limiter in limiters] == [6, 4]

    def test_many_at_once_get_no_more(self, loop: Loop, limiters: list[SharedLimiter]):
        async def race() -> list[float]:
            return await asyncio.gather(*(limiters[n % 2].wait("one", at=0.0) for n in range(100)))

        waits = loop.run(race())
        assert waits.count(0.0) == RATE.burst
        assert all(9.0 < wait <= 10.0 for wait in waits if wait)

    def test_buckets_of_many_are_shared_wherever_they_lie(self, loop: Loop, limiters: list[SharedLimiter]):
        for name in ("a", "b", "c", "d"):
            assert [passed(loop, limiter, 6, name) for limiter in limiters] == [6, 4]

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            (str(UUID(int=7)), f"v1:gateway:rate:{UUID(int=7)}:u{UUID(int=7)}"),
            ("203.0.113.9", f"v1:gateway:rate:{sha256(b'203.0.113.9').hexdigest()}:anon"),
        ],
        ids=["a person", "a place"],
    )
    def test_a_bucket_is_its_owners_and_forgotten_once_it_would_be_full(
        self, loop: Loop, limiters: list[SharedLimiter], redis_at: RedisServer | RedisCluster, name: str, key: str
    ):
        passed(loop, limiters[0], 1, name)
        with closing(Client(redis_at.url, timeout=10.0)) as client:
            assert 100_000 < client.ask(key, lambda node: node.pttl(key)) <= 101_000


class TestAlone:
    def test_while_redis_is_down_each_process_gives_half(
        self, loop: Loop, limiters: list[SharedLimiter], redis_at: RedisServer | RedisCluster
    ):
        assert passed(loop, limiters[0], 1) == 1
        with away(redis_at, "stopped"):
            assert [passed(loop, limiter, 20) for limiter in limiters] == [5, 5]
            assert [limiter.is_alone for limiter in limiters] == [True, True]
        loop.run(until_together(limiters))
        assert [passed(loop, limiter, 6, "another") for limiter in limiters] == [6, 4]

    def test_a_frozen_redis_is_waited_for_once(
        self, loop: Loop, limiters: list[SharedLimiter], redis_at: RedisServer | RedisCluster
    ):
        assert passed(loop, limiters[0], 1) == 1
        with away(redis_at, "frozen"):
            began = time.monotonic()
            assert passed(loop, limiters[0], 20, "one") == 5
            assert DEADLINE <= time.monotonic() - began < 2 * DEADLINE
        loop.run(until_together(limiters))

    def test_an_emptied_redis_limits_on(
        self, loop: Loop, limiters: list[SharedLimiter], redis_at: RedisServer | RedisCluster
    ):
        assert passed(loop, limiters[0], 20) == 10
        flush(redis_at)
        for node in nodes(redis_at):
            node.ask("SCRIPT", "FLUSH")
        assert passed(loop, limiters[0], 20) == 10
        assert not limiters[0].is_alone


async def until_together(limiters: list[SharedLimiter]) -> None:
    async with asyncio.timeout(5):
        while any(limiter.is_alone for limiter in limiters):
            await asyncio.sleep(0.01)


class TestWholeProxy:
    @pytest.fixture
    def running(self, loop: Loop, redis_at: RedisServer | RedisCluster) -> Iterator[Running]:
        questions = auth_service(lambda: [jwk(KEY, "one")])

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return web.Response() if request.path.startswith("/api/") else await questions(request)

        with ExitStack() as stack:
            address = stack.enter_context(service(loop, answer))
            told: dict[str, Any] = {"service_address": address, "redis_url": redis_at.url, "poll_seconds": 3600.0}
            yield stack.enter_context(proxy(loop, **told))

    def test_a_session_that_is_told_to_have_ended_has(
        self, running: Running, loop: Loop, redis_at: RedisServer | RedisCluster
    ):
        session = uuid4()
        shown = bearer(token(sid=str(session)))
        loop.run(until_heard(running))
        assert running.client().get("courses/", headers=shown).status == 200
        word = SessionChange(session_id=session, is_ended=True, generation=0).word
        nodes(redis_at)[-1].ask("PUBLISH", BUS_CHANNEL, f"sessions {word}")
        loop.run(until_refused(running, shown))

    def test_everything_else_goes_on_without_redis(self, running: Running, redis_at: RedisServer | RedisCluster):
        with away(redis_at, "frozen"):
            began = time.monotonic()
            statuses = [running.client().get("courses/", headers=bearer(token())).status for _ in range(10)]
            assert statuses == [200] * 10
            assert time.monotonic() - began < 4 * DEADLINE


async def until_heard(running: Running) -> None:
    async with asyncio.timeout(5):
        while running.door.watch._tuned_in_at == float("inf"):
            await asyncio.sleep(0.01)


async def until_refused(running: Running, shown: dict[str, str]) -> None:
    async with asyncio.timeout(5):
        while (await asyncio.to_thread(running.client().get, "courses/", headers=shown)).status != 401:
            await asyncio.sleep(0.01)
