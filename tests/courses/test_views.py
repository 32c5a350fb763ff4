"""Courses over HTTP: making, editing, publishing, archiving, deleting, teams."""

from uuid import uuid4

import pytest

from apps.courses import api as courses
from apps.courses.events import CourseArchived, CoursePublished, OutlineChanged
from apps.courses.models import Course
from apps.courses.serializers import CourseOut, TaughtCourseOut
from tests.support.courses import make_course, module_ids
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def test_an_instructor_takes_a_course_from_nothing_to_the_catalogue(as_user, author, client):
    me = as_user(author)

    made = me.post("courses/", {"title": " Sailing  for\tall ", "price_amount": 4900, "currency": "CHF"})
    assert made.status == 201
    course = made.json
    assert (course["title"], course["state"], course["author_name"]) == ("Sailing for all", "draft", "Ada Author")
    assert (course["price_amount"], course["currency"], course["language"]) == (4900, "CHF", "en")
    assert course["instructors"] == [{"id": str(author.id), "name": "Ada Author"}]
    assert course.keys() == CourseOut().fields.keys()

    assert me.post(f"courses/{course['id']}/publish/").json["code"] == "course_has_no_summary"
    edited = me.patch(f"courses/{course['id']}/", {"summary": "Wind and water.", "capacity": 12})
    assert (edited.status, edited.json["version"], edited.headers["ETag"]) == (200, 2, '"v2"')
    assert me.post(f"courses/{course['id']}/publish/").json["code"] == "course_has_no_lessons"

    module = me.post(f"courses/{course['id']}/modules/", {"title": "Knots"})
    assert (module.status, module.json["position"], module.json["lessons"]) == (201, 1, [])
    lesson = me.post(f"courses/modules/{module.json['id']}/lessons/", {"title": "Bowline", "is_preview": True})
    assert (lesson.status, lesson.json["position"], lesson.json["is_preview"]) == (201, 1, True)

    published = me.post(f"courses/{course['id']}/publish/")
    assert (published.status, published.json["state"]) == (200, "published")
    assert [row["id"] for row in client.get("courses/").json["results"]] == [course["id"]]
    assert client.get(f"courses/{course['id']}/").json["summary"] == "Wind and water."
    outline = client.get(f"courses/{course['id']}/outline/").json
    assert [(m["title"], [x["title"] for x in m["lessons"]]) for m in outline["modules"]] == [("Knots", ["Bowline"])]


def test_only_a_verified_instructor_makes_courses(as_user, student, client):
    unverified = make_person(roles={"instructor"}, verified=False)

    assert client.post("courses/", {"title": "X"}).status == 401
    assert as_user(student).post("courses/", {"title": "X"}).status == 403
    refused = as_user(unverified).post("courses/", {"title": "X"})
    assert (refused.status, refused.json["code"]) == (403, "not_an_instructor")
    assert Course.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", " \t "),
        ("title", "x" * 201),
        ("title", "nul\x00"),
        ("title", None),
        ("summary", "x" * 501),
        ("description", "x" * 20_001),
        ("language", "English!"),
        ("level", "expert"),
        ("price_amount", -1),
        ("price_amount", 100_000_001),
        ("price_amount", "free"),
        ("currency", "EURO"),
        ("currency", "XYZ"),
        ("currency", "eur"),
        ("capacity", 0),
        ("categories", ["no-such-category"]),
    ],
)
def test_a_value_no_course_may_have_is_refused_by_the_name_of_its_field(as_user, author, field, value):
    course = make_course(author=author)

    made = as_user(author).post("courses/", {"title": "Fine", field: value})
    changed = as_user(author).patch(f"courses/{course.id}/", {field: value})

    for answer in (made, changed):
        assert (answer.status, answer.json["code"], list(answer.json["errors"])) == (400, "invalid", [field])
    assert Course.objects.count() == 1
    assert courses.get_card(course_id=course.id) == course


def test_what_only_the_house_decides_cannot_be_set(as_user, author, student):
    course = make_course(author=author, published=False)
    forged = {
        "id": str(uuid4()),
        "author": str(student.id),
        "author_id": str(student.id),
        "author_name": "Mallory",
        "learners": 1_000,
        "rating": 5,
        "rating_sum": 500,
        "rating_count": 100,
        "state": "published",
        "published_at": "2020-01-01T00:00:00Z",
        "removed_at": "2020-01-01T00:00:00Z",
        "version": 99,
        "instructors": [str(student.id)],
        "search": "everything",
    }

    assert as_user(author).patch(f"courses/{course.id}/", forged).status == 200
    made = as_user(author).post("courses/", {"title": "Fine", **forged}).json

    assert courses.get_card(course_id=course.id) == course
    assert made["id"] != forged["id"]
    assert (made["author_id"], made["author_name"], made["state"]) == (str(author.id), "Ada Author", "draft")
    assert (made["learners"], made["rating_count"], made["version"]) == (0, 0, 1)


def test_two_editors_cannot_overwrite_each_other(as_user, author, other_instructor):
    course = make_course(author=author)
    courses.add_instructor(course_id=course.id, user_id=other_instructor.id, by=author.id, now=course.published_at)
    tag = as_user(author).get(f"courses/{course.id}/").headers["ETag"]

    first = as_user(author).patch(f"courses/{course.id}/", {"title": "Mine"}, headers={"If-Match": tag})
    second = as_user(other_instructor).patch(f"courses/{course.id}/", {"title": "Yours"}, headers={"If-Match": tag})

    assert (first.status, second.status, second.json["code"]) == (200, 412, "lost_update")
    assert courses.get_card(course_id=course.id).title == "Mine"
    again = as_user(other_instructor).patch(
        f"courses/{course.id}/", {"title": "Yours"}, headers={"If-Match": first.headers["ETag"]}
    )
    assert (again.status, again.json["title"]) == (200, "Yours")


