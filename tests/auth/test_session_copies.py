"""What Redis keeps of sessions: who is refused by it, when they were last seen, and what becomes of both without it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import TestCase

from apps.auth import actions
from apps.auth.actions import copies
from apps.auth.models import Session
from apps.auth.types import Origin
from apps.users import api as users
from config import edge
from learninghub import bus, redis
from learninghub.clock import now
from learninghub.redis import Client as RedisClient
from tests.support.http import Client
from tests.support.instances import RedisCluster, RedisServer
from tests.support.people import PASSWORD, make_person
from tests.support.shared_redis import away, counting_questions, flush, keys

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FAULTS = ["stopped", "emptied", "frozen"]


@pytest.fixture
def process(application: Callable[..., Any]) -> Callable[[str], Client]:
    """A client of another process of the one-process shape, which has seen no token yet."""
    return lambda token: Client(edge.make_edge(application._edge._application), token=token)


@pytest.fixture
def untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words on the bus are lost."""
    monkeypatch.setattr(bus, "_dispatch", lambda *_: None)


def names(session: Session) -> tuple[str, str]:
    """The keys of its two halves."""
    return f"v1:auth:session:{{{session.id}}}:u{session.user_id}", f"v1:auth:seen:{{{session.id}}}:u{session.user_id}"


def put(client: RedisClient, key: str, value: str) -> None:
    client.ask(key, lambda node: node.set(key, value))


class TestWhatIsKept:
    def test_is_a_state_for_six_minutes_and_nothing_of_the_person_but_their_id(
        self, shared_redis: RedisClient, redis_at: RedisServer | RedisCluster, log_in: Any, with_token: Any
    ):
        mine = with_token(log_in(make_person()).json["access"])
        session = Session.objects.get()
        state, seen = names(session)
        assert keys(redis_at) == {state: b"0"}
        assert 350 < shared_redis.ask(state, lambda node: node.ttl(state)) <= 360
        put(shared_redis, seen, "1")
        assert mine.post("auth/logout/").status == 204
        assert keys(redis_at) == {state: b"ended"}
        assert 350 < shared_redis.ask(state, lambda node: node.ttl(state)) <= 360

    def test_begins_with_a_registration(
        self, shared_redis: RedisClient, redis_at: RedisServer | RedisCluster, client: Client
    ):
        asked = {"email": "ada@example.org", "password": PASSWORD, "display_name": "Ada", "terms_version": "2026-11"}
        assert client.post("auth/register/", json=asked).status == 201
        assert keys(redis_at) == {names(Session.objects.get())[0]: b"0"}

    def test_is_the_latest_in_whatever_order_it_comes(
        self, shared_redis: RedisClient, redis_at: RedisServer | RedisCluster, log_in: Any
    ):
        person = make_person()
        log_in(person)
        session = Session.objects.get()
        with TestCase.captureOnCommitCallbacks() as words:
            for _ in range(2):
                actions.distrust_tokens(user_id=person.id, now=now())
        for word in reversed(words):
            word()
        assert keys(redis_at) == {names(session)[0]: b"2"}
        with TestCase.captureOnCommitCallbacks() as words:
            actions.distrust_tokens(user_id=person.id, now=now())
            actions.end_session(session_id=session.id, user_id=person.id, now=now())
        for word in reversed(words):
            word()
        assert keys(redis_at) == {names(session)[0]: b"ended"}

    def test_would_be_the_earlier_without_looking_at_what_is_there(
        self,
        shared_redis: RedisClient,
        redis_at: RedisServer | RedisCluster,
        log_in: Any,
        monkeypatch: pytest.MonkeyPatch,
    ):
        monkeypatch.setattr(copies, "_KEEP", "redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])")
        person = make_person()
        log_in(person)
        with TestCase.captureOnCommitCallbacks() as words:
            for _ in range(2):
                actions.distrust_tokens(user_id=person.id, now=now())
        for word in reversed(words):
            word()
        assert list(keys(redis_at).values()) == [b"1"]


