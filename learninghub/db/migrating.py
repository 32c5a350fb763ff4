"""Operations of migrations that a running site does not notice (R25)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, transaction

BATCH = 1000


class AddIndexBeside(AddIndexConcurrently):
    """Adds an index while rows are written, in a migration with `atomic = False`.

    It replaces what a try that broke off has left. Within a transaction, in which the tables of a new database come, it
    is an index as any other.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.in_atomic_block:
            super(AddIndexConcurrently, self).database_forwards(app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f"drop index concurrently if exists {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)


def fill(*, table: str, statement: str) -> migrations.RunPython:
    """Runs the statement for all rows of the table, a thousand a transaction, in a migration with `atomic = False`.

    It takes `%(ids)s`, the keys of some rows, and must be harmless twice: a try that breaks off begins anew. Going back
    undoes nothing.
    """
    return migrations.RunPython(_batches_of(table, statement), migrations.RunPython.noop)


def _batches_of(table: str, statement: str) -> Callable[[Any, Any], None]:
    def forwards(apps: Any, schema_editor: Any) -> None:
        after = UUID(int=0)
        while ids := _keys_after(schema_editor, table, after):
            with transaction.atomic(using=schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
                cursor.execute(statement, {"ids": ids})
            after = ids[-1]

    return forwards


def _keys_after(schema_editor: Any, table: str, after: UUID) -> list[UUID]:
    name = schema_editor.quote_name(table)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"select id from {name} where id > %s order by id limit %s", [after, BATCH])  # noqa: S608
        return [key for (key,) in cursor.fetchall()]
