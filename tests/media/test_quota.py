"""How much people may keep: a sum kept with every file that comes or goes, and a limit that no race passes."""

from typing import Any

import pytest

from apps.media import actions, rules
from apps.media.actions import quota
from apps.media.errors import QuotaExceeded
from apps.media.models import Asset, Usage
from apps.media.types import AssetState, Purpose
from learninghub.clock import now
from tests.support.media import make_asset, png_bytes
from tests.support.people import make_person
from tests.support.uploads import announce, upload

pytestmark = pytest.mark.django_db


def used(person: Any) -> int:
    return Usage.objects.filter(owner_id=person.id).values_list("used", flat=True).first() or 0


def sum_of_rows(person: Any) -> int:
    rows = Asset.objects.filter(owner_id=person.id).exclude(state=AssetState.REJECTED)
    return sum(rows.values_list("size", flat=True))


def test_what_is_announced_stored_and_deleted_is_counted(as_user, client, instructor, deliver_all):
    me, picture = as_user(instructor), png_bytes()
    assert me.get("media/quota/").json == {"used": 0, "limit": rules.QUOTA_OF_INSTRUCTORS}

    announce(me, picture)
    asset_id = upload(me, client, picture)
    stored = make_asset(owner_id=instructor.id)
    make_asset(owner_id=instructor.id, content=b"Notes.", filename="a.txt")
    make_asset(owner_id=instructor.id, content=b"Notes.", filename="a.txt")  # the same asset
    deliver_all()

    assert me.get("media/quota/").json["used"] == 2 * len(picture) + stored.size + len(b"Notes.")
    assert me.delete(f"media/{asset_id}/").status == 204
    assert me.get("media/quota/").json["used"] == len(picture) + stored.size + len(b"Notes.") == sum_of_rows(instructor)


def test_what_is_rejected_is_given_back_once(as_user, client, instructor, deliver_all):
    me = as_user(instructor)
    asset_id = upload(me, client, b"<html><script>1</script>", filename="a.txt", media_type="text/plain")
    assert used(instructor) == 24
    deliver_all()
    assert used(instructor) == 0
    assert me.delete(f"media/{asset_id}/").status == 204
    assert used(instructor) == 0


def test_what_does_not_fit_is_refused_with_the_figures(as_user, instructor, monkeypatch):
    monkeypatch.setattr(rules, "QUOTA_OF_INSTRUCTORS", 3 * rules.MEGABYTE)
    me = as_user(instructor)
    assert announce(me, b"x" * 2 * rules.MEGABYTE, media_type="application/pdf").status == 201

    answer = announce(me, b"x" * (rules.MEGABYTE + 1), media_type="application/pdf")

    assert (answer.status, answer.json["code"]) == (403, "quota_exceeded")
    assert answer.json["detail"] == ("It has 1.0 MB; 2.0 of your 3.0 MB are in use. Delete what you no longer need.")
    assert (answer.json["used"], answer.json["limit"]) == (2 * rules.MEGABYTE, 3 * rules.MEGABYTE)
    assert (Asset.objects.count(), used(instructor)) == (1, 2 * rules.MEGABYTE)
    assert announce(me, b"x" * rules.MEGABYTE, media_type="application/pdf").status == 201


def test_staff_keep_what_they_need_and_learners_their_face(as_user, staff, student):
    assert as_user(staff).get("media/quota/").json == {"used": 0, "limit": None}
    assert as_user(student).get("media/quota/").json == {"used": 0, "limit": rules.QUOTA}


@pytest.mark.django_db(transaction=True)
class TestTwoAtTheEdge:
    SIZE = 1000

    def bring(self, person: Any) -> Any:
        return actions.announce_upload(
            owner_id=person.id,
            roles=frozenset({"instructor"}),
            purpose=Purpose.RESOURCE,
            filename="a.pdf",
            media_type="application/pdf",
            size=self.SIZE,
            now=now(),
        )

    def race_of(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
        """How many of ten got through where three fit, the sum, and that of the rows."""
        monkeypatch.setattr(rules, "QUOTA_OF_INSTRUCTORS", 3 * self.SIZE)
        person = make_person(roles={"instructor"})
        results = race(lambda _: self.bring(person), 10)
        refused = sum(isinstance(result, QuotaExceeded) for result in results)
        return len(results) - refused, used(person), sum_of_rows(person)

    def test_no_more_get_through_than_fit(self, race, monkeypatch):
        assert self.race_of(race, monkeypatch) == (3, 3 * self.SIZE, 3 * self.SIZE)

    def test_without_the_condition_in_the_statement_more_do(self, race, monkeypatch):
        def look_first(*, owner_id, size, limit):
            Usage.objects.get_or_create(owner_id=owner_id)
            seen = Usage.objects.get(owner_id=owner_id).used
            if seen + size > limit:
                raise QuotaExceeded
            Usage.objects.filter(owner_id=owner_id).update(used=seen + size)

        monkeypatch.setattr(quota, "take", look_first)
        got_through, *_ = self.race_of(race, monkeypatch)
        assert got_through > 3
