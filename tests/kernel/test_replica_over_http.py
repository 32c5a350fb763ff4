"""The catalogue over HTTP with a real primary and two real copies of it: who is answered by whom, and sees what."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext

from apps.users.types import Person
from learninghub import redis
from learninghub.db import replica, roles
from tests.support import instances
from tests.support.courses import make_course, titles
from tests.support.http import Client
from tests.support.instances import Postgres, RedisCluster, RedisServer, Replica
from tests.support.instances.server import until
from tests.support.people import access_token, make_person
from tests.support.reviews import make_learner, make_review
from tests.support.shared_redis import away, nodes

COPIES = ("replica_1", "replica_2")


@pytest.fixture(scope="module")
def servers(django_db_blocker: Any) -> Iterator[tuple[Postgres, list[Replica], RedisServer]]:
    with instances.postgres() as primary, instances.redis_server() as pins:
        with django_db_blocker.unblock(), aliases({"default": primary}):
            call_command("migrate", verbosity=0)
        with instances.replica(primary) as one, instances.replica(primary) as two:
            yield primary, [one, two], pins


class aliases:  # noqa: N801  used as a function
    """Django's names stand for these servers while the block lasts."""

    def __init__(self, servers: dict[str, Postgres]) -> None:
        self._servers = servers
        self._default = dict(connections.settings["default"])

    def __enter__(self) -> None:
        for alias, server in self._servers.items():
            address = {"NAME": "postgres", "HOST": "127.0.0.1", "PORT": urlsplit(server.url).port, "USER": "postgres"}
            connections.settings.setdefault(alias, dict(self._default)).update(address)
        roles.take(roles.current())  # closes the pools

    def __exit__(self, *_: object) -> None:
        connections.close_all()
        connections.settings["default"].update(self._default)
        roles.take(roles.current())
        for alias in self._servers.keys() - {"default"}:
            connections[alias].close()  # a thread that has not asked for it has none to delete
            del connections[alias], connections.settings[alias]


@pytest.fixture(scope="module")
def copies(servers: tuple) -> list[Replica]:
    return servers[1]


@pytest.fixture
def pins(redis_at: RedisServer | RedisCluster, _routed: None) -> RedisServer | RedisCluster:
    """Where pins are kept instead: a single node, then a cluster."""
    redis.use(redis_at.url)
    return redis_at


