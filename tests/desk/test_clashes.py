"""A deed that clashes with another write is done once more; else the form says so, and nothing has stayed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from apps.users.models import User
from learninghub.admin import deeds
from learninghub.audit.models import AuditEntry
from tests.support.desk import carry_out, desk_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)
BUSY = {"__all__": ["This is out of order for the moment."]}
DEADLOCK = "40P01"


@pytest.fixture
def person() -> User:
    return User.objects.get(id=make_person().id)


def suspend(person: User) -> Any:
    return carry_out(desk_of(make_person(roles={"staff"})), person, "suspend", reason="Spam.")


def clash(monkeypatch: pytest.MonkeyPatch, *, times: int) -> list[None]:
    """PostgreSQL ends the first transactions as victims of a deadlock; gives what grows by one with each try."""
    tries: list[None] = []

    def claim(**whose: Any) -> bool:
        tries.append(None)
        if len(tries) <= times:
            with connection.cursor() as cursor:
                cursor.execute(f"do $$ begin raise exception using errcode = '{DEADLOCK}'; end $$")
        return real(**whose)

    real = deeds.claim
    monkeypatch.setattr(deeds, "claim", claim)
    return tries


@contextmanager
def locked(person: User) -> Iterator[None]:
    """Somebody else holds the person's row, and we do not wait long."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(id=person.id)
            is_held.set()
            is_over.wait(timeout=30)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert is_held.wait(timeout=30)
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '50ms'")
            yield
            cursor.execute("reset lock_timeout")
    finally:
        is_over.set()
        holder.join()


def test_the_victim_of_a_deadlock_is_carried_out_all_the_same_and_once(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = clash(monkeypatch, times=2)
    assert (suspend(person).status_code, len(tries)) == (302, 3)
    person.refresh_from_db()
    assert (person.is_active, AuditEntry.objects.filter(subject_id=person.id).count()) == (False, 1)


def test_one_that_clashes_every_time_is_told_on_the_form_which_can_be_sent_again(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = clash(monkeypatch, times=4)
    refused = suspend(person)
    assert (refused.status_code, refused.context["form"].errors, len(tries)) == (400, BUSY, 4)
    person.refresh_from_db()
    assert (person.is_active, AuditEntry.objects.exists()) == (True, False)
    assert suspend(person).status_code == 302


def test_one_that_waits_too_long_for_a_lock_is_told_on_the_form(person: User) -> None:
    with locked(person):
        refused = suspend(person)
    assert (refused.status_code, refused.context["form"].errors) == (400, BUSY)
    person.refresh_from_db()
    assert (person.is_active, AuditEntry.objects.exists()) == (True, False)
    assert suspend(person).status_code == 302
