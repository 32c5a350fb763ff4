"""Cached reads with Redis: nobody is given what is another's (S11), two processes share, and Redis may be away."""

from collections.abc import Callable, Iterator
from itertools import permutations
from math import ceil
from typing import Any
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.urls import URLPattern, URLResolver, get_resolver

from apps.courses import api as courses
from apps.courses.queries import detail
from learninghub import caching, redis
from learninghub.caching import far, levels, versions
from learninghub.clock import now
from learninghub.http.edge_cache import EdgeCache
from tests.support.courses import make_course
from tests.support.http import Answer, Client
from tests.support.instances import RedisCluster, RedisServer
from tests.support.people import email_of, make_person
from tests.support.reviews import make_review
from tests.support.shared_redis import away, flush, keys

pytestmark = pytest.mark.django_db

CACHED = {
    "api/v1/categories/",
    "api/v1/courses/",
    "api/v1/courses/<uuid:course_id>/",
    "api/v1/courses/<uuid:course_id>/outline/",
    "api/v1/reviews/",
    "api/v1/reviews/summary/",
}


def cached_routes() -> set[str]:
    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif getattr(getattr(pattern.callback, "cls", None), "public_cache", None):
                yield route

    return set(walk(get_resolver().url_patterns, ""))


@pytest.fixture
def places(author) -> list[str]:
    """Every cached route, filled in: a public course, one that only its author may see, and lists of both."""
    public = make_course(author=author)
    draft = make_course(author=author, published=False, title="Secret plans")
    courses.add_category(slug="music", name="Music", by=author.id, now=now())
    make_review(public, text="Open words")
    paths = [route.removeprefix("api/v1/") for route in sorted(cached_routes())]
    asked = "?course_id=<uuid:course_id>"
    paths = [path + asked if path.startswith("reviews/") else path for path in paths]
    return [
        *(path for path in paths if "<" not in path),
        *(path.replace("<uuid:course_id>", str(card.id)) for path in paths for card in (public, draft) if "<" in path),
    ]


def test_the_cached_routes_are_these():
    assert cached_routes() == CACHED


def plain(answer: Answer) -> tuple[int, Any]:
    body = dict(answer.json) if isinstance(answer.json, dict) else answer.json
    return answer.status, {**body, "request_id": ""} if isinstance(body, dict) else body


@pytest.fixture
def walk(
    shared_redis: redis.Client, redis_at: RedisServer | RedisCluster, client: Client, as_user, author, places: list[str]
) -> Callable[[], None]:
    """Asks every cached route as nobody, as its author and as another, in every order and twice."""
    people = {"nobody": client, "author": as_user(author), "other": as_user(make_person())}

    def forget() -> None:
        flush(redis_at)
        EdgeCache.clear_all()
        caching.forget_near()

    def walk() -> None:
        expected = {}
        for path in places:
            for name, person in people.items():
                forget()
                expected[path, name] = plain(person.get(path))
        assert {status for status, _ in expected.values()} == {200, 404}
        for order in permutations(people):
            forget()
            for path, name in ((path, name) for path in places for name in order * 2):
                answer = people[name].get(path)
                assert plain(answer) == expected[path, name], (path, order, name)
                is_public = name == "nobody" and answer.status == 200
                assert (answer.headers["Cache-Control"] == "private, no-store") is not is_public

    return walk


def test_everybody_is_answered_as_if_nobody_else_had_asked(
    walk: Callable[[], None], redis_at: RedisServer | RedisCluster, author
):
    walk()
    kept = keys(redis_at)
    assert {name.split(":")[4] for name in kept} == {"anon"}
    told = b" ".join(kept.values())
    assert [word for word in ("Secret plans", email_of(author)) if word.encode() in told] == []