@pytest.fixture(autouse=True)
def _routed(servers: tuple, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    primary, (one, two), pins = servers
    monkeypatch.setattr(replica, "MEASURE_SECONDS", 0.05)
    monkeypatch.setattr(replica, "_pin_lost_at", [float("-inf")])
    settings.REPLICA_URLS = list(COPIES)
    redis.use(pins.url)
    with django_db_blocker.unblock(), aliases({"default": primary, "replica_1": one, "replica_2": two}):
        yield
        for watch in replica._watches:
            watch.stop()
        replica._watches.clear()
    redis.use("")


@pytest.fixture
def teacher() -> Person:
    return make_person(roles={"instructor"})


@pytest.fixture
def as_person(application: Callable[..., Any]) -> Callable[[Person], Client]:
    return lambda person: Client(application, token=access_token(person))


@pytest.fixture
def learner(as_person: Callable[[Person], Client]) -> Client:
    return as_person(make_person())


def publish(teacher: Person, title: str, copies: list[Replica]) -> str:
    """A course that the catalogue of every copy shows."""
    course = make_course(author=teacher, lessons=1, title=title)
    are_fresh(copies)
    return f"courses/{course.id}/"


def are_fresh(copies: list[Replica]) -> None:
    for copy in copies:
        copy.catch_up()
    watches = replica.watch(list(COPIES))
    until(lambda: all(watch.lag() < 2 for watch in watches), "the copies are not fresh")


def asked(search: Callable[[], object]) -> list[int]:
    """How many statements each copy was asked for."""
    with CaptureQueriesContext(connections["replica_1"]) as one, CaptureQueriesContext(connections["replica_2"]) as two:
        search()
    return [len(one), len(two)]


class TestASearchByAReader:
    def test_is_answered_by_the_copies_in_turn(self, teacher: Person, learner: Client, copies: list[Replica]):
        publish(teacher, "Astrolabes", copies)
        found = [titles(learner.get("courses/", q="astrolabes")) for _ in range(2)]
        assert found == [["Astrolabes"]] * 2
        assert asked(lambda: [learner.get("courses/", q="astrolabes") for _ in range(4)]) == [2, 2]

    def test_is_the_primarys_for_the_nameless(
        self, teacher: Person, application: Callable[..., Any], copies: list[Replica]
    ):
        publish(teacher, "Barometers", copies)
        assert asked(lambda: Client(application).get("courses/", q="barometers")) == [0, 0]

    def test_leaves_out_the_copy_that_falls_behind(
        self, teacher: Person, learner: Client, copies: list[Replica], monkeypatch: pytest.MonkeyPatch
    ):
        publish(teacher, "Compasses", copies)
        monkeypatch.setattr(replica, "FRESH_SECONDS", 0.5)
        late, fresh = replica.watch(list(COPIES))
        copies[0].pause()
        try:
            make_course(author=teacher, lessons=1, title="More compasses")
            copies[1].catch_up()
            until(lambda: late.lag() > 0.5 > fresh.lag(), "the paused copy is not late")
            assert asked(lambda: [learner.get("courses/", q="compasses") for _ in range(2)]) == [0, 2]
            assert sorted(titles(learner.get("courses/", q="compasses"))) == ["Compasses", "More compasses"]
        finally:
            copies[0].resume()

    def test_is_answered_though_a_copy_dies(self, teacher: Person, learner: Client, copies: list[Replica]):
        publish(teacher, "Dividers", copies)
        copies[0].kill()
        try:
            answers = [learner.get("courses/", q="dividers") for _ in range(4)]
            assert [(answer.status, titles(answer)) for answer in answers] == [(200, ["Dividers"])] * 4
            with CaptureQueriesContext(connections["replica_2"]) as other:
                learner.get("courses/", q="dividers")
            assert len(other) == 1
        finally:
            copies[0].start()


@pytest.fixture
def paused(copies: list[Replica]) -> Iterator[Callable[[], None]]:
    yield lambda: [copy.pause() for copy in copies] and None
    for copy in copies:
        copy.resume()


class TestAnAuthor:
    def test_reads_what_they_have_written_while_others_read_the_copy(
        self, teacher: Person, learner: Client, as_person: Callable, copies: list[Replica], paused: Callable
    ):
        course, author = publish(teacher, "Ephemerides", copies), as_person(teacher)
        paused()
        assert author.patch(course, {"title": "Ephemerides anew"}).status == 200
        assert titles(author.get("courses/", q="ephemerides")) == ["Ephemerides anew"]
        assert titles(learner.get("courses/", q="ephemerides")) == ["Ephemerides"]
        assert learner.get(course).json["title"] == "Ephemerides anew"

    @pytest.mark.parametrize(("remembers", "subject"), [(True, "Gnomons"), (False, "Heliostats")])
    def test_reads_it_though_redis_failed_just_then(
        self,
        teacher: Person,
        as_person: Callable,
        copies: list[Replica],
        pins: RedisServer | RedisCluster,
        paused: Callable,
        remembers: bool,
        subject: str,
    ):
        """The control forgets that the pin was lost."""
        title = f"{subject}{len(nodes(pins))}"
        course, author = publish(teacher, title, copies), as_person(teacher)
        paused()
        with away(pins, "stopped"):
            assert author.patch(course, {"title": f"{title} anew"}).status == 200
        if not remembers:
            replica._pin_lost_at[0] = float("-inf")
        assert titles(author.get("courses/", q=title)) == [f"{title} anew" if remembers else title]


class TestReviewsOfACourse:
    def test_are_read_from_the_copies_but_by_who_has_just_written(
        self,
        learner: Client,
        application: Callable[..., Any],
        as_person: Callable,
        copies: list[Replica],
        paused: Callable,
    ):
        course = make_course(lessons=1)
        make_review(course, rating=5)
        author = make_learner(course)
        are_fresh(copies)
        reads = [lambda path=path: learner.get(path, course_id=course.id) for path in ("reviews/", "reviews/summary/")]
        assert [sum(asked(read)) for read in reads] == [1, 1]
        paused()
        assert as_person(author).post("reviews/", {"course_id": str(course.id), "rating": 1}).status == 201
        counts = [
            who.get("reviews/summary/", course_id=course.id).json["count"] for who in (as_person(author), learner)
        ]
        assert counts == [2, 1]
        assert Client(application).get("reviews/summary/", course_id=course.id).json["count"] == 2
