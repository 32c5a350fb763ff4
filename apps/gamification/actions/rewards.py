"""Offering rewards, spending points on them, and taking that back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.gamification import rules
from apps.gamification.actions.points import lock_player
from apps.gamification.errors import AlreadyReversed, PointsMissing, RedemptionNotFound, RewardNotFound, SoldOut
from apps.gamification.events import RewardReversed
from apps.gamification.models import Redemption, Reward
from apps.gamification.queries import count_earned
from apps.gamification.types import RedemptionState
from learninghub import audit
from learninghub.outbox import publish


@transaction.atomic
def add_reward(
    *,
    name: str,
    description: str = "",
    cost: int,
    stock: int | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    by: UUID,
    now: datetime,
) -> UUID:
    """Offers something for points, at once and for ever where nothing else is said; returns its id.

    `stock` is how many there are, None for no end of them. Raises Invalid naming each field at fault.
    """
    offer: dict[str, Any] = {"cost": cost, "stock": stock, "opens_at": opens_at or now, "closes_at": closes_at}
    rules.check_reward(**offer)
    reward = Reward.objects.create(name=name, description=description, **offer)
    audit.record(action="gamification.reward_added", by=by, subject=reward.id, now=now, details={"cost": cost})
    return reward.id


@transaction.atomic
def redeem(*, reward_id: UUID, by: UUID, now: datetime) -> UUID:
    """Spends points on a reward that is offered now; returns the redemption's id.

    What was earned stays earned: boards and badges do not change. Locks the player, then the reward.
    Raises RewardNotFound, PointsMissing, SoldOut.
    """
    reward = Reward.objects.offered(now).filter(id=reward_id).first()
    if reward is None:
        raise RewardNotFound
    player = lock_player(by)
    balance = count_earned(user_id=by) - player.spent
    if balance < reward.cost:
        raise PointsMissing(balance=balance, cost=reward.cost)
    if not Reward.objects.left().filter(id=reward_id).update(taken=F("taken") + 1):
        raise SoldOut
    player.spent += reward.cost
    player.save(update_fields=["spent"])
    return Redemption.objects.create(user_id=by, reward=reward, points=reward.cost, redeemed_at=now).id


@transaction.atomic
def reverse_redemption(*, redemption_id: UUID, note: str, by: UUID, now: datetime) -> None:
    """Gives the points back to the learner and the reward back to the shelf, once.

    The note is for the audit log. Locks the player, then the reward. Raises RedemptionNotFound, AlreadyReversed.
    """
    user_id = Redemption.objects.filter(id=redemption_id).values_list("user_id", flat=True).first()
    if user_id is None:
        raise RedemptionNotFound
    player = lock_player(user_id)
    redemption = Redemption.objects.select_related("reward").get(id=redemption_id)
    if redemption.state == RedemptionState.REVERSED:
        raise AlreadyReversed
    redemption.state, redemption.reversed_at = RedemptionState.REVERSED, now
    redemption.save(update_fields=["state", "reversed_at", "updated_at"])
    player.spent -= redemption.points
    player.save(update_fields=["spent"])
    Reward.objects.filter(id=redemption.reward_id).update(taken=F("taken") - 1)
    publish(
        RewardReversed(
            redemption_id=redemption.id, user_id=user_id, reward=redemption.reward.name, points=redemption.points
        )
    )
    audit.record(action="gamification.redemption_reversed", by=by, subject=redemption.id, reason=note, now=now)
