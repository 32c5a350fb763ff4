"""The database cuts connections, restarts, or its copy lags."""

import time
from collections.abc import Iterator

from tests.faults.asking import Answer
from tests.faults.learner import COURSE
from tests.faults.trial import Trial, fault

CUT_ONE = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = 'hub' and application_name <> 'witness' and pid <> pg_backend_pid() order by random() limit 1
"""
HEALS_WITHIN_S = 5
LAGS_FOR_S = 8  # longer than a copy may lag and still be asked


@fault("F10", "connections to the database cut at random, five a second")
def backends_cut(trial: Trial) -> Iterator[None]:
    cut = 0
    for _ in range(trial.times(100, 30)):
        cut += len(trial.fleet.ask(CUT_ONE))
        trial.pass_time(0.2)
    trial.note(cut=cut)
    yield


@fault("F11", "database restarted, in order and at once")
def restarted(trial: Trial) -> Iterator[None]:
    slowest = 0.0
    for mode in ("fast", "immediate"):
        trial.pass_time(2)
        trial.fleet.servers.database.restart(mode)
        began = time.monotonic()
        for service in trial.fleet.services():
            trial.wait_for(lambda s=service: trial.fleet.is_ready(s.name), f"{service.name} does not heal")  # type: ignore[misc]
        slowest = max(slowest, time.monotonic() - began)
    trial.note(healed_after_s=round(slowest, 2))
    trial.expect(slowest <= HEALS_WITHIN_S, f"healed only after {slowest:.1f} s")
    yield


@fault("F21", "the copy of the database lags, then is gone")
def copy_lags(trial: Trial) -> Iterator[None]:
    copy = trial.fleet.servers.replica
    teacher = _Teacher(trial)
    copy.pause()
    for number in range(5):
        teacher.writes_and_reads(f"Written while the copy lags {number}")
    trial.pass_time(LAGS_FOR_S)
    seen = teacher.summary_read_by_others()
    trial.expect(seen == teacher.summary, f"after {LAGS_FOR_S} s of lag others read {seen!r}, not {teacher.summary!r}")
    copy.kill()
    for number in range(5):
        teacher.writes_and_reads(f"Written while the copy is gone {number}")
    copy.start()
    copy.catch_up()
    yield
    failed = [one for one in trial.crowd.tries if not 0 < one.status < 500]
    trial.expect(not failed, f"{len(failed)} requests failed: {failed[:3]}")


class _Teacher:
    """Someone of the demo who changes a course of theirs and looks at it at once."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.summary = ""
        self._token: str | None = None
        session = self._ask("POST", "auth/token/", {"email": "ines@learninghub.example", "password": "open-the-books"})
        self._token = session.json["access"]
        trial.known.append(self._ask("GET", "users/me/").json["id"])
        courses = self._ask("GET", "courses/teaching/").json["results"]
        self._course = next(one["id"] for one in courses if one["title"] != COURSE)

    def writes_and_reads(self, words: str) -> None:
        self.summary = f"{words}, {self._trial.row.seed}."
        path = f"courses/{self._course}/"
        edition = self._ask("GET", path).headers["ETag"]
        changed = self._ask("PATCH", path, {"summary": self.summary}, edition=edition)
        self._trial.expect(
            changed.status == 200, f"the change was answered {changed.status}: {changed.content[:200]!r}"
        )
        seen = self._ask("GET", path).json["summary"]
        self._trial.expect(seen == self.summary, f"its writer read {seen!r} and not {self.summary!r}")

    def summary_read_by_others(self) -> str:
        answer = self._trial.fleet.request("GET", f"/api/v1/courses/{self._course}/")
        return str(answer.json["summary"])

    def _ask(self, method: str, path: str, body: object = None, *, edition: str | None = None) -> Answer:
        return self._trial.fleet.request(
            method, f"/api/v1/{path}", body, token=self._token, edition=edition, caller="192.0.2.7"
        )
