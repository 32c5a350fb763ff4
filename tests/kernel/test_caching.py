"""Two levels of answers: what is given, what is made anew and by how many, with Redis well and with Redis away."""

import threading
from collections.abc import Callable, Iterator
from itertools import count
from uuid import UUID

import pytest

from learninghub import caching, redis
from learninghub.breaker import State
from learninghub.caching import far, levels, versions
from learninghub.caching.levels import Levels, Made
from learninghub.errors import Unavailable
from learninghub.redis.names import SCHEMA
from tests.support.instances import RedisCluster, RedisServer
from tests.support.instances.server import until
from tests.support.shared_redis import LONG, Clock, Process, at_once, away, flush

KEY = caching.key(app="notes", what="page", of="one")
LOCK = f"{KEY}:lock"
LIFE = 300.0


def make_levels(**how) -> Levels[bytes]:
    return Levels("process", entries=100, near_seconds=60.0, dump=bytes, load=bytes, **how)


@pytest.fixture
def here() -> Levels[bytes]:
    return make_levels()


@pytest.fixture
def elsewhere() -> Levels[bytes]:
    """What another process keeps near."""
    return make_levels()


class Maker:
    """Makes 1, 2, 3 and so on; does something first, if told to."""

    def __init__(self, *, seconds: float = LIFE, first: Callable[[], object] = lambda: None) -> None:
        self.seconds = seconds
        self.first = first
        self.numbers = count(1)
        self.made = 0

    def __call__(self) -> Made[bytes]:
        number = next(self.numbers)
        self.first()
        self.made += 1
        return Made(b"%d" % number, self.seconds)


def fetch(kept: Levels[bytes], make: Callable[[], Made[bytes] | None], key: str = KEY) -> bytes | None:
    return kept.fetch(key, scope="notes", make=make)


def grow_old(client: redis.Client) -> None:
    """The answer's life is over; its second one, as a stale answer, is not."""
    assert client.ask(KEY, lambda node: node.pexpire(KEY, 60_000)) == 1


def hold_lock(client: redis.Client) -> None:
    """Another process renews the answer."""
    client.ask(LOCK, lambda node: node.set(LOCK, "of another"))


