"""What gamification hears."""

from apps.assessments.events import AttemptGraded
from apps.certificates.events import CertificateIssued
from apps.enrollments.events import CourseCompleted, LearnerEnrolled, LessonCompleted
from apps.gamification import actions
from apps.gamification.types import PointRule
from learninghub.clock import now
from learninghub.events import handles


@handles(LearnerEnrolled)
def reward_the_enrolment(event: LearnerEnrolled) -> None:
    rule, source = PointRule.ENROLLED, event.course_id
    actions.award(user_id=event.user_id, rule=rule, source=source, course_id=event.course_id, now=now())


@handles(LessonCompleted)
def reward_the_lesson(event: LessonCompleted) -> None:
    rule, source = PointRule.LESSON_COMPLETED, event.lesson_id
    actions.award(user_id=event.user_id, rule=rule, source=source, course_id=event.course_id, now=now())


@handles(CourseCompleted)
def reward_the_course(event: CourseCompleted) -> None:
    rule, source, at = PointRule.COURSE_COMPLETED, event.course_id, event.completed_at
    actions.award(user_id=event.user_id, rule=rule, source=source, course_id=event.course_id, now=at)


@handles(AttemptGraded)
def reward_the_attempt(event: AttemptGraded) -> None:
    actions.award_attempt(
        user_id=event.user_id,
        quiz_id=event.quiz_id,
        course_id=event.course_id,
        passed=event.passed,
        score=event.score,
        now=now(),
    )


@handles(CertificateIssued)
def reward_the_certificate(event: CertificateIssued) -> None:
    rule, source = PointRule.CERTIFICATE_EARNED, event.course_id
    actions.award(user_id=event.user_id, rule=rule, source=source, course_id=event.course_id, now=now())