@pytest.mark.usefixtures("untold")
class TestAProcessThatNobodyTold:
    def test_refuses_an_ended_session_at_first_sight(
        self, shared_redis: RedisClient, log_in: Any, with_token: Any, process: Callable[[str], Client]
    ):
        token = log_in(make_person()).json["access"]
        other = process(token)
        assert with_token(token).post("auth/logout/").status == 204
        assert other.get("users/me/").status == 401

    def test_would_believe_it_until_it_asks_if_redis_kept_nothing(
        self,
        shared_redis: RedisClient,
        redis_at: RedisServer | RedisCluster,
        log_in: Any,
        with_token: Any,
        process: Callable[[str], Client],
        settings: Any,
    ):
        token = log_in(make_person()).json["access"]
        other = process(token)
        with_token(token).post("auth/logout/")
        flush(redis_at)
        assert other.get("users/me/").status == 200
        settings.SESSION_POLL_SECONDS = 0
        assert other.get("users/me/").status == 401

    def test_refuses_the_tokens_of_an_earlier_generation(
        self, shared_redis: RedisClient, log_in: Any, client: Client, process: Callable[[str], Client]
    ):
        person = make_person()
        tokens = log_in(person).json
        with TestCase.captureOnCommitCallbacks(execute=True):
            actions.distrust_tokens(user_id=person.id, now=now())
        later = client.post("auth/token/refresh/", json={"refresh": tokens["refresh"]}).json
        assert [process(one["access"]).get("users/me/").status for one in (tokens, later)] == [401, 200]

    @pytest.mark.parametrize("kept", ["0", "", "nonsense", "\xff"])
    def test_takes_nothing_else_for_a_reason_to_refuse(
        self, shared_redis: RedisClient, log_in: Any, process: Callable[[str], Client], kept: str
    ):
        token = log_in(make_person()).json["access"]
        put(shared_redis, names(Session.objects.get())[0], kept)
        assert process(token).get("users/me/").status == 200

    def test_asks_once_for_a_token(self, shared_redis: RedisClient, log_in: Any, process: Callable[[str], Client]):
        other = process(log_in(make_person()).json["access"])
        with counting_questions() as asked:
            assert [other.get("users/me/").status for _ in range(5)] == [200] * 5
        assert asked.total() == 1


class TestWhoIsOut:
    @pytest.mark.parametrize("kept", [None, "0", "1", "7"], ids=["flushed", "its start", "older", "another"])
    def test_is_not_let_in_again_by_anything_that_redis_says(
        self,
        shared_redis: RedisClient,
        redis_at: RedisServer | RedisCluster,
        log_in: Any,
        with_token: Any,
        client: Client,
        kept: str | None,
    ):
        person = make_person()
        first = log_in(person).json
        with TestCase.captureOnCommitCallbacks(execute=True):
            actions.distrust_tokens(user_id=person.id, now=now())
        second = client.post("auth/token/refresh/", json={"refresh": first["refresh"]}).json
        with_token(second["access"]).post("auth/logout/")
        flush(redis_at)
        if kept is not None:
            put(shared_redis, names(Session.objects.get())[0], kept)
        assert [with_token(one["access"]).get("users/me/").status for one in (first, second)] == [401, 401]
        assert client.post("auth/token/refresh/", json={"refresh": second["refresh"]}).status == 401


@pytest.mark.parametrize("fault", FAULTS)
class TestWithRedisAway:
    def test_logging_out_works_here_at_once_and_elsewhere_by_asking(
        self,
        shared_redis: RedisClient,
        redis_at: RedisServer | RedisCluster,
        untold_elsewhere: Callable[[str], Client],
        log_in: Any,
        with_token: Any,
        settings: Any,
        fault: str,
    ):
        token = log_in(make_person()).json["access"]
        here, elsewhere = with_token(token), untold_elsewhere(token)
        assert [one.get("users/me/").status for one in (here, elsewhere)] == [200, 200]
        with away(redis_at, fault):
            with counting_questions() as asked:
                assert here.post("auth/logout/").status == 204
            assert here.get("users/me/").status == 401
            settings.SESSION_POLL_SECONDS = 0
            assert elsewhere.get("users/me/").status == 401
        assert set(asked.values()) == {1}

    def test_logging_in_works_and_asks_it_once(
        self, shared_redis: RedisClient, redis_at: RedisServer | RedisCluster, log_in: Any, with_token: Any, fault: str
    ):
        person = make_person()
        with away(redis_at, fault):
            with counting_questions() as asked:
                token = log_in(person).json["access"]
            assert asked.total() == 1
            with counting_questions() as asked:
                assert with_token(token).get("users/me/").status == 200
            assert asked.total() == 1