class TestWithRedis:
    def test_one_process_makes_it_for_all(self, shared_redis: redis.Client, here, elsewhere):
        make = Maker()
        assert [fetch(here, make), fetch(here, make), fetch(elsewhere, make)] == [b"1"] * 3
        assert elsewhere.peek(KEY) == b"1"
        assert make.made == 1

    def test_a_life_is_up_to_a_tenth_longer_and_as_long_again_for_a_stale_answer(self, shared_redis: redis.Client):
        lives = set()
        for _ in range(30):
            far.write(shared_redis, KEY, b"1", version=1, seconds=LIFE)
            found = far.read(shared_redis, KEY)
            assert LIFE - 1 <= found.fresh_for <= LIFE * 1.1
            assert found.stale_for == pytest.approx(found.fresh_for, abs=1)
            lives.add(round(found.stale_for, 3))
        assert len(lives) > 20

    def test_a_bump_ends_what_is_near_and_what_is_far(self, shared_redis: redis.Client, here, elsewhere):
        make = Maker()
        fetch(here, make)
        versions._bump("notes")
        assert here.peek(KEY) is None
        assert [fetch(elsewhere, make), fetch(here, make)] == [b"2", b"2"]

    def test_an_answer_tells_of_a_bump_nobody_told(self, shared_redis: redis.Client, here, elsewhere):
        make = Maker()
        fetch(here, make)
        with Process().running():
            versions._bump("notes")
            later = caching.version("notes")
            fetch(elsewhere, make)
        assert fetch(make_levels(), make) == b"2"
        assert caching.version("notes") == later
        assert here.peek(KEY) is None

    def test_a_write_while_it_is_made_makes_it_out_of_date(self, shared_redis: redis.Client, here, elsewhere):
        make = Maker()
        fetch(here, Maker(first=lambda: versions._bump("notes")))
        assert [here.peek(KEY), fetch(here, make), fetch(elsewhere, make)] == [None, b"1", b"1"]
        assert make.made == 1

    def test_looking_at_the_version_after_it_was_made_would_keep_the_old(
        self, shared_redis: redis.Client, here, monkeypatch: pytest.MonkeyPatch
    ):
        after = caching.version("notes") + 60_000_000
        with monkeypatch.context() as control:
            control.setattr(levels, "version", lambda _: after)
            fetch(here, Maker(first=lambda: caching.note("notes", after)))
        assert here.peek(KEY) == b"1"

    def test_while_another_renews_it_the_old_one_is_given(self, shared_redis: redis.Client, here, elsewhere):
        make = Maker()
        fetch(here, make)
        grow_old(shared_redis)
        hold_lock(shared_redis)
        assert (fetch(elsewhere, make), make.made) == (b"1", 1)
        shared_redis.ask(LOCK, lambda node: node.delete(LOCK))
        assert (fetch(elsewhere, make), make.made) == (b"2", 2)

    def test_an_old_one_of_an_earlier_version_is_not_given(self, shared_redis: redis.Client, here):
        def another_is_done(_: float) -> None:
            far.write(shared_redis, KEY, b"of another", version=caching.version("notes"), seconds=LIFE)

        make = Maker()
        fetch(here, make)
        hold_lock(shared_redis)
        versions._bump("notes")
        assert (fetch(make_levels(pause=another_is_done), make), make.made) == (b"of another", 1)

    def test_whoever_dies_while_renewing_is_followed_by_the_next(self, shared_redis: redis.Client):
        hold_lock(shared_redis)
        lock_ends = make_levels(pause=lambda _: shared_redis.ask(LOCK, lambda node: node.delete(LOCK)))
        make = Maker()
        assert (fetch(lock_ends, make), make.made) == (b"1", 1)

    def test_three_seconds_are_waited_and_no_more(self, shared_redis: redis.Client):
        time = Clock()
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            time.now += seconds

        hold_lock(shared_redis)
        assert fetch(make_levels(clock=time, pause=pause), Maker()) == b"1"
        assert sum(pauses) == pytest.approx(3.0, abs=0.03)
        assert shared_redis.ask(LOCK, lambda node: node.get(LOCK)) == b"of another"

    def test_the_right_to_renew_ends_by_itself_and_is_handed_back_after_a_failure(
        self, shared_redis: redis.Client, here
    ):
        def fail() -> None:
            assert 0 < shared_redis.ask(LOCK, lambda node: node.pttl(LOCK)) <= 3000
            raise LookupError

        with pytest.raises(LookupError):
            fetch(here, Maker(first=fail))
        assert shared_redis.ask(LOCK, lambda node: node.get(LOCK)) is None

    def test_what_is_not_to_be_kept_is_not(self, shared_redis: redis.Client, here):
        assert [fetch(here, lambda: None), fetch(here, Maker())] == [None, b"1"]

    def test_an_emptied_redis_costs_one_renewal(
        self, shared_redis: redis.Client, redis_at: RedisServer | RedisCluster, here, elsewhere
    ):
        make = Maker()
        fetch(here, make)
        flush(redis_at)
        assert [fetch(elsewhere, make), fetch(make_levels(), make), here.peek(KEY)] == [b"2", b"2", b"1"]


class CountingEvent(threading.Event):
    waiting = count()
    waits = 0

    def wait(self, timeout: float | None = None) -> bool:
        type(self).waits = next(self.waiting) + 1
        return super().wait(timeout)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> type[CountingEvent]:
    """Counts who waits for another's work."""

    class Counting(CountingEvent):
        waiting = count()
        waits = 0

    monkeypatch.setattr(levels, "Event", Counting)
    return Counting


