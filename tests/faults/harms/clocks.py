"""Machines whose clocks are ten minutes wrong."""

import base64
import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.members import Member
from tests.faults.trial import Trial, fault

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
# Those who sign tokens, know callers, set deadlines, take leases, send what is due. Not the gateway: it has no database
# to ask, and refuses everybody's token.
WRONG = (
    "auth-service", "assessment-service", "enrollment-service", "work-notifications", "work-certificates", "relay-1",
    "schedule",
)  # fmt: skip
OFF_BY = {"fast": "+10m", "slow": "-10m"}
NOTICED = {"fast": re.compile(r'"database_ahead_s": -\d'), "slow": re.compile(r'"database_ahead_s": \d')}
LEEWAY_S = 30
ACCESS_LIVES_S = 300
LEARNER = {"email": "lin@learninghub.example", "password": "open-the-books"}
# Rows of the trial, dated by a process and by the database, which do not agree.
MISDATED = """
select name, count(*) from (
    select 'certificate' as name, issued_at as at, created_at from certificates_certificate
    union all select 'enrolment', enrolled_at, created_at from enrollments_enrollment
    union all select 'session', started_at, created_at from identity_session
    union all select 'mail', queued_at, created_at from notifications_mail
    union all select 'attempt', started_at, created_at from assessments_attempt
) dated where created_at > %s and abs(extract(epoch from at - created_at)) > 30 group by name
"""


@fault(
    "F20",
    "clocks of seven processes 10 min fast, then 10 min slow",
    lack="" if FAKETIME else "F20 needs Debian's faketime: apt-get install libfaketime",
)
def clocks_wrong(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    members = [fleet.member(name) for name in WRONG]
    ((began,),) = fleet.ask("select clock_timestamp()")
    for word, off_by in OFF_BY.items():
        wrong = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": off_by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        _start_again(trial, members, wrong)
        for member in members:
            notices = lambda m=member, w=word: NOTICED[w].search(m.said())  # noqa: E731
            trial.wait_for(notices, f"{member.name} does not notice that its clock is {word}")
        _look_at_a_token(trial, word)
        trial.pass_time(trial.times(15, 8))
    _start_again(trial, members, {})
    yield
    misdated = dict(fleet.ask(MISDATED, began))
    trial.expect(not misdated, f"rows that are dated wrongly: {misdated}")


def _start_again(trial: Trial, members: Sequence[Member], environment: dict[str, str]) -> None:
    for member in members:
        member.environment = environment
    trial.fleet.members.kill(*members)
    trial.wait_for(lambda: all(member.lives for member in members), "not all are started again")
    trial.fleet.wait_until_up()


def _look_at_a_token(trial: Trial, word: str) -> None:
    """The gateway, whose clock is right, takes the token of auth-service, whose clock is not."""
    session = trial.answer("POST", "auth/token/", LEARNER).json
    me = trial.answer("GET", "users/me/", token=session["access"])
    trial.expect(me.status == 200, f"the token of a {word} clock was answered {me.status}")
    trial.known.append(me.json.get("id", ""))
    body = session["access"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    left_s = claims["exp"] - time.time()
    trial.expect(
        abs(left_s - ACCESS_LIVES_S) <= LEEWAY_S, f"the token of a {word} clock has {left_s:.0f} s left to live"
    )
