"""Sweeping the store: files that no row names, and arrivals that nobody took in."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.apps import apps
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Model

from learninghub.storage import store
from learninghub.storage.arrivals import FOLDER

KEPT_UNNAMED = timedelta(hours=24)
BATCH = 500
_COLUMN = "sha256"  # what every table calls the key of a file it names


def sweep(*, now: datetime) -> int:
    """Deletes files older than a day that no row names, and arrivals of that age; returns how many.

    Whoever means to name a file puts it first, which makes it young again (`ContentStore.put`), under the same lock of
    the key as we look at it once more and delete it: nothing that is about to be named goes.
    """
    backend = storages["default"]
    before = now - KEPT_UNNAMED
    gone = 0
    old = backend.older_than(before)  # type: ignore[attr-defined]
    while names := list(islice(old, BATCH)):
        arrived = [name for name in names if name.startswith(f"{FOLDER}/")]
        keys = {name.rpartition("/")[2]: name for name in names if name not in arrived}
        for name in arrived:
            backend.delete(name)
        gone += len(arrived) + sum(_delete(key, before=before) for key in keys.keys() - named_among(keys))
    return gone


def named_among(keys: Collection[str]) -> set[str]:
    """Those of the keys that a row of any app names."""
    found: set[str] = set()
    for model in _naming():
        rows = model._default_manager.filter(**{f"{_COLUMN}__in": keys})  # noqa: SLF001  its name is no secret
        found |= set(rows.values_list(_COLUMN, flat=True))
    return found


def _naming() -> Iterator[type[Model]]:
    return (model for model in apps.get_models() if _COLUMN in {field.name for field in model._meta.fields})  # noqa: SLF001


def _delete(key: str, *, before: datetime) -> bool:
    with transaction.atomic():
        store.lock(key)
        age = store.modified(key)
        if age is None or age >= before or named_among([key]):
            return False
        store.delete(key)
        return True