class TestStampede:
    def test_of_fifty_callers_one_makes_it(self, shared_redis: redis.Client, here, waits: type[CountingEvent]):
        make = Maker(first=lambda: until(lambda: waits.waits == 49, "they do not wait", seconds=LONG))
        assert at_once(*[lambda: fetch(here, make)] * 50) == [b"1"] * 50
        assert make.made == 1

    def test_without_the_flight_all_fifty_would(self, here, monkeypatch: pytest.MonkeyPatch):
        everybody = threading.Barrier(50)
        monkeypatch.setattr(here, "_flights", _Forgetful())
        make = Maker(first=lambda: everybody.wait(LONG))
        at_once(*[lambda: fetch(here, make)] * 50)
        assert make.made == 50

    def test_of_five_processes_one_makes_it(self, shared_redis: redis.Client):
        paused: set[int] = set()

        def pause(_: float) -> None:
            paused.add(threading.get_ident())
            threading.Event().wait(0.005)

        make = Maker(first=lambda: until(lambda: len(paused) == 4, "they do not wait", seconds=LONG))
        processes = [make_levels(pause=pause) for _ in range(5)]
        assert at_once(*[lambda kept=kept: fetch(kept, make) for kept in processes]) == [b"1"] * 5
        assert make.made == 1

    def test_without_the_lock_all_five_would(self, shared_redis: redis.Client, monkeypatch: pytest.MonkeyPatch):
        everybody = threading.Barrier(5)
        monkeypatch.setattr(far, "lock", lambda *_: lambda: None)
        make = Maker(first=lambda: everybody.wait(LONG))
        at_once(*[lambda kept=kept: fetch(kept, make) for kept in [make_levels() for _ in range(5)]])
        assert make.made == 5

    def test_those_who_come_while_it_is_renewed_have_the_old_one(self, shared_redis: redis.Client):
        time = Clock()
        kept = make_levels(clock=time)
        make = Maker()
        fetch(kept, make)
        time.now += 70
        shared_redis.ask(KEY, lambda node: node.delete(KEY))
        during: list[bytes | None] = []
        make.first = lambda: during.extend(at_once(*[lambda: fetch(kept, make)] * 3))
        assert (fetch(kept, make), during, make.made) == (b"2", [b"1"] * 3, 2)


class _Forgetful(dict):
    """For the control: nobody learns of another's flight."""

    def get(self, key: str, default: object = None) -> None:
        return None

    def __delitem__(self, key: str) -> None:
        pass


@pytest.mark.parametrize("fault", ["stopped", "frozen"])
class TestRedisAway:
    def test_answers_come_from_the_database_and_redis_is_left_alone_after_twenty_failures(
        self,
        shared_redis: redis.Client,
        redis_at: RedisServer | RedisCluster,
        breaker_clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
        fault: str,
    ):
        asked: list[str] = []
        read = far.read
        make = Maker()
        caching.version("notes")
        with away(redis_at, fault):
            answers = [fetch(make_levels(), make) for _ in range(30)]
            assert answers == [b"%d" % number for number in range(1, 31)]
            assert State.OPEN in {breaker.state for breaker in shared_redis.breakers()}
        breaker_clock.now += 30
        monkeypatch.setattr(far, "read", lambda client, key: (asked.append(key), read(client, key))[1])
        assert [fetch(make_levels(), make) for _ in range(3)] == [b"31"] * 3
        assert asked == [KEY, KEY, KEY, KEY]
        assert {breaker.state for breaker in shared_redis.breakers()} == {State.CLOSED}

    def test_one_that_goes_while_the_answer_is_made_does_no_harm(
        self, shared_redis: redis.Client, redis_at: RedisServer | RedisCluster, here, fault: str
    ):
        going = away(redis_at, fault)
        try:
            assert fetch(here, Maker(first=going.__enter__)) == b"1"
            assert here.peek(KEY) == b"1"
        finally:
            going.__exit__(None, None, None)


