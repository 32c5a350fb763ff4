"""The tables of gamification: the ledger of points, and what is kept in step with it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.gamification.types import PointRule, RedemptionState
from learninghub.db import BaseModel

EVERYWHERE = UUID(int=0)  # the scope of a board that is not of one course
ALWAYS = 0  # the week of a board that is not of one week


class Player(models.Model):
    """A learner's choice to be shown, and what they have spent; locked by whatever changes their points."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+")
    on_leaderboard = models.BooleanField(default=True)
    spent = models.PositiveIntegerField(default=0)


class PointEntry(BaseModel):
    """Points given once for one thing; never changed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=32, choices=[(rule, rule) for rule in PointRule])
    source = models.UUIDField()
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    points = models.PositiveIntegerField()
    earned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "rule", "source"], name="gamification_pointentry_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="gamification_pointentry_gives"),
        ]


class StandingQuerySet(models.QuerySet["Standing"]):
    def board(self, *, scope: UUID, week: int) -> Self:
        return self.filter(scope=scope, week=week)


class Standing(BaseModel):
    """A learner's points on one board: of a course or everywhere, of an ISO week or always."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    scope = models.UUIDField()
    week = models.PositiveIntegerField()
    points = models.PositiveIntegerField()
    bucket = models.PositiveIntegerField()
    reached_at = models.DateTimeField()
    is_shown = models.BooleanField()

    objects = StandingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "scope", "week"], name="gamification_standing_once"),
        ]
        indexes = [
            models.Index(
                fields=["scope", "week", "-bucket", "-points", "reached_at", "user"],
                name="gamification_standing_board",
                condition=Q(is_shown=True),
            ),
        ]


class Bucket(models.Model):
    """How many shown learners of a board have points within one bucket."""

    scope = models.UUIDField()
    week = models.PositiveIntegerField()
    bucket = models.PositiveIntegerField()
    players = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "week", "bucket"], name="gamification_bucket_once"),
        ]


class Tally(models.Model):
    """How often a learner did what badges count."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    counts = models.CharField(max_length=32)
    value = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "counts"], name="gamification_tally_once"),
        ]


class EarnedBadge(BaseModel):
    """A badge a learner has."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    badge = models.CharField(max_length=32)
    earned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "badge"], name="gamification_earnedbadge_once"),
        ]


class RewardQuerySet(models.QuerySet["Reward"]):
    def offered(self, now: datetime) -> Self:
        return self.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=now), opens_at__lte=now)

    def left(self) -> Self:
        return self.filter(Q(stock__isnull=True) | Q(taken__lt=F("stock")))


class Reward(BaseModel):
    """Something to be had for points while it is offered and there is some left; no stock is no end of it."""

    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    cost = models.PositiveIntegerField()
    stock = models.PositiveIntegerField(null=True)
    taken = models.PositiveIntegerField(default=0)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)

    objects = RewardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cost__gt=0), name="gamification_reward_costs"),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(taken__lte=F("stock")), name="gamification_reward_in_stock"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")), name="gamification_reward_opens"
            ),
        ]
        indexes = [models.Index(fields=["cost", "id"], name="gamification_reward_cheapest")]

    @property
    def left(self) -> int | None:
        return None if self.stock is None else self.stock - self.taken


class Redemption(BaseModel):
    """Points spent once on one reward: the ledger of what is spent; a reversed one spends nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="redemptions")
    points = models.PositiveIntegerField()
    state = models.CharField(
        max_length=8, choices=[(state, state) for state in RedemptionState], default=RedemptionState.REDEEMED
    )
    redeemed_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="gamification_redemption_spends"),
            models.CheckConstraint(
                condition=Q(state=RedemptionState.REDEEMED, reversed_at__isnull=True)
                | Q(state=RedemptionState.REVERSED, reversed_at__isnull=False),
                name="gamification_redemption_reversed_then",
            ),
        ]
        indexes = [models.Index(fields=["user", "-redeemed_at", "-id"], name="gamification_redeemed_newest")]