def test_an_if_match_that_is_not_ours_is_refused(as_user, author):
    course = make_course(author=author)

    answer = as_user(author).patch(f"courses/{course.id}/", {"title": "Mine"}, headers={"If-Match": '"abc"'})

    assert (answer.status, courses.get_card(course_id=course.id)) == (400, course)


def test_an_edit_that_changes_nothing_leaves_version_and_facts(as_user, author, published):
    course = make_course(author=author)

    answer = as_user(author).patch(f"courses/{course.id}/", {"title": course.title, "price_amount": 0})

    assert (answer.status, answer.json["version"]) == (200, course.version)
    assert len(published(OutlineChanged)) == 1


def test_a_published_course_keeps_its_summary(as_user, author):
    course = make_course(author=author)

    answer = as_user(author).patch(f"courses/{course.id}/", {"summary": ""})

    assert (answer.status, answer.json["code"]) == (409, "course_has_no_summary")
    assert courses.get_card(course_id=course.id) == course


def test_archiving_takes_a_course_out_of_the_catalogue_and_publishing_puts_it_back(as_user, author, client, published):
    course = make_course(author=author)

    archived = as_user(author).post(f"courses/{course.id}/archive/")

    assert (archived.status, archived.json["state"]) == (200, "archived")
    assert published(CourseArchived) == [CourseArchived(course_id=course.id)]
    assert client.get("courses/").json["results"] == []
    assert client.get(f"courses/{course.id}/").json["state"] == "archived"
    assert as_user(author).post(f"courses/{course.id}/archive/").json["version"] == archived.json["version"]
    assert as_user(author).post(f"courses/{course.id}/publish/").status == 200
    assert [row["id"] for row in client.get("courses/").json["results"]] == [str(course.id)]
    assert len(published(CoursePublished)) == 2
    assert courses.get_card(course_id=course.id).published_at == course.published_at


def test_a_draft_cannot_be_archived(as_user, author):
    course = make_course(author=author, published=False)

    answer = as_user(author).post(f"courses/{course.id}/archive/")

    assert (answer.status, answer.json["code"]) == (409, "not_published")
    assert courses.get_card(course_id=course.id) == course


def test_a_draft_can_be_deleted_and_is_gone_for_everyone(as_user, author, staff):
    course = make_course(author=author, published=False)
    module_id = module_ids(course.id)[0]

    assert as_user(author).delete(f"courses/{course.id}/").status == 204
    assert as_user(author).get(f"courses/{course.id}/").status == 404
    assert as_user(staff).get(f"courses/{course.id}/").status == 404
    assert as_user(staff).patch(f"courses/modules/{module_id}/", {"title": "Back"}).status == 404
    assert as_user(author).get("courses/teaching/").json["results"] == []


def test_what_was_ever_published_is_never_deleted(as_user, author):
    course = make_course(author=author)

    published = as_user(author).delete(f"courses/{course.id}/")
    as_user(author).post(f"courses/{course.id}/archive/")
    archived = as_user(author).delete(f"courses/{course.id}/")

    assert [(x.status, x.json["code"]) for x in (published, archived)] == [(409, "not_draft")] * 2
    assert Course.objects.get().removed_at is None


def test_what_i_teach_comes_newest_first_with_drafts(as_user, author, other_instructor, queries_of):
    mine = [make_course(author=author, published=number % 2 == 0) for number in range(5)]
    shared = make_course(author=other_instructor)
    make_course()
    courses.add_instructor(course_id=shared.id, user_id=author.id, by=other_instructor.id, now=shared.published_at)
    me = as_user(author)

    first = me.get("courses/teaching/", page_size=4).json
    rest = me.get(first["next"]).json

    expected = [str(course.id) for course in reversed([*mine, shared])]
    assert [row["id"] for row in first["results"] + rest["results"]] == expected
    assert rest["next"] is None
    assert first["results"][0].keys() == TaughtCourseOut().fields.keys()
    assert queries_of(lambda: me.get("courses/teaching/", page_size=1)) == 1
    assert queries_of(lambda: me.get("courses/teaching/", page_size=100)) == 1


class TestCostOfWrites:
    """Statements: the rule's, the action's, the answer's; an outbox row where a fact is stated."""

    def test_of_an_edit(self, as_user, author, queries_of):
        course = make_course(author=author, published=False)
        me = as_user(author)

        assert queries_of(lambda: me.patch(f"courses/{course.id}/", {"title": "Other"})) == 4
        assert queries_of(lambda: me.patch(f"courses/{course.id}/", {"title": "Other"})) == 3

    def test_of_a_lesson(self, as_user, author, queries_of):
        course = make_course(author=author)
        module_id = module_ids(course.id)[0]

        added = queries_of(lambda: as_user(author).post(f"courses/modules/{module_id}/lessons/", {"title": "More"}))

        assert added == 8


def test_a_repeated_request_with_the_same_key_makes_one_course(as_user, author):
    key = {"Idempotency-Key": "first-course"}

    first = as_user(author).post("courses/", {"title": "Once"}, headers=key)
    again = as_user(author).post("courses/", {"title": "Once"}, headers=key)
    other = as_user(author).post("courses/", {"title": "Twice"}, headers=key)

    assert (first.status, again.status, other.status) == (201, 201, 422)
    assert first.body == again.body
    assert Course.objects.count() == 1
