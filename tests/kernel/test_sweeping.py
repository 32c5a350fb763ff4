"""What no row names is swept away after a day, from files and from S3; what is about to be named stays."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages

from learninghub.clock import now
from learninghub.storage import arrivals, store, sweeping
from learninghub.storage.sweeping import KEPT_UNNAMED, sweep
from tests.support import stores
from tests.support.media import make_asset

LATER = KEPT_UNNAMED + timedelta(minutes=1)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with stores.files(tmp_path):
        yield tmp_path


def age(key: str, by: timedelta) -> None:
    """The file was written so long ago."""
    then = (now() - by).timestamp()
    os.utime(storages["default"].path(f"{key[:2]}/{key[2:4]}/{key}"), (then, then))


@pytest.mark.django_db
class TestWhatGoes:
    def test_is_what_no_row_names_and_is_older_than_a_day(self, folder: Path):
        named = make_asset(content=b"Named.", filename="a.txt").sha256
        unnamed, young = store.put(b"Unnamed."), store.put(b"Young.")
        age(named, LATER)
        age(unnamed, LATER)

        assert sweep(now=now()) == 1

        assert [store.exists(key) for key in (named, unnamed, young)] == [True, False, True]
        assert sweep(now=now()) == 0

    def test_is_what_arrived_and_was_not_taken_in(self, folder: Path):
        with (folder / "sent").open("w+b") as sent:
            sent.write(b"Sent.")
            sent.seek(0)
            arrivals.put("one", sent)
        (folder / "sent").unlink()
        assert sweep(now=now()) == 0
        assert sweep(now=now() + LATER) == 1
        assert arrivals.size("one") is None

    def test_is_not_what_is_put_again_meanwhile(self, folder: Path):
        key = store.put(b"Wanted once more.")
        age(key, LATER)
        assert store.put(b"Wanted once more.") == key
        assert sweep(now=now()) == 0
        assert store.exists(key)

    def test_every_table_that_names_files_is_known(self):
        assert {model._meta.label for model in sweeping._naming()} >= {
            "media.Asset", "media.Rendition", "certificates.Certificate", "payments.Document",
        }  # fmt: skip

    def test_is_the_same_in_s3(self):
        with stores.line() as (port, _), stores.objects(port):
            named = make_asset(content=b"Named in S3.", filename="a.txt").sha256
            unnamed = store.put(b"Unnamed in S3.")
            assert sweep(now=now()) == 0
            sweep(now=now() + LATER)
            assert [store.exists(key) for key in (named, unnamed)] == [True, False]


@pytest.mark.django_db(transaction=True)
class TestAFileThatIsNamedWhileItIsSwept:
    """Put between the look at the rows and the deletion: the lock, and a second look under it, keep the file."""

    def swept_while_put(self, monkeypatch: pytest.MonkeyPatch) -> bool:
        key = store.put(b"Old, and wanted.")
        age(key, LATER)
        looked = sweeping.named_among
        put_at_last = threading.Event()

        def look_and_let_put(keys):
            found = looked(keys)
            if not put_at_last.is_set():
                store.put(b"Old, and wanted.")
                put_at_last.set()
            return found

        monkeypatch.setattr(sweeping, "named_among", look_and_let_put)
        sweep(now=now())
        return store.exists(key)

    def test_stays(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        assert self.swept_while_put(monkeypatch)

    def test_would_go_without_the_second_look(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(store, "modified", lambda key: now() - LATER)
        assert not self.swept_while_put(monkeypatch)