def test_a_person_s_view_under_a_shared_name_would_be_noticed(
    walk: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    ask = detail.get_detail

    def shared_by_mistake(*, course_id: UUID, **who: Any) -> Any:
        key = caching.key(app="courses", what="detail", of=course_id)
        return caching.remember(key, "courses", 60, lambda: ask(course_id=course_id, **who))

    monkeypatch.setattr(detail, "get_detail", shared_by_mistake)
    with pytest.raises(AssertionError, match="nobody"):
        walk()


@pytest.mark.parametrize("chance", [min, max], ids=["shortest", "longest"])
def test_what_is_kept_lives_as_long_as_the_drawing_says(
    shared_redis: redis.Client,
    redis_at: RedisServer | RedisCluster,
    client: Client,
    as_user,
    author,
    monkeypatch: pytest.MonkeyPatch,
    chance: Callable[[float, float], float],
):
    """API answers 5 to 60 minutes, results of queries 1 to 10."""
    monkeypatch.setattr(far, "uniform", chance)
    for who, path in ((client, "courses/"), (as_user(author), "courses/"), (as_user(author), "categories/")):
        assert who.get(path).status == 200
    names = [name for name in keys(redis_at) if ":version:" not in name]
    lives = {name.split(":")[2]: ceil(far.read(shared_redis, name).fresh_for) for name in names}
    assert set(lives) == {"api", "catalogue", "categories"}
    assert 300 <= lives["api"] <= 3600
    assert 60 <= lives["catalogue"] <= 600
    assert 60 <= lives["categories"] <= 600


class TestTwoProcesses:
    @pytest.fixture
    def process(self, db: None) -> Callable[[], Client]:
        """A process that has just started, without the gateway in front."""
        return lambda: Client(EdgeCache(WSGIHandler()))

    @pytest.mark.parametrize("path", ["courses/", "courses/?q=course", "courses/{id}/", "courses/{id}/outline/"])
    def test_share_an_answer_until_something_is_edited(
        self, shared_redis: redis.Client, process, author, queries_of, django_capture_on_commit_callbacks, path: str
    ):
        course = make_course(author=author)
        path = f"/api/v1/{path.format(id=course.id)}"
        first = process().get(path)
        second_process = process()
        assert queries_of(lambda: second_process.get(path)) == 0
        second = second_process.get(path)
        assert (second.body, second.headers["ETag"]) == (first.body, first.headers["ETag"])
        assert second_process.get(path, headers={"If-None-Match": first.headers["ETag"]}).status == 304
        with django_capture_on_commit_callbacks(execute=True):
            courses.add_module(course_id=course.id, title="One more", by=author.id, now=now())
        assert queries_of(lambda: second_process.get(path)) == 1

    @pytest.mark.parametrize("path", ["courses/", "courses/?level=beginner", "categories/"])
    def test_who_is_signed_in_shares_what_all_are_shown(
        self, shared_redis: redis.Client, as_user, author, queries_of, path: str
    ):
        make_course(author=author)
        first = as_user(author).get(path)
        caching.forget_near()
        other = as_user(make_person())
        assert queries_of(lambda: other.get(path)) == 0
        assert other.get(path).json == first.json

    def test_own_words_are_not_kept_for_those_signed_in(self, shared_redis: redis.Client, as_user, author, queries_of):
        assert [queries_of(lambda: as_user(author).get("courses/", q="word")) for _ in range(2)] == [1, 1]

    def test_a_name_too_long_is_answered_and_not_kept(
        self, shared_redis: redis.Client, redis_at: RedisServer | RedisCluster, process
    ):
        answer = process().get("/api/v1/courses/", more="y" * 600)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=60")
        assert "X-Edge-Scope" not in answer.headers
        assert [name for name in keys(redis_at) if ":api:" in name] == []

    @pytest.mark.parametrize("fault", ["stopped", "frozen"])
    def test_are_answered_while_redis_is_away(
        self, shared_redis: redis.Client, redis_at: RedisServer | RedisCluster, process, author, fault: str
    ):
        make_course(author=author)
        expected = process().get("/api/v1/courses/").body
        with away(redis_at, fault):
            assert [process().get("/api/v1/courses/").body for _ in range(3)] == [expected] * 3

    def test_the_eleventh_at_once_is_told_to_come_back(self, process, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(redis, "_client", redis.Client("redis://127.0.0.1:1"))
        monkeypatch.setattr(versions, "_known", {})
        monkeypatch.setattr(levels, "_rebuilds", type("NoneLeft", (), {"acquire": lambda *_, **__: False})())
        answer = process().get("/api/v1/courses/", headers={"X-Request-ID": "abc-123"})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert (answer.json["code"], answer.json["request_id"]) == ("unavailable", answer.headers["X-Request-ID"])
        assert process().get("/api/v1/courses/00000000-0000-0000-0000-000000000000/teaching/").status == 404
