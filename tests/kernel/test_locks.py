"""The one order of locks: what the check reads, what it finds and lets pass, and the page for people."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction

from apps.courses.models import Module
from apps.users.models import User
from apps.users.types import Person
from config.locks import ANYWHERE, ORDER
from learninghub.audit.recording import take_the_end
from scripts import locks_page
from tests.support.courses import make_course
from tests.support.locks import faults
from tests.support.locks_of_statements import Lock, locks_of
from tests.support.people import make_person

MADE = Lock("a", waits=False, in_the_way=False)
OUT_OF_ORDER = ["users_user is locked after audit"]


def lock(person: Person) -> None:
    User.objects.select_for_update().get(id=person.id)


def found() -> list[str]:
    return [fault.partition(" (")[0] for fault in faults()]


class TestTheReader:
    @pytest.mark.parametrize(
        ("statement", "locks"),
        [
            ('SELECT "a"."id" FROM "a" WHERE "a"."id" = %s FOR UPDATE', [Lock("a")]),
            ("select * from a where b = %s order by id for no key update", [Lock("a")]),
            ("select * from a where b = %s for share", [Lock("a", is_in_order=False)]),
            ("select * from a where b in (select x from c order by x) for update", [Lock("a", is_in_order=False)]),
            ('SELECT * FROM "a" INNER JOIN "b" ON (x) LIMIT 1 FOR UPDATE OF "b"', [Lock("b")]),
            ("select * from a first join b as second on true limit 1 for no key update of second", [Lock("b")]),
            ("select * from a order by id limit 1 for update skip locked", [Lock("a", waits=False)]),
            ("update a as one set x = %s from b where b.id = one.b", [Lock("a")]),
            ('DELETE FROM "a" WHERE "a"."id" IN (%s)', [Lock("a")]),
            ("insert into a (id) values (%s)", [Lock("a", waits=False)]),
            ("insert into a (id) values (%s) on conflict (id) do nothing", [MADE]),
            ("insert into a as kept (id) select id from b on conflict (id) do update set x = excluded.x", [Lock("a")]),
            ("with x as (update b set y = 1 returning id) delete from a using x", [Lock("b"), Lock("a")]),
            ("with x as (insert into b (y) values (1)) update a set y = 1", [Lock("b", waits=False), Lock("a")]),
            ("select pg_advisory_xact_lock(%s)", [Lock(None)]),
            ("select pg_try_advisory_xact_lock(%s)", []),
            ("select 'for update' from a -- update a", []),
        ],
    )
    def test_finds_what_a_statement_locks_in_the_order_of_its_text(self, statement: str, locks: list[Lock]) -> None:
        assert list(locks_of(statement)) == locks


@pytest.mark.django_db
class TestTheCheck:
    @pytest.fixture
    def person(self) -> Person:
        return make_person()

    def test_finds_a_lock_after_one_that_stands_later_and_says_where(self, person: Person) -> None:
        with transaction.atomic():
            take_the_end()
            lock(person)
        (fault,) = faults()
        assert fault.startswith(f"{OUT_OF_ORDER[0]} ({__file__}:")

    def test_lets_the_order_pass_and_what_is_held_already(self, person: Person) -> None:
        with transaction.atomic():
            lock(person)
            take_the_end()
            lock(person)
        assert found() == []

    def test_forgets_with_the_transaction(self, person: Person) -> None:
        with transaction.atomic():
            take_the_end()
        with transaction.atomic():
            lock(person)
        assert found() == []

    def test_remembers_what_a_block_within_the_transaction_locked(self, person: Person) -> None:
        with transaction.atomic():
            with transaction.atomic():
                take_the_end()
            lock(person)
        assert found() == OUT_OF_ORDER

    def test_forgets_what_a_savepoint_gives_back(self, person: Person) -> None:
        with transaction.atomic():
            with suppress(ZeroDivisionError), transaction.atomic():
                take_the_end()
                raise ZeroDivisionError
            lock(person)
        assert found() == []

    def test_holds_nothing_for_a_statement_that_found_nothing(self, person: Person) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update media_usage set used = 0 where owner_id = %s", [person.id])
            lock(person)
        assert found() == []

    def test_holds_what_was_inserted(self) -> None:
        with transaction.atomic():
            lock(make_person())
            take_the_end()
            lock(make_person())
        assert found() == []

    def test_finds_rows_locked_without_the_one_above(self) -> None:
        make_course()
        with transaction.atomic():
            Module.objects.update(title="Another")
        assert found() == ["courses_module is locked without courses_course"]

    def test_finds_many_rows_locked_in_no_order(self, person: Person) -> None:
        with transaction.atomic():
            list(User.objects.select_for_update().filter(locale="en"))
            list(User.objects.select_for_update().filter(locale="en").order_by("id"))
        assert found() == ["many rows of users_user are locked in no order"]

    def test_finds_a_table_that_has_no_place(self, person: Person) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            lock(person)
            cursor.execute("update auth_permission set name = name")
        assert found() == ["auth_permission has no place in config/locks.py"]


@pytest.mark.django_db(transaction=True)
def test_every_thread_is_watched(race: Any) -> None:
    person = make_person()

    def invert(_: int) -> None:
        with transaction.atomic():
            take_the_end()
            lock(person)

    assert race(invert, 3) == [None] * 3
    assert found() == OUT_OF_ORDER


@pytest.mark.django_db
def test_every_table_of_the_order_is_there_once() -> None:
    named = [table for step in ORDER for table in (*step.tables, *step.under)] + [*ANYWHERE]
    assert [table for table, times in Counter(named).items() if times > 1] == []
    assert set(named) - set(connection.introspection.table_names()) == {"certificates", "file", "audit"}


def test_the_page_is_current() -> None:
    assert locks_page.PLACE.read_text() == locks_page.page()
