"""What was shown before uses were written down is held once the migrations have run; again they change nothing."""

from importlib import import_module
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from apps.content.models import Import
from apps.media.models import Asset, Use
from learninghub.clock import now
from learninghub.db import migrating
from tests.support.courses import lesson_ids, make_course
from tests.support.media import make_asset

FILLING = (
    "assessments.migrations.0002_hold_pictures",
    "content.migrations.0002_hold_files",
    "courses.migrations.0002_hold_covers",
    "media.migrations.0003_idle_assets",
    "users.migrations.0002_hold_avatars",
)


def fill() -> None:
    with connection.schema_editor(atomic=False) as editor:
        for name in FILLING:
            for operation in import_module(f"apps.{name}").Migration.operations:
                if not isinstance(operation, migrating.AddIndexBeside):
                    operation.code(apps, editor)


def uses() -> set[tuple[UUID, str, UUID]]:
    return set(Use.objects.values_list("asset_id", "kind", "holder_id"))


@pytest.mark.django_db
def test_all_that_is_shown_is_held(as_user, instructor, monkeypatch):
    monkeypatch.setattr(migrating, "BATCH", 2)
    me, course = as_user(instructor), make_course(author=instructor, lessons=4)
    pictures = [str(make_asset(owner_id=instructor.id, is_public=True).id) for _ in range(4)]
    shown = [f"![x](media:{picture})" for picture in pictures]
    lessons = [f"content/lessons/{lesson_id}/" for lesson_id in lesson_ids(course.id)]
    for path in lessons:
        me.put(path, {"source": f"{shown[0]} {shown[1]}"})
    me.put(lessons[0], {"source": f"{shown[1]} {shown[2]}"})
    me.post(f"{lessons[0]}resources/", {"asset_id": pictures[0], "title": "A picture"})
    me.patch("users/me/", {"avatar_id": pictures[3]})
    me.patch(f"courses/{course.id}/", {"cover_id": pictures[3]})
    wish = me.post("content/imports/", {"asset_id": pictures[0]}).json["id"]
    quiz = me.post("assessments/quizzes/", {"lesson_id": str(lesson_ids(course.id)[0])}).json["id"]
    choices = [
        {"text": f'<img src="media:{pictures[1]}">', "is_correct": True},
        {"text": "5", "is_correct": False, "feedback": f'<img src="media:{pictures[2]}">'},
    ]
    question = {"kind": "single", "prompt": f'<img src="media:{pictures[1]}">', "choices": choices}
    assert me.post(f"assessments/quizzes/{quiz}/questions/", question).status == 201
    held = uses()
    assert sorted({kind for _, kind, _ in held}) == [
        "assessments.question", "content.download", "content.import", "content.lesson", "courses.cover", "users.avatar"
    ]  # fmt: skip
    assert len(held) == 2 + 1 + 1 + 9 + 1 + 1

    Use.objects.all().delete()
    assert not Asset.objects.exclude(released_at=None).exists()
    fill()
    assert uses() == held
    moments = set(Asset.objects.values_list("released_at", flat=True))
    assert None not in moments
    assert Import.objects.get(id=wish).asset_id == UUID(pictures[0])

    Import.objects.update(state="failed", error_code="x", finished_at=now())
    fill()
    assert (uses(), set(Asset.objects.values_list("released_at", flat=True))) == (held, moments)
    assert Import.objects.get(id=wish).asset_id is None
