"""Revenue as it is asked for and shown."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from learninghub.clock import now

_USUAL = timedelta(days=29)
_LONGEST = timedelta(days=365)


class RevenueQuery(serializers.Serializer):
    first = serializers.DateField(required=False, help_text="The first UTC day; 29 days before the last if not given.")
    last = serializers.DateField(required=False, help_text="The last UTC day; today if not given.")
    course_id = serializers.UUIDField(required=False, help_text="One course alone.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        last = attrs.setdefault("last", now().date())
        first = attrs.setdefault("first", last - _USUAL)
        if not timedelta(0) <= last - first <= _LONGEST:
            raise serializers.ValidationError({"first": ["A day in the year before the last one."]})
        return attrs


class RevenueOut(serializers.Serializer):
    """One day in one currency, in minor units: net = gross - refunds - tax - fees."""

    day = serializers.DateField()
    currency = serializers.CharField()
    gross = serializers.IntegerField(help_text="What buyers paid.")
    refunds = serializers.IntegerField(help_text="What went back to them, by us or by their banks.")
    tax = serializers.IntegerField(help_text="The tax in what was paid, less that in refunds.")
    fees = serializers.IntegerField(help_text="What Stripe kept.")
    net = serializers.IntegerField()


class RevenueDaysOut(serializers.Serializer):
    days = RevenueOut(many=True, help_text="Only days on which money moved, the latest first.")
