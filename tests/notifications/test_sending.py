"""What becomes of a mail, over a real connection to a server that fails on request."""

import smtplib
import socket
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.notifications import clients
from apps.notifications.actions import sending
from apps.notifications.clients import SmtpBackend
from apps.notifications.models import Mail
from apps.notifications.rules import GIVE_UP_AFTER, LEASE
from apps.notifications.types import Kind, MailState
from apps.users.events import EmailVerified, PasswordChanged
from learninghub.breaker import FEWEST_CALLS, State
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from sandbox.smtp import Manner, SmtpSink
from tests.support.notifications import fate, state_fact, work
from tests.support.people import email_of, make_person

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=30)
AN_HOUR = timedelta(hours=1, minutes=1)


def welcome(person: Any) -> UUID:
    """News that may be lost rather than told twice."""
    return state_fact(EmailVerified(user_id=person.id))[0]


def warn(person: Any) -> UUID:
    """News that had better be told twice than not at all."""
    return state_fact(PasswordChanged(user_id=person.id, epoch=2, kept_session_id=None))[0]


def test_a_fact_becomes_one_mail_to_the_person(sink: SmtpSink):
    person = make_person(display_name="Ada Lovelace")
    welcome(person)
    work()
    assert [mail.recipients for mail in sink.received] == [(email_of(person),)]
    assert fate(Kind.WELCOME, person.id) == (MailState.SENT, 1, 0)


def test_a_fact_delivered_twice_becomes_one_mail(sink: SmtpSink):
    person = make_person()
    message_id = welcome(person)
    work()
    OutboxMessage.objects.filter(message_id=message_id).update(published_at=None)
    work()
    assert len(sink.received) == 1
    assert Mail.objects.count() == 1


def test_two_facts_of_one_kind_are_two_mails(sink: SmtpSink):
    person = make_person()
    warn(person)
    warn(person)
    work()
    assert len(sink.received) == 2
    assert len({mail.message["Message-ID"] for mail in sink.received}) == 2


def test_a_job_that_runs_again_sends_nothing_again(sink: SmtpSink):
    person = make_person()
    welcome(person)
    work()
    sending.send(mail_id=Mail.objects.get().id, now=now())
    assert len(sink.received) == 1
    assert fate(Kind.WELCOME, person.id) == (MailState.SENT, 1, 0)


@pytest.mark.parametrize("manner", [Manner.REJECT, Manner.REJECT_CONTENT])
def test_what_the_server_will_never_take_has_failed(sink: SmtpSink, manner: Manner):
    person = make_person()
    sink.manner = manner
    welcome(person)
    work()
    work(after=AN_HOUR)
    assert sink.begun == 1
    assert fate(Kind.WELCOME, person.id) == (MailState.FAILED, 1, 0)
    assert Mail.objects.get().last_error.split()[0] in {"550", "554"}
    assert QueuedMessage.objects.count() == 0


@pytest.mark.parametrize("manner", [Manner.DEFER, Manner.DEFER_CONTENT, Manner.CUT_BEFORE_DATA])
def test_what_the_server_cannot_take_now_is_tried_again(sink: SmtpSink, manner: Manner):
    person = make_person()
    sink.manner = manner
    welcome(person)
    work()
    assert fate(Kind.WELCOME, person.id) == (MailState.QUEUED, 1, 0)
    sink.manner = Manner.ACCEPT
    work(after=SOON)
    assert len(sink.received) == 1
    assert fate(Kind.WELCOME, person.id) == (MailState.SENT, 2, 0)


def test_a_server_that_is_away_is_tried_again(sink: SmtpSink, settings: Any):
    person = make_person()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.EMAIL_PORT = taken.getsockname()[1]
    welcome(person)
    work()
    assert fate(Kind.WELCOME, person.id) == (MailState.QUEUED, 1, 0)
    settings.EMAIL_PORT = sink.port
    work(after=SOON)
    assert fate(Kind.WELCOME, person.id) == (MailState.SENT, 2, 0)
    assert len(sink.received) == 1


def test_after_three_days_of_trying_it_has_failed(sink: SmtpSink):
    person = make_person()
    sink.manner = Manner.DEFER
    welcome(person)
    work()
    work(after=GIVE_UP_AFTER + SOON)
    work(after=GIVE_UP_AFTER + AN_HOUR)
    assert fate(Kind.WELCOME, person.id) == (MailState.FAILED, 2, 0)
    assert QueuedMessage.objects.count() == 0


