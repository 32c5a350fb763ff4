"""What shows a file holds it: nobody deletes it meanwhile, and its owner sees what does."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from apps.assessments.models import Question
from apps.courses import api as courses
from apps.media import rules
from apps.media.models import Asset, Use
from apps.media.types import Purpose
from learninghub.clock import now
from tests.support import olx
from tests.support.assessments import SINGLE, make_quiz, pass_quiz
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.media import make_asset
from tests.support.people import make_person
from tests.support.uploads import announce

pytestmark = pytest.mark.django_db

QUESTION = {"kind": "short_text", "answers": ["4"]}


@pytest.fixture
def course(instructor):
    return make_course(author=instructor)


@pytest.fixture
def lesson_id(course):
    return lesson_ids(course.id)[0]


@pytest.fixture
def me(as_user, instructor):
    return as_user(instructor)


@pytest.fixture
def picture(instructor):
    return make_asset(owner_id=instructor.id, is_public=True)


def refused(me, asset, *kinds: str) -> None:
    """The owner may not delete the file, is told what uses it, and it stays."""
    answer = me.delete(f"media/{asset.id}/")
    assert (answer.status, answer.json["code"], answer.json["used_by"]) == (409, "asset_in_use", list(kinds))
    assert answer.json["detail"] == f"It is used by {', '.join(kinds)}. Take it out there first."
    assert Asset.objects.filter(id=asset.id).exists()


def deleted(me, asset) -> None:
    assert me.delete(f"media/{asset.id}/").status == 204
    assert not Asset.objects.filter(id=asset.id).exists()


class TestAFileIsKept:
    def test_while_it_is_somebodys_face(self, me, picture):
        assert me.patch("users/me/", {"avatar_id": str(picture.id)}).status == 200
        refused(me, picture, "users.avatar")
        assert me.patch("users/me/", {"display_name": "Another name"}).status == 200
        refused(me, picture, "users.avatar")
        assert me.patch("users/me/", {"avatar_id": None}).status == 200
        deleted(me, picture)

    def test_while_it_is_a_cover(self, me, instructor, course, picture):
        other = make_asset(owner_id=instructor.id, is_public=True)
        assert me.patch(f"courses/{course.id}/", {"cover_id": str(picture.id)}).status == 200
        refused(me, picture, "courses.cover")
        assert me.patch(f"courses/{course.id}/", {"cover_id": str(other.id)}).status == 200
        refused(me, other, "courses.cover")
        deleted(me, picture)

    def test_while_it_is_the_cover_of_a_draft_that_was_not_deleted(self, me, instructor, picture):
        draft = make_course(author=instructor, published=False)
        assert me.patch(f"courses/{draft.id}/", {"cover_id": str(picture.id)}).status == 200
        refused(me, picture, "courses.cover")
        assert me.delete(f"courses/{draft.id}/").status == 204
        deleted(me, picture)

    def test_while_it_is_offered_for_download(self, me, lesson_id, picture):
        offered = me.post(f"content/lessons/{lesson_id}/resources/", {"asset_id": str(picture.id), "title": "Plan"})
        refused(me, picture, "content.download")
        assert me.delete(f"content/lessons/{lesson_id}/resources/{offered.json['id']}/").status == 204
        deleted(me, picture)

    def test_for_good_once_any_version_of_a_lesson_shows_it(self, me, instructor, lesson_id, picture):
        linked = make_asset(owner_id=instructor.id, content=b"Notes.", filename="n.txt")
        source = f"![A map](media:{picture.id}) [Notes](media:{linked.id})"
        assert me.put(f"content/lessons/{lesson_id}/", {"source": source}).status == 200
        assert me.put(f"content/lessons/{lesson_id}/", {"source": f"[Notes](media:{linked.id})"}).status == 200
        assert me.put(f"content/lessons/{lesson_id}/", {"source": "Nothing."}).status == 200
        for file in (picture, linked):
            refused(me, file, "content.lesson")
        assert me.put(f"content/lessons/{lesson_id}/", {"source": source}).status == 200  # the first once more

    def test_while_a_question_nobody_was_asked_shows_it(self, me, lesson_id, picture):
        quiz = me.post("assessments/quizzes/", {"lesson_id": str(lesson_id)}).json
        path = f"assessments/quizzes/{quiz['id']}/questions/"
        question = me.post(path, {**QUESTION, "prompt": f'<img src="media:{picture.id}">'}).json
        refused(me, picture, "assessments.question")
        assert me.patch(f"assessments/questions/{question['id']}/", {"prompt": "2 + 2?"}).status == 200
        assert not Use.objects.exists()
        assert me.patch(
            f"assessments/questions/{question['id']}/", {"explanation": f'<img src="media:{picture.id}">'}
        ).status == 200  # fmt: skip
        refused(me, picture, "assessments.question")
        assert me.delete(f"assessments/questions/{question['id']}/").status == 204
        deleted(me, picture)

    def test_for_good_once_somebody_was_asked(self, me, as_user, student, course, lesson_id, picture):
        shown = replace(SINGLE, prompt=f'2 + 2? <img src="media:{picture.id}">')
        quiz = make_quiz(lesson_id, shown)
        enrol(student, course)
        pass_quiz(as_user(student), quiz.id)
        question = Question.objects.get()
        assert me.patch(f"assessments/questions/{question.id}/", {"prompt": "3 + 1?"}).status == 200
        assert me.delete(f"assessments/quizzes/{quiz.id}/").status == 204
        refused(me, picture, "assessments.question")

    def test_by_all_that_show_it(self, me, lesson_id, course, picture):
        me.patch("users/me/", {"avatar_id": str(picture.id)})
        me.patch(f"courses/{course.id}/", {"cover_id": str(picture.id)})
        me.put(f"content/lessons/{lesson_id}/", {"source": f"![x](media:{picture.id})"})
        refused(me, picture, "content.lesson", "courses.cover", "users.avatar")
        me.patch(f"courses/{course.id}/", {"cover_id": None})
        refused(me, picture, "content.lesson", "users.avatar")

    def test_while_it_is_an_archive_to_be_read(self, me, instructor, deliver_all):
        archive = make_asset(
            owner_id=instructor.id, content=olx.zipped(olx.course()), filename="c.zip", purpose=Purpose.ARCHIVE
        )
        wish = me.post("content/imports/", {"asset_id": str(archive.id)}).json
        refused(me, archive, "content.import")
        deliver_all()
        assert me.get(f"content/imports/{wish['id']}/").json["state"] == "finished"
        deleted(me, archive)


class TestAQuestion:
    """Shows only what belongs to the course's people: an address that opens a file is made for whoever is asked."""

    @pytest.fixture
    def path(self, me, lesson_id):
        quiz = me.post("assessments/quizzes/", {"lesson_id": str(lesson_id)}).json
        return f"assessments/quizzes/{quiz['id']}/questions/"

    def test_cannot_show_files_of_others(self, me, path):
        theirs = make_asset(content=b"A secret.", filename="secret.txt")
        for file in (theirs.id, uuid4()):
            for texts in ({"prompt": f'<a href="media:{file}">x</a>'}, {"explanation": f'<img src="media:{file}">'}):
                answer = me.post(path, {**QUESTION, "prompt": "2 + 2?", **texts})
                assert (answer.status, answer.json["code"]) == (400, "picture_not_usable")
        assert (Question.objects.count(), Use.objects.count()) == (0, 0)

    def test_keeps_what_a_colleague_brought_in(self, me, as_user, instructor, course, path):
        colleague = make_person(roles={"instructor"})
        courses.add_instructor(course_id=course.id, user_id=colleague.id, by=instructor.id, now=now())
        theirs = make_asset(owner_id=colleague.id)
        added = as_user(colleague).post(path, {**QUESTION, "prompt": f'<img src="media:{theirs.id}">'}).json
        courses.remove_instructor(course_id=course.id, user_id=colleague.id, by=instructor.id, now=now())
        changed = {"prompt": f'Still <img src="media:{theirs.id}">'}
        assert me.patch(f"assessments/questions/{added['id']}/", changed).status == 200
        refused(as_user(colleague), theirs, "assessments.question")


