"""Edits of one outline at once, each with its control without the lock."""

import threading

import pytest
from django.db import IntegrityError, OperationalError

from apps.courses import api as courses
from apps.courses.actions import locks, outline
from apps.courses.models import Course, Module
from learninghub.clock import now
from learninghub.errors import LostUpdate
from tests.support.courses import lesson_ids, make_course, module_ids, order_of


def _without_lock(monkeypatch, runners):
    """Everyone reads before anyone writes, as they would without the lock."""
    everyone_has_read = threading.Barrier(runners)

    def read_only(module_id):
        course = Course.objects.get(modules=module_id)
        module = Module.objects.get(id=module_id)
        return course, module

    def read_course(course_id):
        course = Course.objects.get(id=course_id)
        everyone_has_read.wait()
        return course

    counted = locks.note_outline

    def after_everyone_read(course):
        everyone_has_read.wait()
        counted(course)

    monkeypatch.setattr(outline, "lock_by_module", read_only)
    monkeypatch.setattr(outline, "lock_course", read_course)
    return after_everyone_read


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    RUNNERS = 4

    def add(self, course, module_id):
        return lambda number: courses.add_lesson(
            module_id=module_id, title=f"New {number}", by=course.author_id, now=now()
        )

    def test_lessons_added_at_once_stand_one_after_the_other(self, race):
        course = make_course(lessons=1)
        module_id = module_ids(course.id)[0]

        made = race(self.add(course, module_id), self.RUNNERS)

        lessons = courses.get_outline(course_id=course.id).lessons
        assert sorted(made) == sorted(lesson.id for lesson in lessons[1:])
        assert [lesson.position for lesson in lessons] == [1, 2, 3, 4, 5]
        assert courses.get_card(course_id=course.id).version == course.version + self.RUNNERS

    def test_without_the_lock_they_would_want_the_same_place(self, race, monkeypatch):
        course = make_course(lessons=1)
        module_id = module_ids(course.id)[0]
        monkeypatch.setattr(outline, "note_outline", _without_lock(monkeypatch, 2))

        made = race(self.add(course, module_id), 2)

        # The unique place lets one of them through; the other fails on it, or on waiting for it.
        assert sum(isinstance(result, IntegrityError | OperationalError) for result in made) == 1
        assert len(lesson_ids(course.id)) == 2

    def reorder(self, course, orders):
        return lambda number: courses.reorder(
            course_id=course.id,
            modules=orders[number],
            by=course.author_id,
            now=now(),
            expected_version=course.version,
        )

    def orders(self, course):
        [(module_id, (a, b, c))] = order_of(course.id)
        return [[(module_id, [b, a, c])], [(module_id, [c, b, a])]]

    def test_of_two_orders_one_wins_and_the_other_is_told(self, race):
        course = make_course(lessons=3)
        orders = self.orders(course)

        results = race(self.reorder(course, orders), 2)

        [winner] = [number for number, result in enumerate(results) if result is None]
        assert isinstance(results[1 - winner], LostUpdate)
        assert order_of(course.id) == orders[winner]

    def test_without_the_lock_both_would_believe_they_won(self, race, monkeypatch):
        course = make_course(lessons=3)
        orders = self.orders(course)
        _without_lock(monkeypatch, 2)

        results = race(self.reorder(course, orders), 2)

        assert not any(isinstance(result, LostUpdate) for result in results)
