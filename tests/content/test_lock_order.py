"""A course that is imported again while its quiz is edited, with a control in which neither holds the course first."""

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from apps.assessments import api as assessments
from apps.assessments.actions.quizzes import change_quiz
from apps.content.actions.imports import import_path
from apps.courses import api as courses
from learninghub.clock import now
from tests.support import olx
from tests.support.courses import lesson_ids
from tests.support.meeting import begin
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)

QUIZ = """<problem display_name="Q"><p>{asked}</p>
    <stringresponse answer="Michigan" type="ci"><textline/></stringresponse></problem>"""


@pytest.fixture
def meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The lesson has its new name, and its quiz is next; what becomes of the import and of the edit."""
    teacher = make_person(roles={"instructor"})

    def run(title: str, asked: str) -> Any:
        changed = {"vertical/v1.xml": f'<vertical display_name="{title}">{QUIZ.format(asked=asked)}</vertical>'}
        source = olx.write(tmp_path / "course", {**olx.course(), **changed})
        return import_path(path=source, by=teacher.id, now=now())

    course_id = run("Old", "Which?").course_id
    (lesson_id,) = lesson_ids(course_id)
    quiz = assessments.find_quiz(lesson_id=lesson_id)
    sync = assessments.sync_quiz

    def meet() -> list[Any]:
        ends: list[Any] = []

        def sync_after_the_edit(**named: Any) -> Any:
            edit = {"pass_percent": 75}
            ends.append(
                begin(lambda: change_quiz(quiz_id=quiz.id, changes=edit, expected_version=None, now=now()).pass_percent)
            )
            return sync(**named)

        monkeypatch.setattr(assessments, "sync_quiz", sync_after_the_edit)
        try:
            result = run("New", "Which one?").course_id
        except OperationalError as error:
            result = error
        return [result, ends[0](), course_id]

    return meet


def test_waits_and_neither_is_lost(meet: Any) -> None:
    imported, edited, course_id = meet()
    assert (imported, edited) == (course_id, 75)
    (lesson,) = courses.get_outline(course_id=course_id).lessons
    assert (lesson.title, lesson.needs_quiz) == ("Part: New", True)


def test_would_wait_in_a_circle_if_the_quiz_came_first(meet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courses, "hold_course", lambda **_: None)
    imported, edited, _ = meet()
    assert [type(each) for each in (imported, edited)].count(OperationalError) == 1