def test_news_cut_off_after_its_content_is_unknown_and_counted(sink: SmtpSink):
    person = make_person()
    sink.manner = Manner.CUT_AFTER_DATA
    welcome(person)
    work()
    sink.manner = Manner.ACCEPT
    work(after=AN_HOUR)
    assert len(sink.received) == 1
    assert fate(Kind.WELCOME, person.id) == (MailState.UNKNOWN, 1, 1)


def test_a_warning_cut_off_after_its_content_is_sent_once_more_under_the_same_id(sink: SmtpSink):
    person = make_person()
    sink.manner = Manner.CUT_AFTER_DATA
    warn(person)
    work()
    assert fate(Kind.PASSWORD_CHANGED, person.id) == (MailState.QUEUED, 1, 1)
    sink.manner = Manner.ACCEPT
    work(after=SOON)
    assert len(sink.received) == 2
    assert len({mail.message["Message-ID"] for mail in sink.received}) == 1
    assert fate(Kind.PASSWORD_CHANGED, person.id) == (MailState.SENT, 2, 1)


def test_a_warning_in_doubt_twice_is_left_there(sink: SmtpSink):
    person = make_person()
    sink.manner = Manner.CUT_AFTER_DATA
    warn(person)
    work()
    work(after=SOON)
    work(after=AN_HOUR)
    assert len(sink.received) == 2
    assert fate(Kind.PASSWORD_CHANGED, person.id) == (MailState.UNKNOWN, 2, 2)


def test_a_warning_that_had_to_wait_may_still_be_sent_again_when_in_doubt(sink: SmtpSink):
    person = make_person()
    sink.manner = Manner.DEFER
    warn(person)
    work()
    sink.manner = Manner.CUT_AFTER_DATA
    work(after=SOON)
    sink.manner = Manner.ACCEPT
    work(after=AN_HOUR)
    assert len(sink.received) == 2
    assert fate(Kind.PASSWORD_CHANGED, person.id) == (MailState.SENT, 3, 1)


def test_a_server_that_does_not_answer_in_time_leaves_news_in_doubt(sink: SmtpSink, settings: Any):
    person = make_person()
    settings.EMAIL_TIMEOUT = 0.2
    sink.manner = Manner.SLOW
    welcome(person)
    work()
    assert fate(Kind.WELCOME, person.id) == (MailState.UNKNOWN, 1, 1)


class TestASlowServer:
    def test_has_ten_seconds_for_a_mail_two_to_connect_and_five_for_a_reply(self, settings: Any):
        assert SmtpBackend().timeout == settings.EMAIL_TIMEOUT == 10
        assert (clients.CONNECT_S, clients.REPLY_S) == (2, 5)

    def test_that_never_ends_its_line_is_left_in_time(self, sink: SmtpSink, settings: Any):
        """Each byte comes soon after the last: what is bounded piece by piece would hold on for minutes."""
        person = make_person()
        settings.EMAIL_TIMEOUT = 0.5
        sink.manner = Manner.DRIP
        welcome(person)
        began = time.monotonic()
        work()
        assert 0.4 < time.monotonic() - began < 5
        assert fate(Kind.WELCOME, person.id) == (MailState.QUEUED, 1, 0)

    def test_that_takes_connections_and_says_nothing_is_left_in_time(self, sink: SmtpSink, settings: Any):
        settings.EMAIL_TIMEOUT = 0.3
        with socket.create_server(("127.0.0.1", 0)) as mute:
            settings.EMAIL_PORT = mute.getsockname()[1]
            person = make_person()
            welcome(person)
            work()
        assert fate(Kind.WELCOME, person.id) == (MailState.QUEUED, 1, 0)

    @pytest.mark.parametrize("option", ["EMAIL_USE_SSL", "EMAIL_USE_TLS"])
    def test_over_tls_is_left_in_time_as_well(self, sink: SmtpSink, settings: Any, option: str):
        """Over TLS the server says nothing at all; STARTTLS it does not know."""
        settings.EMAIL_TIMEOUT = 0.3
        setattr(settings, option, True)
        person = make_person()
        with socket.create_server(("127.0.0.1", 0)) as mute:
            settings.EMAIL_PORT = mute.getsockname()[1] if option == "EMAIL_USE_SSL" else sink.port
            welcome(person)
            work()
        assert fate(Kind.WELCOME, person.id) == (MailState.QUEUED, 1, 0)

    def test_that_has_taken_the_letter_may_be_slow_to_part(self, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch):
        """The time is over when the goodbye is due: that is no reason to send again."""
        person = make_person()
        monkeypatch.setattr(clients._DoubtfulConnection, "quit", _part_too_late)
        welcome(person)
        work()
        assert fate(Kind.WELCOME, person.id) == (MailState.SENT, 1, 0)


