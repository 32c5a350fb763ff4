"""The world outside fails: the mail server."""

from collections.abc import Iterator

from sandbox.smtp import Manner
from tests.faults.trial import Trial, fault


@fault("F17", "mail server cut after the letter, slow, deferring, away")
def mail_server(trial: Trial) -> Iterator[None]:
    sink = trial.fleet.servers.mail
    sink.patience = 12.0  # longer than we wait
    sink.manner = Manner.CUT_AFTER_DATA
    begun = sink.begun
    trial.wait_for(lambda: sink.begun >= begun + 3, "nobody sends a mail")
    for manner in (Manner.SLOW, Manner.DEFER, Manner.CUT_BEFORE_DATA):
        sink.manner = manner
        trial.pass_time(trial.times(12, 5))
        trial.fleet.note_harm()
    sink.manner = Manner.ACCEPT
    yield
    failed = [one for one in trial.crowd.tries if not 0 < one.status < 500]
    trial.expect(not failed, f"{len(failed)} requests failed: {failed[:3]}")
    trial.expect(trial.row.mails_unknown + trial.row.mails_twice > 0, "no mail was in doubt")
