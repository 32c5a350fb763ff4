"""The database cuts connections, restarts, or its copy lags."""

import time
from collections.abc import Iterator
from urllib.parse import quote

import psycopg

from tests.faults.asking import Answer
from tests.faults.learner import COURSE
from tests.faults.trial import Trial, fault

CUT_ONE = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = 'hub' and application_name <> 'witness' and pid <> pg_backend_pid() order by random() limit 1
"""
HEALS_WITHIN_S = 5
COUNTED_WITHIN_S = 30
SCANS = "select sum(seq_scan + coalesce(idx_scan, 0)) from pg_stat_user_tables where relname = 'courses_course'"
LAGS_FOR_S = 60
MAY_LAG_S = 8  # and a little: then it is asked no longer


@fault("F10", "100 database connections cut, 5 a second")
def backends_cut(trial: Trial) -> Iterator[None]:
    cut = 0
    for _ in range(trial.times(100, 30)):
        cut += len(trial.fleet.ask(CUT_ONE))
        trial.pass_time(0.2)
    trial.note(cut=cut)
    yield


@fault("F11", "PostgreSQL restarted, fast and immediate")
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


@fault("F21", "replica paused for a minute, then killed; its readers see no more than 5 s of lag, writers none")
def copy_lags(trial: Trial) -> Iterator[None]:
    copy = trial.fleet.servers.replica
    teacher, reader = _Teacher(trial), _Person(trial, "lin@learninghub.example")
    teacher.changes("Written before the harm")
    copy.catch_up()
    used = _Use(trial, reader)
    trial.expect(used.grows(), "nobody reads the copy")
    copy.pause()
    for number in range(5):
        teacher.changes(f"Written while the copy lags {number}")
        if not number:
            seen = reader.sees(teacher)
            trial.expect(
                seen == "Written before the harm", f"others read {seen!r}: the copy does not lag, or is not read"
            )
        seen = teacher.sees(teacher)
        trial.expect(seen == teacher.summary, f"its writer read {seen!r} and not {teacher.summary!r}")
    lagging = time.monotonic()
    trial.pass_time(MAY_LAG_S)
    while (lag := time.monotonic() - lagging) < LAGS_FOR_S:
        seen = reader.sees(teacher)
        trial.expect(seen == teacher.summary, f"after {lag:.0f} s of lag others read {seen!r}, not {teacher.summary!r}")
        trial.pass_time(2)
    copy.kill()
    for number in range(5):
        teacher.changes(f"Written while the copy is gone {number}")
        seen = {person.sees(teacher) for person in (teacher, reader)}
        trial.expect(seen == {teacher.summary}, f"without the copy {seen} was read and not {teacher.summary!r}")
    copy.start()
    copy.catch_up()
    trial.expect(used.grows(), "nobody reads the copy that has come again")
    seen = reader.sees(teacher)
    trial.expect(seen == teacher.summary, f"in the end others read {seen!r}, not {teacher.summary!r}")
    yield
    failed = [one for one in trial.crowd.tries if not 0 < one.status < 500]
    trial.expect(not failed, f"{len(failed)} requests failed: {failed[:3]}")


class _Person:
    """Someone of the demo who searches the catalogue. Search is answered by the copy, unless they wrote just now."""

    def __init__(self, trial: Trial, email: str) -> None:
        self.trial = trial
        self._token: str | None = None
        session = self.ask("POST", "auth/token/", {"email": email, "password": "open-the-books"})
        self._token = session.json["access"]
        self.id = str(self.ask("GET", "users/me/").json["id"])
        trial.known.append(self.id)

    def ask(self, method: str, path: str, body: object = None, *, edition: str | None = None) -> Answer:
        return self.trial.answer(method, path, body, token=self._token, edition=edition, caller="192.0.2.7")

    def sees(self, teacher: "_Teacher") -> str:
        """What the catalogue shows this person of the teacher's course."""
        found = self.ask("GET", f"courses/?instructor={teacher.id}&q={quote(teacher.title)}").json["results"]
        (summary,) = [one["summary"] for one in found if one["id"] == teacher.course]
        return str(summary)


class _Teacher(_Person):
    """Changes a course of theirs."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial, "ines@learninghub.example")
        self.summary = ""
        courses = self.ask("GET", "courses/teaching/").json["results"]
        taught = next(one for one in courses if one["title"] != COURSE and one["state"] == "published")
        self.course, self.title = taught["id"], taught["title"]

    def changes(self, summary: str) -> None:
        path = f"courses/{self.course}/"
        edition = self.ask("GET", path).headers["ETag"]
        changed = self.ask("PATCH", path, {"summary": summary}, edition=edition)
        self.trial.expect(changed.status == 200, f"the change was answered {changed.status}: {changed.content[:200]!r}")
        self.summary = summary


class _Use:
    """Whether the copy is asked for courses, as it counts itself."""

    def __init__(self, trial: Trial, reader: _Person) -> None:
        self._trial, self._reader = trial, reader

    def grows(self) -> bool:
        """The reader goes on reading until the copy has counted it, which it does some seconds later; or gives up."""
        before, until = self._scans(), time.monotonic() + COUNTED_WITHIN_S
        while time.monotonic() < until:
            self._reader.ask("GET", "courses/?q=learning")
            self._trial.pass_time(0.2)
            if self._scans() > before:
                return True
        return False

    def _scans(self) -> int:
        with psycopg.connect(self._trial.fleet.servers.replica.database("hub")) as connection:
            row = connection.execute(SCANS).fetchone()
        return int(row[0]) if row else 0
