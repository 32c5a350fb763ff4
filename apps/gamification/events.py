"""What gamification states."""

from uuid import UUID

from learninghub.events import event


@event("gamification.badge_earned.v1", key="user_id")
class BadgeEarned:
    """A learner earned a badge, which happens once."""

    user_id: UUID
    badge: str
    name: str
