"""Quizzes and their questions as authors and learners see them, and who may see them."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from apps.assessments.errors import QuestionNotFound, QuizNotFound
from apps.assessments.models import Answer, Choice, ExtraTime, Question, Quiz
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from learninghub.http.pagination import Page, PageRequest, paginate

_CHOICES = Prefetch("choices", queryset=Choice.objects.order_by("position", "id"))


def get_quiz(*, quiz_id: UUID) -> Quiz:
    """A quiz that still is; raises QuizNotFound."""
    quiz = Quiz.objects.live().filter(id=quiz_id).first()
    if quiz is None:
        raise QuizNotFound
    return quiz


def find_by_lesson(*, lesson_ids: Collection[UUID]) -> dict[UUID, Quiz]:
    """The quizzes of the lessons; a lesson without one is left out."""
    return {quiz.lesson_id: quiz for quiz in Quiz.objects.live().filter(lesson_id__in=lesson_ids).order_by("id")}


def list_of_course(*, course_id: UUID, page: PageRequest) -> Page[Quiz]:
    """The course's quizzes, oldest first."""
    return paginate(Quiz.objects.live().filter(course_id=course_id), order_by=["id"], page=page)


def list_in_lesson_order(*, course_id: UUID) -> list[Quiz]:
    """The course's quizzes in the order of its lessons, those of lessons no longer in it last."""
    places = {lesson.id: place for place, lesson in enumerate(courses.get_outline(course_id=course_id).lessons)}
    quizzes = Quiz.objects.live().filter(course_id=course_id).order_by("id")
    return sorted(quizzes, key=lambda quiz: places.get(quiz.lesson_id, len(places)))


def with_choices(questions: QuerySet[Question]) -> QuerySet[Question]:
    """The questions with their choices in order, read in one statement more."""
    return questions.prefetch_related(_CHOICES)


def list_questions(*, quiz_id: UUID, page: PageRequest) -> Page[Question]:
    """The questions that a new attempt would be asked, with what is right: for authors."""
    questions = with_choices(Question.objects.live().filter(quiz_id=quiz_id))
    return paginate(questions, order_by=["position", "id"], page=page)


def get_question(*, question_id: UUID) -> Question:
    """A question that is still asked, with its choices; raises QuestionNotFound."""
    question = with_choices(Question.objects.live().filter(id=question_id, quiz__removed_at__isnull=True)).first()
    if question is None:
        raise QuestionNotFound
    return question


def list_asked_ids(*, question_ids: Collection[UUID]) -> set[UUID]:
    """Those of the questions that some attempt was asked, and that therefore are never changed."""
    asked = Answer.objects.filter(question_id__in=question_ids).values_list("question_id", flat=True)
    return set(asked.distinct())


def list_extra_time(*, quiz_id: UUID, page: PageRequest) -> Page[ExtraTime]:
    """Who has more time for the quiz."""
    return paginate(ExtraTime.objects.filter(quiz_id=quiz_id), order_by=["id"], page=page)


def teaches_quiz(*, user_id: UUID, quiz_id: UUID) -> bool:
    """Whether the person is an instructor of the quiz's course."""
    course_id = Quiz.objects.live().filter(id=quiz_id).values_list("course_id", flat=True).first()
    return course_id is not None and courses.teaches(user_id=user_id, course_id=course_id)


def teaches_question(*, user_id: UUID, question_id: UUID) -> bool:
    """Whether the person is an instructor of the course that asks the question."""
    quiz_id = Question.objects.live().filter(id=question_id).values_list("quiz_id", flat=True).first()
    return quiz_id is not None and teaches_quiz(user_id=user_id, quiz_id=quiz_id)


def takes_quiz(*, user_id: UUID, quiz_id: UUID) -> bool:
    """Whether the person may take the quiz's course now."""
    course_id = Quiz.objects.live().filter(id=quiz_id).values_list("course_id", flat=True).first()
    return course_id is not None and enrollments.has_access(user_id=user_id, course_id=course_id)
