"""The breaker against a naive model of its rule, and what a caller sees of it."""

import asyncio
import logging

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from learninghub import breaker as breakers
from learninghub.breaker import Breaker, Open, Permit, State
from tests.support.search import few


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Model(RuleBasedStateMachine):
    """All ends of all calls, and the rule read off them afresh each time."""

    permits = Bundle("permits")

    @initialize()
    def start(self) -> None:
        self.clock = Clock()
        self.breaker = Breaker("model", clock=self.clock)
        self.told: list[State] = [State.CLOSED]
        self.ends: list[tuple[int, bool]] = []  # since the breaker last closed: second, failed
        self.state = State.CLOSED
        self.until = 0.0
        self.probe: Permit | None = None

    @rule(seconds=st.sampled_from([0.0, 0.4, 1.0, 7.0, 29.0, 30.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(target=permits)
    def ask(self):
        permit = self.breaker.allow()
        if self.state is State.CLOSED:
            assert permit is not None
            assert not permit.is_probe
        elif self.clock.now < self.until:
            assert permit is None
        else:
            assert permit is not None
            assert permit.is_probe
            self.probe, self.state, self.until = permit, State.HALF_OPEN, self.clock.now + 30
        return multiple() if permit is None else permit

    @rule(permit=consumes(permits), failed=st.booleans())
    def end(self, permit: Permit, failed: bool) -> None:
        (permit.failed if failed else permit.succeeded)()
        if permit is self.probe:
            self.probe, self.ends = None, []
            self.state, self.until = (State.OPEN if failed else State.CLOSED), self.clock.now + 30
        elif not permit.is_probe and self.state is State.CLOSED:
            self.ends.append((int(self.clock.now), failed))
            self._judge(failed)

    @rule(calls=st.integers(1, 25), failed=st.booleans())
    def burst(self, calls: int, failed: bool) -> None:
        for _ in range(calls):
            permit = self.ask()
            if isinstance(permit, Permit):
                self.end(permit, failed)

    @rule(permit=consumes(permits))
    def give_up(self, permit: Permit) -> None:
        permit.dropped()
        if permit is self.probe:
            self.probe, self.state, self.until = None, State.OPEN, self.clock.now

    def _judge(self, failed: bool) -> None:
        seen = [failed for second, failed in self.ends if second > int(self.clock.now) - 30]
        in_a_row = [failed for _, failed in self.ends[-20:]] == [True] * 20
        if failed and (in_a_row or (len(seen) >= 20 and sum(seen) * 2 >= len(seen))):
            self.state, self.until, self.ends = State.OPEN, self.clock.now + 30, []

    @invariant()
    def agrees(self) -> None:
        assert self.breaker.state is self.state


TestModel = Model.TestCase
TestModel.settings = few(60, steps=40)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("shop", clock=clock)


def fail() -> None:
    raise TimeoutError


def exhaust(breaker: Breaker, calls: int = 20) -> None:
    for _ in range(calls):
        with pytest.raises(TimeoutError):
            breaker.call(fail)


def test_the_twentieth_failure_opens_it_and_the_next_caller_is_told_when_to_come_back(breaker: Breaker, clock: Clock):
    exhaust(breaker, 19)
    assert breaker.state is State.CLOSED
    exhaust(breaker, 1)
    clock.now += 10
    with pytest.raises(Open) as refused:
        breaker.call(lambda: pytest.fail("it was asked"))
    assert (refused.value.name, refused.value.retry_after) == ("shop", 20.0)


def test_what_freezes_after_many_quick_answers_is_not_waited_for_until_they_are_forgotten(breaker: Breaker):
    for _ in range(1000):
        breaker.call(lambda: None)
    exhaust(breaker, 19)
    assert breaker.state is State.CLOSED
    exhaust(breaker, 1)
    assert breaker.state is State.OPEN


def test_one_probe_goes_through_and_its_success_closes_it(breaker: Breaker, clock: Clock):
    exhaust(breaker)
    clock.now += 30
    probe = breaker.allow()
    assert probe is not None
    assert [breaker.allow() for _ in range(10)] == [None] * 10
    probe.succeeded()
    exhaust(breaker, 19)
    assert breaker.state is State.CLOSED
    assert breaker.call(lambda: "answer") == "answer"


def test_what_began_before_it_opened_cannot_end_its_probe(breaker: Breaker, clock: Clock):
    early = breaker.allow()
    exhaust(breaker)
    clock.now += 30
    breaker.allow()
    assert early is not None
    early.succeeded()
    assert breaker.state is State.HALF_OPEN


def test_only_the_named_errors_are_failures(breaker: Breaker):
    for _ in range(40):
        with pytest.raises(LookupError), breaker.guard(OSError):
            raise LookupError
    assert breaker.state is State.CLOSED
    for _ in range(40):
        with pytest.raises(TimeoutError), breaker.guard(OSError):
            raise TimeoutError
        if breaker.state is State.OPEN:
            break
    assert breaker.state is State.OPEN


def test_a_coroutine_that_is_cancelled_gives_its_probe_to_the_next(breaker: Breaker, clock: Clock):
    exhaust(breaker)
    clock.now += 30

    async def ask() -> None:
        with breaker.guard():
            await asyncio.get_running_loop().create_future()

    async def cancelled() -> None:
        task = asyncio.ensure_future(ask())
        await asyncio.sleep(0)
        assert breaker.state is State.HALF_OPEN
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(cancelled())
    assert breaker.allow() is not None


def test_a_listener_hears_the_present_state_and_every_change(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    breaker = Breaker("heard", clock=clock)

    def broken(*_: object) -> None:
        raise RuntimeError("no figure")

    monkeypatch.setattr(breakers, "_listeners", [])
    heard: list[tuple[str, State]] = []
    breakers.on_change(lambda name, state: heard.append((name, state)) if name == "heard" else None)
    monkeypatch.setattr(breakers, "_listeners", [broken, *breakers._listeners])
    with caplog.at_level(logging.CRITICAL, logger="learninghub.breaker"):
        exhaust(breaker)
        clock.now += 30
        breaker.call(lambda: None)
    assert [state for _, state in heard] == [State.CLOSED, State.OPEN, State.HALF_OPEN, State.CLOSED]
