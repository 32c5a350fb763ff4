"""What assessments hears."""

from apps.assessments.actions import grading, quizzes
from apps.courses.events import LessonRemoved
from apps.enrollments.events import AccessRevoked
from learninghub.clock import now
from learninghub.events import handles


@handles(LessonRemoved)
def remove_the_quiz(event: LessonRemoved) -> None:
    quizzes.remove_quiz_of_lesson(lesson_id=event.lesson_id, now=now())


@handles(AccessRevoked)
def close_open_attempts(event: AccessRevoked) -> None:
    grading.close_attempts_of_learner(user_id=event.user_id, course_id=event.course_id, now=now())
