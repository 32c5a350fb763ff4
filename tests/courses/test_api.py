"""The door of courses, as content, enrollments and assessments use it."""

from uuid import uuid4

import pytest

from apps.courses import api as courses
from apps.courses.errors import CourseNotFound, LessonNotFound
from apps.courses.events import CoursePublished, OutlineChanged
from learninghub.clock import now
from tests.support.courses import lesson_ids, make_course, module_ids
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def test_a_course_is_made_outlined_and_published_through_the_door(published):
    course = make_course(modules=2, lessons=2, title="Python from zero", price_amount=4900)

    assert (course.title, course.price_amount, course.currency) == ("Python from zero", 4900, "EUR")
    assert course.state == "published"
    outline = courses.get_outline(course_id=course.id)
    assert [(m.title, m.position, [(x.title, x.position) for x in m.lessons]) for m in outline.modules] == [
        ("Module 1", 1, [("Lesson 1.1", 1), ("Lesson 1.2", 2)]),
        ("Module 2", 2, [("Lesson 2.1", 1), ("Lesson 2.2", 2)]),
    ]
    assert outline.version == course.version
    assert published(CoursePublished) == [
        CoursePublished(course_id=course.id, author_id=course.author_id, title="Python from zero")
    ]
    assert published(OutlineChanged) == [OutlineChanged(course_id=course.id, version=course.version)]


def test_reads_by_the_batch_leave_out_what_nobody_knows(queries_of):
    known = [make_course(lessons=1) for _ in range(3)]
    lessons = [lesson_ids(course.id)[0] for course in known]

    assert courses.get_cards(ids=[*(course.id for course in known), uuid4()]) == {x.id: x for x in known}
    assert courses.get_lessons(ids=[*lessons, uuid4()]).keys() == set(lessons)
    assert queries_of(lambda: courses.get_cards(ids=[course.id for course in known])) == 1
    assert queries_of(lambda: courses.get_lessons(ids=lessons)) == 1


def test_single_reads_name_what_is_missing():
    with pytest.raises(CourseNotFound):
        courses.get_card(course_id=uuid4())
    with pytest.raises(CourseNotFound):
        courses.get_outline(course_id=uuid4())
    with pytest.raises(LessonNotFound):
        courses.get_lesson(lesson_id=uuid4())


def test_a_removed_lesson_stays_known_and_leaves_the_outline():
    course = make_course(lessons=3)
    first, second, third = lesson_ids(course.id)

    courses.remove_lesson(lesson_id=second, by=course.author_id, now=now())

    lesson = courses.get_lesson(lesson_id=second)
    assert (lesson.is_removed, lesson.course_id, lesson.course_state) == (True, course.id, "published")
    outline = courses.get_outline(course_id=course.id)
    assert [(x.id, x.position) for x in outline.lessons] == [(first, 1), (third, 2)]


def test_every_write_is_a_no_op_when_nothing_changes(published):
    course = make_course(modules=2, lessons=2, category_slugs=[])
    module_id, lesson_id = module_ids(course.id)[0], lesson_ids(course.id)[0]
    outline = courses.get_outline(course_id=course.id)
    facts = len(published(OutlineChanged)), len(published(CoursePublished))
    who = {"by": course.author_id, "now": now()}

    courses.edit_course(course_id=course.id, **who, title=course.title, summary=course.summary, category_slugs=[])
    courses.edit_module(module_id=module_id, title="Module 1", **who)
    courses.edit_lesson(lesson_id=lesson_id, title="Lesson 1.1", is_preview=False, is_required=True, **who)
    courses.set_needs_quiz(lesson_id=lesson_id, needs_quiz=False, now=now())
    courses.reorder(course_id=course.id, modules=[(m.id, [x.id for x in m.lessons]) for m in outline.modules], **who)
    courses.set_cover(course_id=course.id, asset_id=None, **who)
    courses.publish_course(course_id=course.id, **who)

    assert courses.get_card(course_id=course.id) == course
    assert courses.get_outline(course_id=course.id) == outline
    assert (len(published(OutlineChanged)), len(published(CoursePublished))) == facts


def test_who_teaches():
    author, stranger = make_person(roles={"instructor"}), make_person(roles={"instructor"})
    course, draft = make_course(author=author), make_course(author=author, published=False)

    assert courses.teaches(user_id=author.id, course_id=course.id)
    assert not courses.teaches(user_id=stranger.id, course_id=course.id)
    assert courses.list_taught(user_id=author.id) == [course.id, draft.id]
    assert courses.list_taught(user_id=stranger.id) == []
