"""What enrollments hears."""

from apps.courses.events import OutlineChanged
from apps.enrollments import actions
from apps.users.events import ProfileChanged
from learninghub.events import handles


@handles(OutlineChanged)
def follow_the_outline(event: OutlineChanged) -> None:
    actions.follow_outline(course_id=event.course_id)


@handles(ProfileChanged)
def rename_the_learner(event: ProfileChanged) -> None:
    actions.rename_learner(user_id=event.user_id)
