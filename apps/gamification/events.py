"""What gamification states."""

from uuid import UUID

from learninghub.events import event


@event("gamification.badge_earned.v1", key="user_id")
class BadgeEarned:
    """A learner earned a badge, which happens once."""

    user_id: UUID
    badge: str
    name: str


@event("gamification.reward_reversed.v1", key="redemption_id")
class RewardReversed:
    """Staff took a redemption back; the learner has the points again."""

    redemption_id: UUID
    user_id: UUID
    reward: str
    points: int
