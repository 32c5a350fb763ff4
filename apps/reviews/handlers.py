"""What reviews hears."""

from apps.reviews import actions
from apps.users.events import ProfileChanged
from learninghub.events import handles


@handles(ProfileChanged)
def rename_the_author(event: ProfileChanged) -> None:
    actions.rename_author(user_id=event.user_id)
