"""Two workers at one mail, with a control that fails with the lock taken away."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from django.db.models import QuerySet

from apps.notifications import actions
from apps.notifications.models import Mail
from apps.notifications.queries import letters
from apps.notifications.types import Kind, MailState
from learninghub.clock import now
from learninghub.jobs import Later
from sandbox.smtp import SmtpSink
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def send_twice_at_once(race: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whoever has read the mail as waiting gives the other the time to do the same."""
    person, meeting, composing = make_person(), threading.Barrier(2), letters.compose
    mail = Mail.objects.create(user_id=person.id, kind=Kind.WELCOME, source_id=person.id, queued_at=now(), facts={})

    def compose_together(*args: Any, **named: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.5)
        return composing(*args, **named)

    monkeypatch.setattr(letters, "compose", compose_together)
    return race(lambda _: actions.send(mail_id=mail.id, now=now()), 2)


def test_two_workers_send_one_letter(race: Any, monkeypatch: pytest.MonkeyPatch, sink: SmtpSink):
    results = send_twice_at_once(race, monkeypatch)
    assert [result for result in results if result is not None and not isinstance(result, Later)] == []
    assert len(sink.received) == 1
    assert (Mail.objects.get().state, Mail.objects.get().attempts) == (MailState.SENT, 1)


def test_without_the_lock_they_would_send_two(race: Any, monkeypatch: pytest.MonkeyPatch, sink: SmtpSink):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows: rows.all())
    assert send_twice_at_once(race, monkeypatch) == [None, None]
    assert len(sink.received) == 2
