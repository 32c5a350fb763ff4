"""The proxy and what Redis keeps of sessions: a reason to refuse at first sight, and nothing to wait for twice."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from apps.auth.types import SessionChange, seen_key, state_key
from apps.gateway.dataplane import shared_sessions
from apps.gateway.dataplane.seen import SeenLately
from apps.gateway.dataplane.settings import Deadlines
from apps.gateway.dataplane.shared_redis import stop
from learninghub.http.identity import Caller
from learninghub.redis import Client
from tests.gateway.running import Loop, Running, auth_service, proxy, service
from tests.gateway.test_edge import KEY, bearer, jwk, token
from tests.support.instances import RedisCluster, RedisServer
from tests.support.shared_redis import away, flush

DEADLINE = 1.0  # of a machine that does much else meanwhile
FAULTS = ["stopped", "emptied", "frozen"]
NEVER = 3600.0


class Person:
    """Someone with a session and its tokens."""

    def __init__(self) -> None:
        self.id, self.session = uuid4(), uuid4()

    def token(self, *, gen: int = 1) -> dict[str, str]:
        return bearer(token(sub=str(self.id), sid=str(self.session), gen=gen, jti=uuid4().hex))

    @property
    def state(self) -> str:
        return state_key(session_id=self.session, user_id=self.id)

    @property
    def seen(self) -> str:
        return seen_key(session_id=self.session, user_id=self.id)


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def kept(redis_at: RedisServer | RedisCluster) -> Iterator[Client]:
    """Redis, emptied."""
    flush(redis_at)
    client = Client(redis_at.url, timeout=10.0)
    yield client
    client.close()


@pytest.fixture
def changes() -> list[str]:
    """What auth-service answers that has changed."""
    return []


@pytest.fixture
def start(
    loop: Loop, redis_at: RedisServer | RedisCluster, kept: Client, changes: list[str]
) -> Iterator[Callable[..., Running]]:
    """Starts the proxy, which asks auth-service as often as it is told to."""
    questions = auth_service(lambda: [jwk(KEY, "one")], lambda: changes)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response() if request.path.startswith("/api/") else await questions(request)

    with ExitStack() as stack:
        told: dict[str, Any] = {
            "service_address": stack.enter_context(service(loop, answer)),
            "redis_url": redis_at.url,
            "deadlines": Deadlines(redis=DEADLINE),
        }
        yield lambda *, poll_seconds=NEVER: stack.enter_context(proxy(loop, poll_seconds=poll_seconds, **told))


def keep(kept: Client, key: str, value: str) -> None:
    kept.ask(key, lambda node: node.set(key, value))


def status(running: Running, shown: dict[str, str]) -> int:
    return running.client().get("courses/", headers=shown).status


class TestAProxyThatMissedTheWord:
    def test_refuses_an_ended_session_at_first_sight(self, start: Callable[..., Running], kept: Client, person: Person):
        running = start()
        assert status(running, Person().token()) == 200
        keep(kept, person.state, "ended")
        answer = running.client().get("courses/", headers=person.token())
        assert (answer.status, answer.json["code"]) == (401, "token_invalid")

    def test_would_let_it_in_without_looking(
        self, start: Callable[..., Running], kept: Client, person: Person, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(shared_sessions.SharedSessions, "look", lambda *_: None)
        running = start()
        keep(kept, person.state, "ended")
        assert status(running, person.token()) == 200

    def test_refuses_tokens_of_an_earlier_generation(self, start: Callable[..., Running], kept: Client, person: Person):
        running = start()
        keep(kept, person.state, "2")
        assert [status(running, person.token(gen=gen)) for gen in (1, 2, 3)] == [401, 200, 200]

    def test_refuses_every_one_of_many_at_once(
        self, start: Callable[..., Running], kept: Client, person: Person, loop: Loop
    ):
        running = start()
        keep(kept, person.state, "ended")
        shown = person.token()

        async def rush() -> list[int]:
            return await asyncio.gather(*(asyncio.to_thread(status, running, shown) for _ in range(20)))

        assert loop.run(rush()) == [401] * 20

    def test_looks_once_for_each_token_and_what_it_learns_holds_for_all(
        self, start: Callable[..., Running], kept: Client, person: Person
    ):
        running = start()
        first, second = person.token(), person.token()
        assert status(running, first) == 200
        keep(kept, person.state, "ended")
        assert [status(running, one) for one in (first, second, first)] == [200, 401, 401]

    @pytest.mark.parametrize("said", ["0", "", "nonsense", "ended "])
    def test_takes_nothing_else_for_a_reason_to_refuse(
        self, start: Callable[..., Running], kept: Client, person: Person, said: str
    ):
        running = start()
        keep(kept, person.state, said)
        assert status(running, person.token()) == 200


@pytest.mark.parametrize("said", [None, "0", "1"], ids=["flushed", "its start", "older"])
def test_who_is_out_stays_out_whatever_redis_says(
    start: Callable[..., Running], kept: Client, redis_at: RedisServer | RedisCluster, said: str | None
):
    running = start()
    ended, changed = Person(), Person()
    running.door.watch.verifier.note(ended.session, is_ended=True, generation=0)
    running.door.watch.verifier.note(changed.session, is_ended=False, generation=2)
    flush(redis_at)
    if said is not None:
        for one in (ended, changed):
            keep(kept, one.state, said)
    assert [status(running, one.token(gen=1)) for one in (ended, changed)] == [401, 401]


class TestWithRedisAway:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_sessions_end_by_asking(
        self,
        start: Callable[..., Running],
        redis_at: RedisServer | RedisCluster,
        changes: list[str],
        person: Person,
        fault: str,
    ):
        running = start(poll_seconds=0.05)
        shown = person.token()
        with away(redis_at, fault):
            assert status(running, shown) == 200
            changes.append(SessionChange(session_id=person.session, is_ended=True, generation=0).word)
            assert_is_refused(running, shown)

    def test_a_silent_one_is_waited_for_once_by_limit_and_look_together(
        self, start: Callable[..., Running], redis_at: RedisServer | RedisCluster, person: Person
    ):
        running = start()
        assert status(running, person.token()) == 200
        with away(redis_at, "frozen"):
            began = time.monotonic()
            assert status(running, person.token()) == 200
            first = time.monotonic() - began
            assert [status(running, Person().token()) for _ in range(5)] == [200] * 5
            rest = time.monotonic() - began - first
        assert DEADLINE <= first < 2 * DEADLINE
        assert rest < DEADLINE

    def test_it_is_looked_at_again_when_it_is_back(
        self,
        start: Callable[..., Running],
        redis_at: RedisServer | RedisCluster,
        kept: Client,
        person: Person,
    ):
        running = start()
        shown = person.token()
        with away(redis_at, "frozen"):
            assert status(running, shown) == 200
        keep(kept, person.state, "ended")
        assert_is_refused(running, shown)


def assert_is_refused(running: Running, shown: dict[str, str]) -> None:
    until = time.monotonic() + 20
    while status(running, shown) != 401:
        assert time.monotonic() < until, "still let in"


class TestLastSeen:
    def test_is_told_to_redis_for_a_week(
        self,
        start: Callable[..., Running],
        kept: Client,
        person: Person,
        monkeypatch: pytest.MonkeyPatch,
    ):
        monkeypatch.setattr(shared_sessions, "_WRITE_EVERY", 0.01)
        running = start()
        began = int(time.time())
        assert status(running, person.token()) == 200
        at = self.wait_for(kept, person.seen)
        assert began <= at <= time.time()
        assert 604_700 < kept.ask(person.seen, lambda node: node.ttl(person.seen)) <= 604_800

    def test_is_not_of_who_was_refused(
        self, start: Callable[..., Running], kept: Client, person: Person, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(shared_sessions, "_WRITE_EVERY", 0.01)
        running, other = start(), Person()
        keep(kept, person.state, "ended")
        assert [status(running, one.token()) for one in (person, other)] == [401, 200]
        self.wait_for(kept, other.seen)
        assert kept.fetch([person.seen]) == {}

    def wait_for(self, kept: Client, key: str) -> int:
        until = time.monotonic() + 20
        while not (found := kept.fetch([key])):
            assert time.monotonic() < until, "nothing was told"
        return int(found[key])


def test_a_session_is_noted_once_a_minute():
    seen = SeenLately()
    one, other = (Caller(id=UUID(int=n), roles=frozenset(), session=UUID(int=n + 10)) for n in (1, 2))
    noted = []
    for caller, at in ((one, 1000.0), (one, 1059.0), (other, 1059.0), (one, 1060.0), (one, 1061.0)):
        seen.note(caller, at=at)
        noted.append(list(seen.take().items()))
    first, second = (UUID(int=11), UUID(int=1)), (UUID(int=12), UUID(int=2))
    assert noted == [[(first, 1000.0)], [], [(second, 1059.0)], [(first, 1060.0)], []]


def test_what_runs_beside_is_ended_though_a_library_takes_the_first_word_for_a_deadline(loop: Loop):
    async def deaf_once() -> None:
        for _ in range(2):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(NEVER)

    async def end() -> bool:
        task = asyncio.create_task(deaf_once())
        await asyncio.sleep(0)
        await stop(task)
        return task.done()

    assert loop.run(end())