@pytest.fixture
def untold_elsewhere(process: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Client]:
    """As `process`, but no word reaches it."""

    def start(token: str) -> Client:
        monkeypatch.setattr(bus, "_listeners", {topic: list(ears) for topic, ears in bus._listeners.items()})
        client = process(token)
        bus._listeners["sessions"].pop()
        return client

    return start


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def use(process: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """One request with the token in a process, which then tells Redis of the sessions in use."""
    monkeypatch.setattr(bus, "_healers", [])
    by_token: dict[str, Client] = {}

    def use(token: str) -> None:
        if token not in by_token:
            by_token[token] = process(token)
        assert by_token[token].get("users/me/").status == 200
        for healer in bus._healers:
            healer(False)

    return use


class TestLastSeen:
    def rows(self, client: Client) -> list[tuple[str, str]]:
        return [(row["last_used_at"], row["last_seen_at"]) for row in client.get("auth/sessions/").json["results"]]

    def test_is_the_last_request_to_the_minute(
        self, shared_redis: RedisClient, log_in: Any, with_token: Any, use: Callable[[str], None], clock: Any
    ):
        token = log_in(make_person()).json["access"]
        seen = []
        for seconds in (0, 59, 1, 90):
            clock.shift(timedelta(seconds=seconds))
            use(token)
            seen += self.rows(with_token(token))
        began = "2026-11-02T12:00:00Z"
        assert seen == [(began, f"2026-11-02T12:{at}Z") for at in ("00:00", "00:00", "01:00", "02:30")]

    def test_is_kept_for_a_week(self, shared_redis: RedisClient, log_in: Any, use: Callable[[str], None]):
        use(log_in(make_person()).json["access"])
        _, seen = names(Session.objects.get())
        assert 604_700 < shared_redis.ask(seen, lambda node: node.ttl(seen)) <= 604_800

    @pytest.mark.parametrize("fault", FAULTS)
    def test_is_what_the_row_knows_while_redis_is_away(
        self,
        shared_redis: RedisClient,
        redis_at: RedisServer | RedisCluster,
        log_in: Any,
        with_token: Any,
        use: Callable[[str], None],
        clock: Any,
        fault: str,
    ):
        person = make_person()
        for _ in range(5):
            token = log_in(person).json["access"]
        clock.shift(timedelta(minutes=2))
        use(token)
        mine = with_token(token)
        assert len(set(self.rows(mine))) == 2
        with away(redis_at, fault), counting_questions() as asked:
            assert self.rows(mine) == [("2026-11-02T12:00:00Z",) * 2] * 5
        assert set(asked.values()) == {1}

    @pytest.mark.parametrize(
        ("kept", "shown"),
        [(-60, "12:00:00"), (60, "12:01:00"), (3600, "12:02:00"), ("x", "12:00:00"), ("9" * 30, "12:00:00")],
        ids=["before its start", "since", "to come", "nonsense", "the end of time"],
    )
    def test_lies_between_the_row_s_and_now(
        self, shared_redis: RedisClient, log_in: Any, with_token: Any, clock: Any, kept: object, shown: str
    ):
        mine = with_token(log_in(make_person()).json["access"])
        at = int(NOON.timestamp()) + kept if isinstance(kept, int) else kept
        put(shared_redis, names(Session.objects.get())[1], str(at))
        clock.shift(timedelta(minutes=2))
        assert self.rows(mine) == [("2026-11-02T12:00:00Z", f"2026-11-02T{shown}Z")]

    def test_of_thirty_sessions_costs_what_it_costs_of_three(
        self,
        shared_redis: RedisClient,
        redis_at: RedisServer | RedisCluster,
        as_user: Any,
        queries_of: Any,
    ):
        person = make_person()
        mine = as_user(person)

        def cost() -> tuple[int, set[int]]:
            with counting_questions() as asked:
                statements = queries_of(lambda: mine.get("auth/sessions/", page_size=100))
            return statements, set(asked.values())

        mine.get("users/me/")
        costs = []
        for count in (3, 27):
            for _ in range(count):
                actions.start_session(credentials=users.get_credentials(user_id=person.id), origin=Origin(), now=now())
            costs.append(cost())
        assert costs == [(1, {1})] * 2

    def test_without_redis_is_what_the_row_knows(
        self, log_in: Any, with_token: Any, use: Callable[[str], None], clock: Any
    ):
        assert redis.client() is None
        token = log_in(make_person()).json["access"]
        clock.shift(timedelta(minutes=2))
        use(token)
        assert self.rows(with_token(token)) == [("2026-11-02T12:00:00Z",) * 2]
