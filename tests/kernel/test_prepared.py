"""Statements prepared on the server behave as Django's own."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from learninghub.db import prepared_cursor

pytestmark = pytest.mark.django_db


def double(number: int) -> int:
    with prepared_cursor() as cursor:
        cursor.execute("select %(number)s::integer * 2", {"number": number})
        (doubled,) = cursor.fetchone()
    return doubled


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select statement from pg_prepared_statements where statement like '%%::integer * 2'")
        return [statement for (statement,) in cursor.fetchall()]


class TestAPreparedStatement:
    def test_is_planned_once_for_all_values(self):
        assert [double(number) for number in (1, 2, 3)] == [2, 4, 6]
        assert prepared() == ["select $1::integer * 2"]

    def test_is_counted(self, queries_of: Callable):
        assert queries_of(lambda: double(4)) == 1

    def test_is_part_of_the_transaction(self):
        with connection.cursor() as cursor:
            cursor.execute("create temporary table prepared_kept (number integer unique) on commit drop")
        with transaction.atomic():
            with prepared_cursor() as cursor:
                cursor.execute("insert into prepared_kept values (%s::integer)", [1])
            transaction.set_rollback(True)
        with prepared_cursor() as cursor:
            cursor.execute("select count(*) from prepared_kept")
            assert cursor.fetchone() == (0,)

    def test_fails_with_django_s_errors(self):
        with connection.cursor() as cursor:
            cursor.execute("create temporary table prepared_once (number integer unique) on commit drop")
            cursor.execute("insert into prepared_once values (1)")
        with pytest.raises(IntegrityError), transaction.atomic(), prepared_cursor() as cursor:
            cursor.execute("insert into prepared_once values (%s::integer)", [1])
