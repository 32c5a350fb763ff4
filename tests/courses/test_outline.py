"""The outline of a course: adding, editing, removing and reordering, alone and at once."""

from uuid import uuid4

import pytest
from django.db import IntegrityError

from apps.courses import api as courses
from apps.courses.errors import CourseNotFound
from apps.courses.events import LessonRemoved, OutlineChanged
from apps.courses.models import Course, Lesson
from apps.courses.serializers import OutlineOut
from learninghub.clock import now
from tests.support.courses import lesson_ids, make_course, module_ids, order_of


def shape(course_id):
    return [
        (module.title, [lesson.title for lesson in module.lessons])
        for module in courses.get_outline(course_id=course_id).modules
    ]


def as_json(order):
    return {"modules": [{"id": str(module), "lessons": [str(x) for x in lessons]} for module, lessons in order]}


@pytest.mark.django_db
class TestOverHttp:
    def test_an_outline_reads_as_it_is_described(self, client, author):
        course = make_course(author=author, modules=2, lessons=2)

        answer = client.get(f"courses/{course.id}/outline/").json

        assert OutlineOut(answer).data == answer
        assert [x["position"] for m in answer["modules"] for x in m["lessons"]] == [1, 2, 1, 2]

    def test_modules_and_lessons_are_renamed_under_their_own_version(self, as_user, author):
        course = make_course(author=author, lessons=1)
        module_id, lesson_id = module_ids(course.id)[0], lesson_ids(course.id)[0]
        me = as_user(author)

        module = me.patch(f"courses/modules/{module_id}/", {"title": "Basics"}, headers={"If-Match": '"v1"'})
        late = me.patch(f"courses/modules/{module_id}/", {"title": "Late"}, headers={"If-Match": '"v1"'})
        lesson = me.patch(
            f"courses/lessons/{lesson_id}/",
            {"title": "Hello", "is_preview": True, "is_required": False},
            headers={"If-Match": '"v1"'},
        )
        late_too = me.patch(f"courses/lessons/{lesson_id}/", {"title": "Late"}, headers={"If-Match": '"v1"'})

        assert (module.status, module.json["title"], module.headers["ETag"]) == (200, "Basics", '"v2"')
        assert (lesson.json["title"], lesson.json["is_preview"], lesson.json["is_required"]) == ("Hello", True, False)
        assert [(x.status, x.json["code"]) for x in (late, late_too)] == [(412, "lost_update")] * 2
        assert shape(course.id) == [("Basics", ["Hello"])]

    def test_what_only_the_house_decides_cannot_be_set(self, as_user, author):
        course = make_course(author=author, lessons=1)
        before = courses.get_outline(course_id=course.id)
        forged = {"position": 9, "version": 9, "needs_quiz": True, "removed_at": "2020-01-01", "module": str(uuid4())}

        assert as_user(author).patch(f"courses/lessons/{before.lessons[0].id}/", forged).status == 200
        assert as_user(author).patch(f"courses/modules/{before.modules[0].id}/", {"title": "Module 1", **forged}).json

        assert courses.get_outline(course_id=course.id) == before

    @pytest.mark.parametrize("title", ["", " ", "x" * 201, None])
    def test_a_title_is_needed(self, as_user, author, title):
        course = make_course(author=author, lessons=1)
        before = courses.get_outline(course_id=course.id)
        module_id, lesson_id = module_ids(course.id)[0], lesson_ids(course.id)[0]
        me = as_user(author)

        for answer in (
            me.post(f"courses/{course.id}/modules/", {"title": title}),
            me.patch(f"courses/modules/{module_id}/", {"title": title}),
            me.post(f"courses/modules/{module_id}/lessons/", {"title": title}),
            me.patch(f"courses/lessons/{lesson_id}/", {"title": title}),
        ):
            assert (answer.status, list(answer.json["errors"])) == (400, ["title"])
        assert courses.get_outline(course_id=course.id) == before

    def test_a_removed_lesson_closes_its_gap_and_keeps_its_row(self, as_user, author, published):
        course = make_course(author=author, lessons=3)
        first, second, third = lesson_ids(course.id)

        assert as_user(author).delete(f"courses/lessons/{second}/").status == 204

        positions = [(x.id, x.position) for x in courses.get_outline(course_id=course.id).lessons]
        assert positions == [(first, 1), (third, 2)]
        assert Lesson.objects.get(id=second).position is None
        assert published(LessonRemoved) == [LessonRemoved(course_id=course.id, lesson_id=second)]
        assert as_user(author).delete(f"courses/lessons/{second}/").status == 404
        assert as_user(author).patch(f"courses/lessons/{second}/", {"title": "Back"}).status == 404

    def test_a_removed_module_takes_its_lessons_with_it(self, as_user, author, published):
        course = make_course(author=author, modules=3, lessons=2)
        second = module_ids(course.id)[1]
        gone = lesson_ids(course.id)[2:4]

        assert as_user(author).delete(f"courses/modules/{second}/").status == 204

        assert shape(course.id) == [
            ("Module 1", ["Lesson 1.1", "Lesson 1.2"]),
            ("Module 3", ["Lesson 3.1", "Lesson 3.2"]),
        ]
        assert [m.position for m in courses.get_outline(course_id=course.id).modules] == [1, 2]
        assert [fact.lesson_id for fact in published(LessonRemoved)] == gone
        assert as_user(author).post(f"courses/modules/{second}/lessons/", {"title": "New"}).status == 404

    def test_a_published_course_keeps_a_lesson(self, as_user, author):
        course = make_course(author=author, lessons=1)
        before = courses.get_outline(course_id=course.id)

        for path in (f"courses/lessons/{before.lessons[0].id}/", f"courses/modules/{before.modules[0].id}/"):
            answer = as_user(author).delete(path)
            assert (answer.status, answer.json["code"]) == (409, "course_has_no_lessons")
        assert courses.get_outline(course_id=course.id) == before

    def test_a_draft_may_lose_its_last_lesson(self, as_user, author):
        course = make_course(author=author, lessons=1, published=False)

        assert as_user(author).delete(f"courses/lessons/{lesson_ids(course.id)[0]}/").status == 204
        assert shape(course.id) == [("Module 1", [])]

    def test_reordering_moves_lessons_between_modules(self, as_user, author):
        course = make_course(author=author, modules=2, lessons=2)
        (first, (a, b)), (second, (c, d)) = order_of(course.id)

        answer = as_user(author).post(
            f"courses/{course.id}/reorder/",
            as_json([(second, [d, a]), (first, [c, b])]),
            headers={"If-Match": f'"v{course.version}"'},
        )

        assert answer.status == 200
        assert shape(course.id) == [
            ("Module 2", ["Lesson 2.2", "Lesson 1.1"]),
            ("Module 1", ["Lesson 2.1", "Lesson 1.2"]),
        ]
        assert answer.headers["ETag"] == f'"v{course.version + 1}"'

    def test_reordering_needs_everything_once_and_nothing_else(self, as_user, author):
        course, other = make_course(author=author, modules=2, lessons=2), make_course(author=author)
        before = courses.get_outline(course_id=course.id)
        (first, (a, b)), (second, (c, d)) = order_of(course.id)
        foreign_module, foreign_lesson = module_ids(other.id)[0], lesson_ids(other.id)[0]

        for order in (
            [],
            [(first, [a, b])],
            [(first, [a, b]), (second, [c])],
            [(first, [a, b]), (second, [c, d, d])],
            [(first, [a, b]), (first, [c, d])],
            [(first, [a, b]), (second, [c, foreign_lesson])],
            [(first, [a, b]), (foreign_module, [c, d])],
        ):
            answer = as_user(author).post(f"courses/{course.id}/reorder/", as_json(order))
            assert (answer.status, answer.json["code"]) == (409, "outline_mismatch")
        assert courses.get_outline(course_id=course.id) == before

    def test_facts_are_stated_only_while_people_may_have_the_course(self, as_user, author, published):
        course = make_course(author=author, published=False)
        module_id = module_ids(course.id)[0]
        assert published(OutlineChanged) == []

        courses.publish_course(course_id=course.id, by=author.id, now=now())
        as_user(author).post(f"courses/modules/{module_id}/lessons/", {"title": "One more"})
        courses.set_needs_quiz(lesson_id=lesson_ids(course.id)[0], needs_quiz=True, now=now())

        version = courses.get_card(course_id=course.id).version
        assert [fact.version for fact in published(OutlineChanged)] == [version - 2, version - 1, version]
        assert courses.get_lesson(lesson_id=lesson_ids(course.id)[0]).needs_quiz

    def test_a_write_costs_the_same_for_3_lessons_and_for_30(self, as_user, author, queries_of):
        small, large = make_course(author=author, lessons=3), make_course(author=author, lessons=30)
        me = as_user(author)

        def cost(course, call):
            return queries_of(lambda: call(course, lesson_ids(course.id)[0]))

        for call in (
            lambda course, lesson: me.patch(f"courses/lessons/{lesson}/", {"title": "Other"}),
            lambda course, lesson: me.delete(f"courses/lessons/{lesson}/"),
            lambda course, lesson: me.post(
                f"courses/{course.id}/reorder/", as_json([(m, x[::-1]) for m, x in order_of(course.id)])
            ),
        ):
            assert cost(small, call) == cost(large, call)


@pytest.mark.django_db
def test_removed_and_placed_exclude_each_other_in_the_database():
    lesson_id = lesson_ids(make_course().id)[0]

    with pytest.raises(IntegrityError, match="courses_lesson_placed"):
        Lesson.objects.filter(id=lesson_id).update(removed_at=now())


@pytest.mark.django_db
def test_a_course_that_is_no_more_has_no_outline(author):
    draft = make_course(author=author, published=False)
    Course.objects.filter(id=draft.id).update(removed_at=now())

    with pytest.raises(CourseNotFound):
        courses.get_outline(course_id=draft.id)
