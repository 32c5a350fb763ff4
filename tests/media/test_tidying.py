"""What nobody finished or uses is forgotten and its room given back; what is completed or used meanwhile stays."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction

from apps.media import actions, rules
from apps.media.actions import holding, tidying
from apps.media.errors import AssetNotFound
from apps.media.models import Asset, Rendition, Usage, Use
from apps.media.types import Holder
from learninghub import jobs
from learninghub.clock import now
from learninghub.storage import store
from learninghub.storage.sweeping import sweep
from tests.support import stores
from tests.support.certificates import make_certificate
from tests.support.instances.server import until
from tests.support.media import make_asset, png_bytes
from tests.support.uploads import announce, send, upload

pytestmark = pytest.mark.django_db

ABANDONED = rules.UPLOAD_LIFETIME + rules.KEPT_UNFINISHED
MINUTE = timedelta(minutes=1)
FACE = Holder(kind="users.avatar", id=uuid4())


def used(person) -> int:
    return Usage.objects.get(owner_id=person.id).used


class TestAnAbandonedUpload:
    def test_is_forgotten_a_day_after_its_form_expired(self, as_user, student):
        me = as_user(student)
        for _ in range(10):  # all the room that a learner has
            assert announce(me, b"x" * 5 * rules.MEGABYTE, purpose="avatar").status == 201
        assert announce(me, b"x", purpose="avatar").json["code"] == "quota_exceeded"

        assert actions.forget_abandoned(now=now() + ABANDONED - MINUTE) == 0
        assert (Asset.objects.count(), used(student)) == (10, rules.QUOTA)
        assert actions.forget_abandoned(now=now() + ABANDONED + MINUTE) == 10
        assert actions.forget_abandoned(now=now() + ABANDONED + MINUTE) == 0

        assert (Asset.objects.count(), used(student)) == (0, 0)
        assert announce(me, b"x", purpose="avatar").status == 201

    def test_is_none_that_was_completed(self, as_user, client, instructor, deliver_all):
        me, picture = as_user(instructor), png_bytes()
        completed = upload(me, client, picture)  # and its job has not run
        assert actions.forget_abandoned(now=now() + 10 * ABANDONED) == 0
        deliver_all()
        assert me.get(f"media/{completed}/").json["state"] == "ready"
        assert used(instructor) == len(picture)

    def test_is_looked_for_in_batches(self, as_user, instructor, monkeypatch):
        monkeypatch.setattr(tidying, "_BATCH", 2)
        for _ in range(5):
            announce(as_user(instructor), b"xyz")
        assert actions.forget_abandoned(now=now() + 2 * ABANDONED) == 5
        assert used(instructor) == 0

    def test_that_is_completed_after_it_was_found_stays(self, as_user, client, instructor, deliver_all, monkeypatch):
        assert self.state_after_a_late_word(as_user(instructor), client, deliver_all, monkeypatch) == (0, "ready")

    def test_would_go_without_the_second_look(self, as_user, client, instructor, deliver_all, monkeypatch):
        everything = Asset.objects.all()
        monkeypatch.setattr(tidying, "_abandoned", lambda now: everything.all())
        assert self.state_after_a_late_word(as_user(instructor), client, deliver_all, monkeypatch) == (1, None)

    def state_after_a_late_word(self, me, client, deliver_all, monkeypatch) -> tuple[int, str | None]:
        """How many went, and what became of an upload that was completed between the look and the lock."""
        content = png_bytes()
        form = announce(me, content).json
        assert send(client, form, content).status == 204
        lock = tidying.lock_asset

        def complete_and_lock(asset_id, **how):
            assert me.post(f"media/uploads/{asset_id}/complete/", {}).status == 202
            return lock(asset_id, **how)

        monkeypatch.setattr(tidying, "lock_asset", complete_and_lock)
        gone = actions.forget_abandoned(now=now() + 2 * ABANDONED)
        deliver_all()
        return gone, me.get(f"media/{form['asset_id']}/").json.get("state")


class TestAFileThatNothingUses:
    def test_goes_after_thirty_days_with_its_sizes_and_its_room(self, instructor, deliver_all):
        asset = make_asset(owner_id=instructor.id)
        deliver_all()
        assert (Rendition.objects.count(), used(instructor)) == (6, asset.size)
        assert actions.forget_unused(now=now() + rules.KEPT_UNUSED - MINUTE) == 0
        assert actions.forget_unused(now=now() + rules.KEPT_UNUSED + MINUTE) == 1
        assert (Asset.objects.count(), Rendition.objects.count(), used(instructor)) == (0, 0, 0)
        assert actions.forget_unused(now=now() + rules.KEPT_UNUSED + MINUTE) == 0

    def test_stays_as_long_as_it_is_used_and_thirty_days_more(self, instructor):
        asset, start = make_asset(owner_id=instructor.id), now()
        later = start + timedelta(days=400)
        actions.attach(asset_ids=[asset.id], holder=FACE)
        assert actions.forget_unused(now=later) == 0
        actions.detach(holder=FACE, now=later)
        assert actions.forget_unused(now=later + rules.KEPT_UNUSED - MINUTE) == 0
        assert actions.forget_unused(now=later + rules.KEPT_UNUSED + MINUTE) == 1

    def test_is_one_that_was_rejected_too(self, as_user, client, instructor, deliver_all):
        upload(as_user(instructor), client, b"<html>1</html>", filename="a.txt", media_type="text/plain")
        deliver_all()
        assert actions.forget_unused(now=now() + rules.KEPT_UNUSED + MINUTE) == 1
        assert (Asset.objects.count(), used(instructor)) == (0, 0)

    def test_stays_when_its_bytes_are_stored_once_more(self, instructor):
        content, month = b"Of an import.", rules.KEPT_UNUSED
        asset = make_asset(owner_id=instructor.id, content=content, filename="a.txt")
        with time_machine.travel(now() + month - MINUTE, tick=False):
            assert make_asset(owner_id=instructor.id, content=content, filename="a.txt").id == asset.id
        assert actions.forget_unused(now=now() + month + MINUTE) == 0
        assert actions.forget_unused(now=now() + 2 * month) == 1

    def test_leaves_the_bytes_of_a_document_alone(self, tmp_path):
        """Certificates and invoices lie in the store by rows of their own, whatever becomes of a copy."""
        with stores.files(tmp_path):
            certificate = make_certificate()
            copy = make_asset(content=store.read(certificate.sha256), filename="mine.pdf")
            lonely = make_asset(content=b"Lonely.", filename="l.txt")
            assert copy.sha256 == certificate.sha256
            assert actions.forget_unused(now=now() + rules.KEPT_UNUSED + MINUTE) == 2
            assert sweep(now=now() + timedelta(days=2)) == 1
            assert [store.exists(key) for key in (copy.sha256, lonely.sha256)] == [True, False]


def test_both_are_done_by_the_schedule(as_user, instructor):
    every = {job.name: job.every for job in jobs.all_scheduled()}
    assert every["media.forget_abandoned"] == timedelta(hours=1)
    assert every["media.forget_unused"] == timedelta(days=1)
    make_asset(owner_id=instructor.id)
    announce(as_user(instructor), b"x")
    for name, left in (("media.forget_abandoned", 1), ("media.forget_unused", 0)):
        jobs.find(name).perform({"now": (now() + timedelta(days=31)).isoformat()})
        assert Asset.objects.count() == left


@pytest.mark.django_db(transaction=True)
class TestOneThatComesIntoUseAsItGoes:
    """Whoever comes second waits for the other, and is told; without the lock the database breaks off a commit."""

    def test_is_gone_for_who_attaches_second(self, monkeypatch):
        assert isinstance(self.attached_while_it_goes(monkeypatch), AssetNotFound)
        assert (Asset.objects.count(), Use.objects.count()) == (0, 0)

    def test_would_break_off_who_attaches_without_the_lock(self, monkeypatch):
        monkeypatch.setattr(holding, "share_assets", set)
        assert isinstance(self.attached_while_it_goes(monkeypatch), IntegrityError)

    def test_stays_for_who_attaches_first(self):
        assert self.swept_while_it_is_attached() == 0
        assert (Asset.objects.count(), Use.objects.count()) == (1, 1)

    def test_would_break_off_who_sweeps_without_the_lock(self, monkeypatch):
        monkeypatch.setattr(tidying, "lock_asset", lambda asset_id, to_delete: Asset.objects.get(id=asset_id))
        assert isinstance(self.swept_while_it_is_attached(), IntegrityError)

    def attached_while_it_goes(self, monkeypatch) -> object:
        asset, forget = make_asset(), tidying.forget
        attaching = Second(lambda: actions.attach(asset_ids=[asset.id], holder=FACE))

        def forget_and_let_attach(asset):
            forget(asset)
            attaching.start_and_wait()

        monkeypatch.setattr(tidying, "forget", forget_and_let_attach)
        assert actions.forget_unused(now=now() + rules.KEPT_UNUSED + MINUTE) == 1
        return attaching.result()

    def swept_while_it_is_attached(self) -> object:
        asset = make_asset()
        sweeping = Second(lambda: actions.forget_unused(now=now() + rules.KEPT_UNUSED + MINUTE))
        with transaction.atomic():
            actions.attach(asset_ids=[asset.id], holder=FACE)
            sweeping.start_and_wait()
        return sweeping.result()


class Second:
    """Does something in a thread of its own, which waits for a lock of ours."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call, self._results = call, []
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._results.append(self._call())
        except Exception as error:  # noqa: BLE001  the test looks at it
            self._results.append(error)
        finally:
            connections.close_all()

    def start_and_wait(self) -> None:
        self._thread.start()
        until(self._waits, "nobody waits for a lock")

    def _waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "select bool_or(pg_backend_pid() = any(pg_blocking_pids(pid))) from pg_locks where not granted"
            )
            return bool(cursor.fetchone()[0])

    def result(self) -> object:
        self._thread.join()
        [result] = self._results
        return result
