"""The shapes of gamification, in and out."""

from rest_framework import serializers

from apps.gamification.types import Period, RedemptionState


class LeaderboardQuery(serializers.Serializer):
    course_id = serializers.UUIDField(required=False, default=None, allow_null=True)
    period = serializers.ChoiceField([*Period], default=Period.ALL)


class LeaderboardPageQuery(LeaderboardQuery):
    cursor = serializers.CharField(required=False, help_text="Where the page starts; taken from `next` or `previous`.")
    page_size = serializers.IntegerField(required=False, default=20, min_value=1, max_value=100)


class SettingsIn(serializers.Serializer):
    on_leaderboard = serializers.BooleanField()


class SettingsOut(serializers.Serializer):
    on_leaderboard = serializers.BooleanField()


class StandingOut(serializers.Serializer):
    points = serializers.IntegerField(help_text="All that was ever earned.")
    balance = serializers.IntegerField(help_text="What is left of them to spend.")
    rank = serializers.IntegerField(allow_null=True, help_text="Everywhere; null without points or when hidden.")
    week_points = serializers.IntegerField()
    week_rank = serializers.IntegerField(allow_null=True)
    weeks_in_a_row = serializers.IntegerField(help_text="The longest run of weeks with points.")
    badges = serializers.IntegerField()
    on_leaderboard = serializers.BooleanField()


class PlaceOut(serializers.Serializer):
    points = serializers.IntegerField()
    rank = serializers.IntegerField(allow_null=True)


class RankedLearnerOut(serializers.Serializer):
    rank = serializers.IntegerField()
    user_id = serializers.UUIDField()
    name = serializers.CharField()
    points = serializers.IntegerField()


class BadgeOut(serializers.Serializer):
    key = serializers.CharField(source="badge.key")
    name = serializers.CharField(source="badge.name")
    description = serializers.CharField(source="badge.description")
    progress = serializers.IntegerField()
    goal = serializers.IntegerField(source="badge.goal")
    earned_at = serializers.DateTimeField(allow_null=True)


class BadgesOut(serializers.Serializer):
    results = BadgeOut(many=True)


class LeaderboardOut(serializers.Serializer):
    next = serializers.CharField(allow_null=True, help_text="The address of the next page.")
    previous = serializers.CharField(allow_null=True)
    results = RankedLearnerOut(many=True)
    me = PlaceOut(help_text="The caller's own place on this board.")


class RewardIn(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(default="", allow_blank=True, max_length=500)
    cost = serializers.IntegerField(help_text="In points.")
    stock = serializers.IntegerField(default=None, allow_null=True, help_text="Null: no end of them.")
    opens_at = serializers.DateTimeField(default=None, allow_null=True, help_text="Null: now.")
    closes_at = serializers.DateTimeField(default=None, allow_null=True, help_text="Null: never.")


class RewardOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    cost = serializers.IntegerField(help_text="In points.")
    left = serializers.IntegerField(allow_null=True, help_text="Null: no end of them.")
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)


class RedemptionOut(serializers.Serializer):
    id = serializers.UUIDField()
    reward_id = serializers.UUIDField()
    reward = serializers.CharField(source="reward.name")
    points = serializers.IntegerField()
    state = serializers.ChoiceField([*RedemptionState])
    redeemed_at = serializers.DateTimeField()
    reversed_at = serializers.DateTimeField(allow_null=True)


class ReversalIn(serializers.Serializer):
    note = serializers.CharField(max_length=500, help_text="For the audit log.")
