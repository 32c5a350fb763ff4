"""A learner's day in the demo: lessons, reviews, rewards, news, and money that goes back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.assessments import api as assessments
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.types import Source
from apps.gamification import api as gamification
from apps.notifications import api as notifications
from apps.payments import api as payments
from apps.payments.types import OrderState
from apps.reviews import api as reviews
from apps.reviews.errors import AlreadyReviewed
from apps.reviews.types import Reason
from config.demo.courses import right_answers, sources
from config.demo.people import INSTRUCTOR, STAFF
from config.demo.story import Learner, Opinion, Return, address_of
from learninghub.clock import now

Ids = Mapping[str, UUID]


def spend_day(learner: Learner, day: int, *, people: Ids, taught: Ids) -> None:
    """Does what the learner's plan has for this day, one thing after the other; harmless twice.

    Of a course that they did not come to buy, they neither take lessons nor speak.
    """
    user_id = people.get(learner.person.email)
    if user_id is None:
        return
    for returned in (one for one in learner.returns if one.on == day):
        _give_back(returned, user_id=user_id, course_id=taught[returned.course], staff=people[STAFF.email])
    for name, on in learner.takes.items():
        if day in on:
            lessons = sum(taken >= day for taken in on)
            _study(name, lessons, course_id=taught[name], user_id=user_id, errs=learner.errs)
    for said in (one for one in learner.says if one.on == day):
        _say(said, course_id=taught[said.course], user_id=user_id, people=people)
    for reward_id in (gamification.find_reward(name=name) for name, on in learner.redeems.items() if on == day):
        if reward_id and not gamification.has_redeemed(user_id=user_id, reward_id=reward_id):
            gamification.redeem(reward_id=reward_id, by=user_id, now=now())
    if learner.reads == day:
        notifications.mark_all_read(user_id=user_id, now=now())


def _study(name: str, lessons: int, *, course_id: UUID, user_id: UUID, errs: bool) -> None:
    """Enrols them where that is free, and takes the lessons up to the number that are still to be taken."""
    enrollment = enrollments.find_enrollment(user_id=user_id, course_id=course_id)
    if enrollment is None and sources()[name]["price_amount"] == 0:
        enrollment = enrollments.enrol(user_id=user_id, course_id=course_id, source=Source.FREE, now=now())
    if enrollment is None:
        return
    outline = courses.get_outline(course_id=course_id)
    for lesson in outline.lessons[enrollment.completed_lessons : lessons]:
        _take(lesson.id, sources()[name], enrollment_id=enrollment.id, user_id=user_id, errs=errs)


def _take(lesson_id: UUID, source: dict[str, Any], *, enrollment_id: UUID, user_id: UUID, errs: bool) -> None:
    """Passes the lesson's quiz on the way; who errs has failed it first."""
    if quiz := assessments.find_quiz(lesson_id=lesson_id):
        right = right_answers(source, title=quiz.title)
        for given in ({}, right) if errs else (right,):
            assessments.take_quiz(quiz_id=quiz.id, user_id=user_id, given=given, now=now())
    enrollments.record_progress(enrollment_id=enrollment_id, lesson_id=lesson_id, by=user_id, completed=True, now=now())


def _say(said: Opinion, *, course_id: UUID, user_id: UUID, people: Ids) -> None:
    if not enrollments.has_access(user_id=user_id, course_id=course_id):
        return
    try:
        review_id = reviews.post_review(course_id=course_id, rating=said.stars, text=said.text, by=user_id, now=now())
    except AlreadyReviewed:  # a start that was cut short got as far, and the talk about it ends there
        return
    if said.answer:
        reviews.reply(review_id=review_id, text=said.answer, by=people[INSTRUCTOR.email], now=now())
    for name, reason in said.reports.items():
        by = people[address_of(name)]
        reviews.report_review(review_id=review_id, reason=Reason(reason), note="", by=by, now=now())
    if said.hidden_for:
        staff, reason = people[STAFF.email], Reason(said.hidden_for)
        reviews.hide_review(review_id=review_id, reason=reason, note="Sells followers.", by=staff, now=now())


def _give_back(returned: Return, *, user_id: UUID, course_id: UUID, staff: UUID) -> None:
    order = payments.find_order(user_id=user_id, course_id=course_id)
    if order is None or order.state != OrderState.PAID or not order.is_whole:
        return
    if returned.part is None:
        payments.give_back(order_id=order.id, by=user_id, now=now())
    else:
        payments.refund(order_id=order.id, amount=returned.part, by=staff, now=now())
