"""The audit log: an unbroken chain, and who breaks it is found."""

import threading
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from learninghub import audit
from learninghub.audit import recording
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from learninghub.db import uuid7

pytestmark = pytest.mark.django_db


def write(count: int = 1) -> None:
    for number in range(count):
        audit.record(
            action="users.suspended", by=uuid7(), subject=uuid7(), now=now(), reason="spam", details={"n": number}
        )


def test_an_untouched_log_verifies(capsys: pytest.CaptureFixture[str]):
    write(5)
    assert audit.verify() is None
    call_command("verify_audit")
    assert capsys.readouterr().out == "The chain holds.\n"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda rows: AuditEntry.objects.filter(id=rows[2].id).update(reason="ham"),
        lambda rows: AuditEntry.objects.filter(id=rows[2].id).update(details={"n": 9}),
        lambda rows: AuditEntry.objects.filter(id=rows[2].id).update(actor_id=uuid7()),
        lambda rows: AuditEntry.objects.filter(id=rows[1].id).delete(),
        lambda rows: AuditEntry.objects.filter(id=rows[1].id).update(id=rows[4].id + 1),
    ],
    ids=["reason", "details", "actor", "removed", "moved"],
)
def test_an_edited_removed_or_moved_row_is_found(tamper: Callable[[list[AuditEntry]], object]):
    write(5)
    rows = list(AuditEntry.objects.order_by("id"))
    tamper(rows)
    assert audit.verify() == audit.Breach(rows[2].id)
    with pytest.raises(CommandError, match=f"entry {rows[2].id}"):
        call_command("verify_audit")


@pytest.mark.django_db(transaction=True)
def test_the_chain_has_one_end_under_a_race(race: Callable[..., list]):
    race(lambda _: write(), 8)
    assert (AuditEntry.objects.count(), audit.verify()) == (8, None)


@pytest.mark.django_db(transaction=True)
def test_without_its_lock_the_race_forks_the_chain(race: Callable[..., list], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("learninghub.audit.recording.take_the_end", lambda: None)
    barrier = threading.Barrier(4)
    seal = recording._seal
    monkeypatch.setattr("learninghub.audit.recording._seal", lambda *row: (barrier.wait(5), seal(*row))[1])
    race(lambda _: write(), 4)
    monkeypatch.setattr("learninghub.audit.recording._seal", seal)
    assert audit.verify() is not None