class TestMyFiles:
    def test_come_newest_first_with_what_uses_them_and_when_they_go(self, me, instructor, picture):
        stored = make_asset(owner_id=instructor.id, content=b"Notes.", filename="n.txt")
        awaited = announce(me, b"x" * 9, filename="a.pdf", media_type="application/pdf").json["asset_id"]
        make_asset(content=b"Of another.", filename="o.txt")
        me.patch("users/me/", {"avatar_id": str(picture.id)})

        answer = me.get("media/")

        assert answer.status == 200
        rows = {row["id"]: row for row in answer.json["results"]}
        assert list(rows) == [awaited, str(stored.id), str(picture.id)]
        assert [row["used_by"] for row in rows.values()] == [[], [], ["users.avatar"]]
        assert [row["size"] for row in rows.values()] == [9, len(b"Notes."), picture.size]
        assert me.get("media/quota/").json["used"] == sum(row["size"] for row in rows.values())
        unfinished, unused = Asset.objects.get(id=awaited), Asset.objects.get(id=stored.id)
        assert [row["goes_at"] for row in rows.values()] == [
            told(unfinished.form_expires_at + timedelta(hours=24)), told(unused.created_at + timedelta(days=30)), None
        ]  # fmt: skip
        assert rows[str(stored.id)]["created_at"] == told(unused.created_at)

        me.patch("users/me/", {"avatar_id": None})
        shown = me.get("media/").json["results"][2]
        assert (shown["used_by"], shown["goes_at"]) == (
            [], told(Asset.objects.get(id=picture.id).released_at + rules.KEPT_UNUSED)
        )  # fmt: skip

    def test_come_in_pages(self, me, instructor):
        made = [str(make_asset(owner_id=instructor.id, content=b"%d" % n, filename="n.txt").id) for n in range(5)]
        first = me.get("media/", page_size=3).json
        assert [row["id"] for row in first["results"] + me.get(first["next"]).json["results"]] == made[::-1]

    def test_cost_the_same_for_three_and_for_thirty(self, me, instructor, queries_of, lesson_id):
        def add(count):
            made = [make_asset(owner_id=instructor.id, content=b"%d" % n, filename="n.txt").id for n in range(count)]
            source = " ".join(f"[x](media:{asset_id})" for asset_id in made)
            assert me.put(f"content/lessons/{lesson_id}/", {"source": source}).status == 200

        add(3)
        three = queries_of(lambda: me.get("media/", page_size=50))
        add(30)
        assert len(me.get("media/", page_size=50).json["results"]) == 30
        assert queries_of(lambda: me.get("media/", page_size=50)) == three == 1


def told(moment):
    return moment.isoformat().replace("+00:00", "Z")
