"""What can go wrong with rewards, by name."""

from learninghub.errors import Conflict, NotFound


class RewardNotFound(NotFound):
    """No such reward is offered now."""


class RedemptionNotFound(NotFound):
    """There is no such redemption."""


class PointsMissing(Conflict):
    """You have not enough points for this reward."""


class SoldOut(Conflict):
    """None of this reward is left."""


class AlreadyReversed(Conflict):
    """The redemption is reversed already."""
