"""Who may do what: every operation, every kind of caller, written independently of the views."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import resolve

from learninghub.http.checks import operations
from tests.permissions import rows
from tests.permissions.row import CALLERS, Row
from tests.permissions.world import World
from tests.support.http import Client
from tests.support.people import access_token, make_person

DENIALS = {401, 403, 404}


def all_rows() -> Iterator[Row]:
    for module in iter_modules(rows.__path__):
        yield from import_module(f"tests.permissions.rows.{module.name}").ROWS


ROWS = list(all_rows())


def rows_written() -> int:
    """How many rows this transaction has inserted, updated and deleted so far, as PostgreSQL counts them."""
    with connection.cursor() as cursor:
        cursor.execute("select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


def answer_to(caller: str, tried: Row, world: World, application: Callable[..., Any]) -> int:
    """The status the caller is answered; whatever the request did is undone, and a denial must have done nothing."""
    person = world.people.get(caller)
    client = Client(application, token=access_token(person) if person else None)
    with transaction.atomic():
        before = rows_written()
        body = world.fill(tried.body)
        answer = client.request(tried.method, world.fill(tried.path), json=body, headers=tried.headers)
        written = rows_written() - before
        transaction.set_rollback(True)
    if answer.status in DENIALS and not tried.counts_tries:
        assert written == 0, f"{caller} was denied, yet {written} rows were written"
    return answer.status


@pytest.mark.parametrize("tried", ROWS, ids=str)
def test_each_caller_is_answered_as_the_matrix_says(world: World, tried: Row, application: Callable[..., Any]):
    assert {caller: answer_to(caller, tried, world, application) for caller in CALLERS} == tried.statuses


def test_every_operation_has_a_row_and_every_row_an_operation(world: World):
    in_matrix = set()
    for tried in ROWS:
        path = world.fill(tried.path)
        found = resolve(path if path.startswith("/") else f"/api/v1/{path.partition('?')[0]}")
        in_matrix.add((tried.method, f"/{found.route}"))
    assert in_matrix == {(method, route) for method, route, _ in operations()}


def test_a_denied_write_would_be_seen(world: World):
    before = rows_written()
    make_person()
    assert rows_written() == before + 1
