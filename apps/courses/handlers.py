"""Facts courses hears, to keep its copies: names of instructors, numbers of learners, ratings."""

from apps.courses.actions import copies
from apps.enrollments.events import AccessRevoked, LearnerEnrolled
from apps.reviews.events import RatingChanged
from apps.users.events import ProfileChanged
from learninghub.events import handles


@handles(ProfileChanged)
def take_over_the_name(event: ProfileChanged) -> None:
    copies.refresh_name(user_id=event.user_id)


@handles(LearnerEnrolled)
def count_one_more(event: LearnerEnrolled) -> None:
    copies.count_learners(course_id=event.course_id, change=1)


@handles(AccessRevoked)
def count_one_less(event: AccessRevoked) -> None:
    copies.count_learners(course_id=event.course_id, change=-1)


@handles(RatingChanged)
def take_over_the_rating(event: RatingChanged) -> None:
    copies.take_rating(course_id=event.course_id, rating_sum=event.sum, rating_count=event.count, version=event.version)
