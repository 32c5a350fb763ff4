"""Who sees a draft, who writes, who is on the team; and that nothing has changed after others tried."""

from uuid import uuid4

import pytest

from apps.courses import api as courses
from apps.courses.events import TeamChanged
from tests.support.courses import make_course

pytestmark = pytest.mark.django_db


class TestADraft:
    def test_is_seen_by_who_teaches_it_and_by_staff_alone(
        self, as_user, author, other_instructor, student, staff, client
    ):
        draft = make_course(author=author, published=False, title="Secret plan")
        for path in (f"courses/{draft.id}/", f"courses/{draft.id}/outline/"):
            assert as_user(author).get(path).status == 200
            assert as_user(staff).get(path).status == 200
            nobody = client.get(f"courses/{uuid4()}/")
            for stranger in (client, as_user(student), as_user(other_instructor)):
                hidden = stranger.get(path)
                assert (hidden.status, hidden.json["code"]) == (404, nobody.json["code"])

    def test_leaks_through_no_list(self, as_user, author, student, client):
        make_course(author=author, published=False, title="Secret plan")
        for asker in (client, as_user(student), as_user(author)):
            for query in ({}, {"q": "secret"}, {"instructor": author.id}, {"sort": "title"}, {"price": "free"}):
                assert asker.get("courses/", **query).json["results"] == []
        assert as_user(student).get("courses/teaching/").status == 403

    def test_stays_out_of_what_is_cached_after_its_author_looked(self, as_user, author, client):
        draft = make_course(author=author, published=False)

        assert as_user(author).get(f"courses/{draft.id}/").status == 200
        assert client.get(f"courses/{draft.id}/").status == 404


def _writes(course, module_id, lesson_id, person):
    return [
        ("PATCH", f"courses/{course.id}/", {"title": "Taken over"}),
        ("DELETE", f"courses/{course.id}/", None),
        ("POST", f"courses/{course.id}/publish/", None),
        ("POST", f"courses/{course.id}/archive/", None),
        ("POST", f"courses/{course.id}/reorder/", {"modules": []}),
        ("POST", f"courses/{course.id}/modules/", {"title": "Mine"}),
        ("POST", f"courses/{course.id}/instructors/", {"user_id": str(person.id)}),
        ("DELETE", f"courses/{course.id}/instructors/{course.author_id}/", None),
        ("PATCH", f"courses/modules/{module_id}/", {"title": "Mine"}),
        ("DELETE", f"courses/modules/{module_id}/", None),
        ("POST", f"courses/modules/{module_id}/lessons/", {"title": "Mine"}),
        ("PATCH", f"courses/lessons/{lesson_id}/", {"title": "Mine"}),
        ("DELETE", f"courses/lessons/{lesson_id}/", None),
    ]


@pytest.mark.parametrize("published", [True, False])
def test_nobody_else_writes_and_nothing_has_changed_after_they_tried(
    as_user, author, other_instructor, student, client, published
):
    course = make_course(author=author, published=published, lessons=2)
    outline = courses.get_outline(course_id=course.id)
    module_id, lesson_id = outline.modules[0].id, outline.lessons[0].id

    for method, path, body in _writes(course, module_id, lesson_id, other_instructor):
        assert client.request(method, path, json=body).status == 401, path
        assert as_user(student).request(method, path, json=body).status == 404, path
        assert as_user(other_instructor).request(method, path, json=body).status == 404, path

    assert courses.get_card(course_id=course.id) == course
    assert courses.get_outline(course_id=course.id) == outline
    assert courses.list_taught(user_id=other_instructor.id) == []


def test_staff_may_write_everywhere(as_user, staff):
    course = make_course(lessons=2)

    assert as_user(staff).patch(f"courses/{course.id}/", {"title": "Mended"}).json["title"] == "Mended"
    assert as_user(staff).post(f"courses/{course.id}/modules/", {"title": "More"}).status == 201


class TestTheTeam:
    def test_is_called_and_sent_away_by_the_author(self, as_user, author, other_instructor, published):
        course = make_course(author=author)
        path = f"courses/{course.id}/instructors/"

        joined = as_user(author).post(path, {"user_id": str(other_instructor.id)})
        assert [x["name"] for x in joined.json["instructors"]] == ["Ada Author", "Otto Other"]
        assert as_user(other_instructor).patch(f"courses/{course.id}/", {"title": "Ours"}).status == 200
        assert as_user(other_instructor).post(path, {"user_id": str(author.id)}).status == 404

        assert as_user(author).delete(f"{path}{other_instructor.id}/").status == 204
        assert as_user(other_instructor).patch(f"courses/{course.id}/", {"title": "Mine"}).status == 404
        assert as_user(author).delete(f"{path}{author.id}/").json["code"] == "author_stays"
        assert published(TeamChanged) == [TeamChanged(course_id=course.id)] * 2

    def test_takes_verified_instructors_only(self, as_user, author, student):
        course = make_course(author=author)
        path = f"courses/{course.id}/instructors/"

        refused = as_user(author).post(path, {"user_id": str(student.id)})
        unknown = as_user(author).post(path, {"user_id": str(uuid4())})

        assert (refused.status, refused.json["code"]) == (403, "not_an_instructor")
        assert (unknown.status, list(unknown.json["errors"])) == (400, ["user_id"])
        assert courses.list_taught(user_id=student.id) == []
