"""Courses for other tests, made through the door."""

from itertools import count
from typing import Any
from uuid import UUID

from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.users.types import Person
from learninghub.clock import now
from tests.support.http import Answer
from tests.support.people import make_person

_numbers = count(1)


def make_course(
    *, author: Person | None = None, published: bool = True, modules: int = 1, lessons: int = 3, **fields: Any
) -> CourseCard:
    """A course with as many lessons in each module; its author is a new instructor unless one is given."""
    number = next(_numbers)
    by = (author or make_person(roles={"instructor"})).id
    course_id = courses.create_course(
        by=by, now=now(), **{"title": f"Course {number}", "summary": f"All about {number}.", **fields}
    )
    for place in range(1, modules + 1):
        module_id = courses.add_module(course_id=course_id, title=f"Module {place}", by=by, now=now())
        for inner_place in range(1, lessons + 1):
            courses.add_lesson(module_id=module_id, title=f"Lesson {place}.{inner_place}", by=by, now=now())
    if published:
        courses.publish_course(course_id=course_id, by=by, now=now())
    return courses.get_card(course_id=course_id)


def lesson_ids(course_id: UUID) -> list[UUID]:
    """The course's lessons, in order."""
    return [lesson.id for lesson in courses.get_outline(course_id=course_id).lessons]


def module_ids(course_id: UUID) -> list[UUID]:
    """The course's modules, in order."""
    return [module.id for module in courses.get_outline(course_id=course_id).modules]


def make_courses(author: Person, *all_fields: dict[str, Any]) -> list[CourseCard]:
    """Courses of one author with a lesson each, in this order."""
    return [make_course(author=author, lessons=1, **fields) for fields in all_fields]


def titles(answer: Answer) -> list[str]:
    """The titles on a page of courses."""
    assert answer.status == 200, answer.text
    return [row["title"] for row in answer.json["results"]]


def order_of(course_id: UUID) -> list[tuple[UUID, list[UUID]]]:
    """The modules with their lessons, as `reorder` takes them."""
    return [(m.id, [x.id for x in m.lessons]) for m in courses.get_outline(course_id=course_id).modules]
