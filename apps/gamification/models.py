"""The tables of gamification: the ledger of points, and what is kept in step with it."""

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.gamification.types import PointRule
from learninghub.db import BaseModel

EVERYWHERE = UUID(int=0)  # the scope of a board that is not of one course
ALWAYS = 0  # the week of a board that is not of one week


class Player(models.Model):
    """A learner's choice to be shown; the row is locked by whatever changes their points."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+")
    on_leaderboard = models.BooleanField(default=True)


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
