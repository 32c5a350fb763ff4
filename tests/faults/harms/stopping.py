"""Everything is asked to end under load, and what does not end in time is killed."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from typing import Self

from learninghub.registry import BY_NAME
from tests.faults.fleet import RELAYS, TWICE, Fleet
from tests.faults.learner import COURSE
from tests.faults.servers import GATEWAY
from tests.faults.trial import Trial, fault

RELAY_ENDS_WITHIN_S = 10
WORK_IS_LEFT_AFTER_S = 30  # R29
GRACE_S = 3  # of those who stand still, and would not end in two minutes either
QUIET_S = 3  # before a pod ends nobody sends it anything any more
PAUSE_S = 0.05
LEARNER = {"email": "lin@learninghub.example", "password": "open-the-books"}


@fault(
    "F24", "one of two gateways and services, relays, workers asked to end under load; those that stand still killed"
)
def asked_to_end(trial: Trial) -> Iterator[None]:
    fleet, members = trial.fleet, trial.fleet.members
    busy = fleet.member("work-gamification")
    leaving = [fleet.member(name) for name in TWICE]
    before = fleet.counters().redelivered
    with _Visitors(trial) as visitors:
        members.freeze_children(busy)  # as with a task of many minutes in each
        trial.wait_for(lambda: fleet.depths()["gamification"], "the busy worker gets nothing to do")
        members.ask_to_end(busy, *leaving)
        began = time.monotonic()
        _relays_end(trial)
        _workers_end(trial)
        members.await_end(*leaving)
        _nobody_was_sent_anything_to_the_last(trial)
        members.await_end(busy)
        work_left_after = time.monotonic() - began
        _killed_after_their_grace(trial)
        for member in (*leaving, busy):
            members.start(member)
        for name in TWICE:
            trial.wait_for(lambda n=name: fleet.is_ready(n), f"{name} is not ready again")  # type: ignore[misc]
    yield
    trial.note(requests=visitors.answers.total(), work_left_after_s=round(work_left_after, 1))
    trial.expect(not visitors.failures, f"requests failed: {visitors.failures}")
    failed = [one for one in trial.crowd.tries if not 0 < one.status < 500]
    trial.expect(not failed, f"{len(failed)} requests of learners failed: {failed[:3]}")
    trial.expect(abs(work_left_after - WORK_IS_LEFT_AFTER_S) <= 10, f"work was left after {work_left_after:.0f} s")
    again = fleet.counters().redelivered - before
    trial.expect(again >= 2, f"of what two workers had in their hands at their end, {again} messages came again")


def _relays_end(trial: Trial) -> None:
    slowest = 0.0
    for name in (*RELAYS, *RELAYS):
        member = trial.fleet.member(name)
        slowest = max(slowest, trial.fleet.members.stop(member))
        trial.fleet.members.start(member)
    trial.note(relay_ended_after_s=round(slowest, 1))
    trial.expect(slowest <= RELAY_ENDS_WITHIN_S, f"a relay took {slowest:.0f} s to end")


def _workers_end(trial: Trial) -> None:
    for member in trial.fleet.workers("notifications", "courses", "certificates"):
        trial.note(**{f"{member.name}_ended_after_s": round(trial.fleet.members.stop(member), 1)})
        trial.fleet.members.start(member)


def _nobody_was_sent_anything_to_the_last(trial: Trial) -> None:
    """The pods have ended just now: the gateway, and whoever asks it, had gone elsewhere long before."""
    ended = time.monotonic()
    for name in TWICE:
        quiet = ended - trial.fleet.balancers[name].last_sent[trial.fleet.pods[name]]
        trial.note(**{f"{name}_quiet_s": round(quiet, 1)})
        trial.expect(quiet >= QUIET_S, f"{name} was sent something {quiet:.1f} s before it ended")


def _killed_after_their_grace(trial: Trial) -> None:
    """A worker with work in its hands, and a relay, stand still: they cannot even hear that they are to end."""
    fleet, members = trial.fleet, trial.fleet.members
    worker, relay = fleet.member("work-notifications"), fleet.member(RELAYS[0])
    members.freeze(worker)
    trial.wait_for(lambda: fleet.depths()["notifications"], "the frozen worker gets nothing to do")
    members.freeze(relay)
    for member in (worker, relay):
        trial.expect(members.evict(member, grace_s=GRACE_S), f"{member.name} ended although it stood still")
        members.start(member)


class _Visitors:
    """Four clients that keep their connections, read the catalogue and ask to be enrolled once more, as fast as may be.

    `answers` counts what they got, `failures` what nobody should get.
    """

    def __init__(self, trial: Trial) -> None:
        fleet = trial.fleet
        self.answers: Counter[tuple[str, int | str]] = Counter()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._place = (fleet.address, BY_NAME[GATEWAY].port)
        token = fleet.request("POST", "/api/v1/auth/token/", LEARNER).json["access"]
        trial.known.append(fleet.request("GET", "/api/v1/users/me/", token=token).json["id"])
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._taken = _enrol_once(fleet, token)
        self._threads = [threading.Thread(target=self._visit, daemon=True) for _ in range(4)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self) -> dict[tuple[str, int | str], int]:
        return {what: many for what, many in self.answers.items() if what not in {("GET", 200), ("POST", 409)}}

    def _visit(self) -> None:
        line = HTTPConnection(*self._place, timeout=30)
        asked = cycle((("GET", "courses/", None), ("POST", "enrollments/", json.dumps({"course_id": self._taken}))))
        while not self._over.wait(PAUSE_S):
            method, path, body = next(asked)
            what: int | str
            try:
                line.request(method, f"/api/v1/{path}", body, self._headers)
                with line.getresponse() as answer:
                    answer.read()
                    what = answer.status
            except (OSError, HTTPException) as error:
                what = type(error).__name__
                line.close()
            with self._lock:
                self.answers[method, what] += 1
        line.close()


def _enrol_once(fleet: Fleet, token: str) -> str:
    """The course that this person has taken, now or before."""
    (course,) = [
        one["id"]
        for one in fleet.request("GET", "/api/v1/courses/?q=learning").json["results"]
        if one["title"] == COURSE
    ]
    fleet.request("POST", "/api/v1/enrollments/", {"course_id": course}, token=token)
    return str(course)