class TestTenAtOnce:
    @pytest.fixture
    def gone(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(redis, "_client", redis.Client("redis://127.0.0.1:1"))
        monkeypatch.setattr(versions, "_known", {})
        return

    def test_the_eleventh_is_refused_while_redis_is_away(self, gone: None, here):
        def eleventh() -> None:
            until(lambda: levels._rebuilds._value == 0, "not ten at work", seconds=LONG)
            with pytest.raises(Unavailable) as refused:
                fetch(here, Maker(), "key11")
            assert (refused.value.status, refused.value.retry_after) == (503, 1)
            go_on.set()

        go_on = threading.Event()
        make = Maker(first=lambda: go_on.wait(LONG))
        calls = [lambda number=number: fetch(here, make, f"key{number}") for number in range(10)]
        outcomes = at_once(eleventh, *calls)
        assert sorted(filter(None, outcomes)) == sorted(b"%d" % number for number in range(1, 11))
        assert fetch(here, Maker(), "key11") == b"1"

    def test_with_redis_there_are_as_many_as_there_are_keys(self, shared_redis: redis.Client, here):
        everybody = threading.Barrier(11)
        make = Maker(first=lambda: everybody.wait(LONG))
        at_once(*[lambda number=number: fetch(here, make, f"key{number}") for number in range(11)])
        assert make.made == 11

    def test_one_that_is_made_of_another_counts_once(self, gone: None, here, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(levels, "_rebuilds", threading.BoundedSemaphore(1))
        inner = Maker()
        outer = Maker(first=lambda: fetch(here, inner, "inner"))
        assert [fetch(here, outer), fetch(here, Maker(), "next")] == [b"1", b"1"]
        assert inner.made == 1

    @pytest.mark.parametrize("is_limited", [True, False])
    def test_who_waited_in_vain_counts_as_well(self, here, monkeypatch: pytest.MonkeyPatch, is_limited: bool):
        flight = levels._Flight()
        flight.is_limited = is_limited
        flight.landed.set()
        here._flights[KEY] = flight
        monkeypatch.setattr(levels, "_rebuilds", threading.BoundedSemaphore(1))
        levels._rebuilds.acquire()
        if is_limited:
            with pytest.raises(Unavailable):
                fetch(here, Maker())
        else:
            assert fetch(here, Maker()) == b"1"


class TestRemember:
    def test_what_it_gives_is_json_whoever_made_it(self, shared_redis: redis.Client):
        made: list[int] = []

        def make() -> object:
            made.append(1)
            return {"id": UUID(int=1), "tags": ("a", "b")}

        given = [caching.remember(KEY, "notes", 60, make)]
        given.append(caching.remember(KEY, "notes", 60, make))
        caching.forget_near()
        given.append(caching.remember(KEY, "notes", 60, make))
        assert given == [{"id": str(UUID(int=1)), "tags": ["a", "b"]}] * 3
        assert made == [1]

    def test_nobody_can_change_what_another_is_given(self, shared_redis: redis.Client):
        caching.remember(KEY, "notes", 60, lambda: [1]).append(2)
        assert caching.remember(KEY, "notes", 60, lambda: [3]) == [1]

    def test_nothing_is_kept_for_half_a_minute(self, shared_redis: redis.Client):
        assert caching.remember(KEY, "notes", 600, lambda: None) is None
        assert caching.remember(KEY, "notes", 600, lambda: "something") is None
        assert 29 <= far.read(shared_redis, KEY).fresh_for <= 33

    def test_without_redis_it_asks_every_time(self):
        made: list[int] = []
        assert [caching.remember(KEY, "notes", 60, lambda: made.append(1)) for _ in range(2)] == [None, None]
        assert made == [1, 1]

    @pytest.mark.parametrize(
        ("audience", "name"),
        [
            (caching.ANON, "v1:notes:page:one:anon"),
            ("instructor", "v1:notes:page:one:instructor"),
            (caching.person(UUID(int=7)), f"v1:notes:page:one:u{UUID(int=7)}"),
        ],
    )
    def test_who_may_see_it_is_part_of_the_name(self, audience: str, name: str):
        assert caching.key(app="notes", what="page", of="one", audience=audience) == name

    @pytest.mark.parametrize("audience", ["", "Anon", "u7", "anon:x", "*"])
    def test_an_audience_that_is_none_is_refused(self, audience: str):
        with pytest.raises(ValueError, match="is no audience"):
            caching.key(app="notes", what="page", of="one", audience=audience)

    def test_words_of_people_do_not_reach_a_name(self):
        names = {caching.key(app="notes", what="page", of=words) for words in ("a b", "a:b", "{a}", "a" * 65)}
        assert len(names) == 4
        assert all(len(name) == len("v1:notes:page::anon") + 64 for name in names)
        assert SCHEMA == 1
