"""How soon the proxy knows of ended sessions, and what it believes while it cannot know."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from apps.auth.types import SessionChange
from apps.gateway.dataplane.watch import Watch
from learninghub.http.identity import Caller
from tests.gateway.test_edge import KEY, OTHER, jwk, token

SESSION = uuid4()
ENDED = SessionChange(session_id=SESSION, is_ended=True, generation=0).word


class AuthService:
    """Answers the proxy's questions, or does not."""

    def __init__(self) -> None:
        self.changes: list[str] = []
        self.keys = [jwk(KEY, "one")]
        self.is_away = False
        self.now = 0.0
        self.asked: list[str] = []

    async def ask(self, path: str) -> Any:
        self.asked.append(path)
        if self.is_away:
            raise OSError("connection refused")
        return {"keys": self.keys} if path.endswith("jwks.json") else {"changes": self.changes}


@pytest.fixture
def auth() -> AuthService:
    return AuthService()


@pytest.fixture
def watch(auth: AuthService) -> Watch:
    watch = Watch(ask=auth.ask, trust_seconds=15.0, clock=lambda: auth.now)
    asyncio.run(watch.poll())
    return watch


def believes(watch: Watch, **changes: Any) -> bool:
    try:
        caller = watch.verifier.verify(token(sid=str(SESSION), **changes), at=0.0)
    except ValueError:
        return False
    return isinstance(caller, Caller)


class TestWords:
    def test_an_ended_session_is_known_by_the_next_question(self, auth: AuthService, watch: Watch):
        assert believes(watch)
        auth.changes = [ENDED]
        assert believes(watch)
        asyncio.run(watch.poll())
        assert not believes(watch)

    def test_and_at_once_by_the_bus(self, watch: Watch):
        watch.heard(f"sessions {ENDED}")
        assert not believes(watch)

    def test_a_new_generation_ends_the_older_tokens(self, watch: Watch):
        watch.heard(f"sessions {SESSION} 3")
        assert (believes(watch, gen=2), believes(watch, gen=3)) == (False, True)

    @pytest.mark.parametrize(
        "said",
        ["", "sessions", "sessions x", f"sessions {SESSION}", "caching courses 3", "\x00"],
        ids=["nothing", "topic", "no id", "id alone", "another topic", "control"],
    )
    def test_what_is_no_word_for_us_does_no_harm(self, watch: Watch, said: str):
        watch.heard(said)
        assert believes(watch)


class TestTrust:
    def test_nothing_is_known_before_the_first_answer(self, auth: AuthService):
        auth.is_away = True
        watch = Watch(ask=auth.ask, trust_seconds=15.0, clock=lambda: auth.now)
        assert not asyncio.run(watch.poll())
        assert not watch.knows

    def test_without_any_word_it_ends_after_fifteen_seconds(self, auth: AuthService, watch: Watch):
        auth.is_away = True
        for auth.now, knows in ((5.0, True), (15.0, True), (15.1, False)):
            asyncio.run(watch.poll())
            assert watch.knows is knows
        auth.is_away = False
        asyncio.run(watch.poll())
        assert watch.knows

    def test_the_bus_alone_carries_it_while_it_is_heard_without_a_gap(self, auth: AuthService, watch: Watch):
        watch.tuned_in()
        asyncio.run(watch.poll())
        auth.is_away = True
        for auth.now in range(1, 60, 5):
            watch.heard()
            assert watch.knows
        auth.now += 15.1
        assert not watch.knows

    def test_a_gap_in_hearing_ends_it(self, auth: AuthService, watch: Watch):
        watch.tuned_in()
        asyncio.run(watch.poll())
        auth.is_away, auth.now = True, 20.0
        watch.heard()
        assert watch.knows
        watch.tuned_out()
        watch.tuned_in()
        assert not watch.knows
        auth.is_away = False
        asyncio.run(watch.poll())
        auth.is_away, auth.now = True, 36.0
        watch.heard()
        assert watch.knows


class TestKeys:
    def test_they_are_asked_for_once_a_minute(self, auth: AuthService, watch: Watch):
        for auth.now in (5.0, 59.0, 60.0, 65.0):
            asyncio.run(watch.poll())
        assert auth.asked.count("/.well-known/jwks.json") == 2

    def test_one_that_is_not_published_any_more_is_not_believed(self, auth: AuthService, watch: Watch):
        auth.keys, auth.now = [jwk(OTHER, "two")], 60.0
        asyncio.run(watch.poll())
        assert not believes(watch)

    def test_tokens_that_invent_keys_cannot_have_us_ask_without_end(self, auth: AuthService, watch: Watch):
        asked = [asyncio.run(watch.renew_keys()) for auth.now in (1.0, 2.0, 3.0, 6.0, 7.0)]
        assert asked == [True, False, False, True, False]