def _part_too_late(connection: clients._DoubtfulConnection) -> tuple[int, bytes]:
    connection.ends_at = 0.0
    return smtplib.SMTP.quit(connection)


class TestTheBreaker:
    def test_stops_asking_a_server_that_is_away_and_keeps_every_mail(self, sink: SmtpSink, settings: Any):
        people = [make_person() for _ in range(FEWEST_CALLS + 2)]
        with socket.create_server(("127.0.0.1", 0)) as taken:
            settings.EMAIL_PORT = taken.getsockname()[1]
        for person in people:
            welcome(person)
        work()
        assert clients.server.state is State.OPEN
        assert Mail.objects.filter(state=MailState.QUEUED).count() == len(people)
        assert Mail.objects.filter(last_error__startswith="smtp is not asked for").count() == 2

    def test_takes_a_refusal_for_an_answer(self, sink: SmtpSink):
        sink.manner = Manner.REJECT
        for person in [make_person() for _ in range(FEWEST_CALLS + 2)]:
            welcome(person)
        work()
        assert clients.server.state is State.CLOSED
        assert Mail.objects.filter(state=MailState.FAILED).count() == FEWEST_CALLS + 2


class TestAWorkerThatDiesWhileSending:
    def begin(self, mail: Mail) -> None:
        """What a worker has written down when it is killed."""
        assert sending.claim(mail_id=mail.id, now=now()) is not None

    def test_holds_the_mail_for_two_minutes(self, sink: SmtpSink):
        person = make_person()
        warn(person)
        sink.manner = Manner.DEFER
        work()
        self.begin(Mail.objects.get())
        sink.manner = Manner.ACCEPT
        work(after=LEASE / 2)
        assert sink.received == []
        assert fate(Kind.PASSWORD_CHANGED, person.id) == (MailState.SENDING, 2, 0)

    def test_then_a_warning_is_sent_again(self, sink: SmtpSink):
        person = make_person()
        warn(person)
        sink.manner = Manner.DEFER
        work()
        self.begin(Mail.objects.get())
        sink.manner = Manner.ACCEPT
        work(after=LEASE + SOON)
        assert len(sink.received) == 1
        assert fate(Kind.PASSWORD_CHANGED, person.id) == (MailState.SENT, 3, 1)

    def test_but_other_news_is_unknown(self, sink: SmtpSink):
        person = make_person()
        welcome(person)
        sink.manner = Manner.DEFER
        work()
        self.begin(Mail.objects.get())
        sink.manner = Manner.ACCEPT
        work(after=LEASE + SOON)
        assert sink.received == []
        assert fate(Kind.WELCOME, person.id) == (MailState.UNKNOWN, 2, 1)


def test_a_worker_that_was_only_slow_changes_nothing_any_more(sink: SmtpSink):
    person = make_person()
    sink.manner = Manner.DEFER
    warn(person)
    work()
    claimed = sending.claim(mail_id=Mail.objects.get().id, now=now())
    assert claimed is not None
    sink.manner = Manner.ACCEPT
    work(after=LEASE + SOON)
    sending.record(claimed[0], MailState.FAILED, now=now(), error="too late")
    assert fate(Kind.PASSWORD_CHANGED, person.id) == (MailState.SENT, 3, 1)


def test_the_letter_is_not_to_blame_for_a_wrong_log_in_of_ours(sink: SmtpSink, settings: Any):
    person = make_person()
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
    welcome(person)
    work()
    assert fate(Kind.WELCOME, person.id) == (MailState.QUEUED, 1, 0)
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    work(after=SOON)
    assert fate(Kind.WELCOME, person.id) == (MailState.SENT, 2, 0)


def test_a_mail_that_cannot_be_written_has_failed_and_says_why(sink: SmtpSink):
    person = make_person()
    Mail.objects.create(
        user_id=person.id, kind=Kind.RESET, source_id=person.id, queued_at=now(), facts={"request_id": str(person.id)}
    )
    sending.send(mail_id=Mail.objects.get().id, now=now())
    assert sink.begun == 0
    assert fate(Kind.RESET, person.id) == (MailState.FAILED, 0, 0)
    assert Mail.objects.get().last_error != ""
