"""The world outside fails: the mail server."""

from collections.abc import Iterator

from sandbox.smtp import Manner
from tests.faults.trial import Trial, fault

# What the mail server does, one after the other, and for how many seconds. It is slow for less than a try lasts: a mail
# whose fate is unknown is sent once more, and a second such try, right after the first, would be its last.
HARMS = {Manner.SLOW: 9, Manner.DEFER: 15, Manner.CUT_BEFORE_DATA: 120}


@fault("F17", "mail server cut after the letter, 30 s slow, deferring, two minutes away")
def mail_server(trial: Trial) -> Iterator[None]:
    sink = trial.fleet.servers.mail
    sink.patience = 30.0  # longer than we wait
    sink.manner = Manner.CUT_AFTER_DATA
    begun = sink.begun
    trial.wait_for(lambda: sink.begun >= begun + 3, "nobody sends a mail")
    for sink.manner, seconds in HARMS.items():
        trial.pass_time(trial.times(seconds, 5))
        trial.fleet.note_harm()
    sink.manner = Manner.ACCEPT
    yield
    failed = [one for one in trial.crowd.tries if not 0 < one.status < 500]
    trial.expect(not failed, f"{len(failed)} requests failed: {failed[:3]}")
    trial.expect(trial.row.mails_unknown + trial.row.mails_twice > 0, "no mail was in doubt")
