"""Loading the demo: people, shelves, courses, learners at different points, and what they say."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.assessments import api as assessments
from apps.certificates import api as certificates
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.types import Source
from apps.gamification import api as gamification
from apps.reviews import api as reviews
from apps.users import api as users
from config.demo import people
from config.demo.courses import CATEGORIES, add_course, right_answers, sources
from config.demo.reviews import ANSWER, ANSWERED, REVIEWS
from config.demo.rewards import REWARDS

COMPLETED = "Learning to learn"
STEPS = (1, 2, 3)  # how many lessons the other learners have taken in each of their courses


@transaction.atomic
def load(*, now: datetime) -> bool:
    """Loads the whole demo in one transaction; does nothing, and says so, where its staff account is known already."""
    if users.find_by_email(email=people.STAFF.email):
        return False
    staff = people.welcome(people.STAFF, now=now)
    instructor = people.welcome(people.INSTRUCTOR, now=now)
    for slug, name in CATEGORIES.items():
        courses.add_category(slug=slug, name=name, by=staff, now=now)
    for reward in REWARDS:
        gamification.add_reward(**reward, by=staff, now=now)
    made = [(source, add_course(source, by=instructor, now=now)) for source in sources()]
    free = [(source, course_id) for source, course_id in made if source["price_amount"] == 0]
    learner = people.welcome(people.LEARNER, now=now)
    for source, course_id in free:
        if source["title"] == COMPLETED:
            _take(learner, source, course_id, lessons=None, now=now)
    said = []
    for person, steps, (rating, text) in zip(people.OTHERS, STEPS, REVIEWS, strict=True):
        user_id = people.welcome(person, now=now)
        for source, course_id in free[:steps]:
            _take(user_id, source, course_id, lessons=steps, now=now)
        said.append(reviews.post_review(course_id=free[0][1], rating=rating, text=text, by=user_id, now=now))
    reviews.reply(review_id=said[ANSWERED], text=ANSWER, by=instructor, now=now)
    return True


def find_certificate_code() -> str | None:
    """The code of the demo learner's certificate, once it has been issued."""
    learner, instructor = (users.find_by_email(email=who.email) for who in (people.LEARNER, people.INSTRUCTOR))
    if learner is None or instructor is None:
        return None
    taught = courses.list_taught(user_id=instructor.id)
    found = (certificates.find_for_course(user_id=learner.id, course_id=course_id) for course_id in taught)
    return next((certificate.code for certificate in found if certificate), None)


def _take(user_id: UUID, source: dict[str, Any], course_id: UUID, *, lessons: int | None, now: datetime) -> None:
    """Enrols the learner and has them take the first lessons (None: all), passing the quizzes on the way."""
    enrollment = enrollments.enrol(user_id=user_id, course_id=course_id, source=Source.FREE, now=now)
    outline = courses.get_outline(course_id=course_id)
    quizzes = assessments.find_quizzes(lesson_ids=[lesson.id for lesson in outline.lessons])
    for lesson in outline.lessons[:lessons]:
        if quiz := quizzes.get(lesson.id):
            answers = right_answers(source, title=quiz.title)
            assessments.take_quiz(quiz_id=quiz.id, user_id=user_id, given=answers, now=now)
        enrollments.record_progress(
            enrollment_id=enrollment.id, lesson_id=lesson.id, by=user_id, completed=True, now=now
        )
