"""Migrations beside a running site: indexes built while rows are written, what a broken-off try left replaced."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from learninghub.db.migrating import AddIndexBeside


@pytest.mark.django_db(transaction=True)
def test_an_index_takes_the_place_of_what_a_broken_off_try_left():
    [migration] = [m for m in MigrationLoader(connection).disk_migrations.values() if m.name == "0003_idle_assets"]
    adding = next(operation for operation in migration.operations if isinstance(operation, AddIndexBeside))
    before = MigrationLoader(connection).project_state(("media", "0002_uses"))
    after = before.clone()
    adding.state_forwards("media", after)
    left = oid_of(adding.index.name)

    with connection.schema_editor(atomic=False) as editor:
        adding.database_forwards("media", editor, before, after)

    assert left != oid_of(adding.index.name)


def oid_of(index: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select indexrelid from pg_index where indexrelid = %s::regclass and indisvalid", [index])
        return cursor.fetchone()[0]
