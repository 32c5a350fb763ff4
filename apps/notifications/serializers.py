"""The shapes of notifications."""

from rest_framework import serializers

from apps.notifications import rules
from apps.notifications.types import Channel, Kind

_OPTIONAL = [kind for kind in Kind if rules.POLICIES[kind].duty is None]
_CHANNELS = [*Channel]


class NotificationQuery(serializers.Serializer):
    unread = serializers.BooleanField(default=False, help_text="Only what has not been read.")


class NotificationOut(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[*Kind])
    title = serializers.CharField()
    body = serializers.CharField()
    facts = serializers.DictField(help_text="What the words are made of: ids and names.")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class UnreadCountOut(serializers.Serializer):
    unread = serializers.IntegerField(help_text="At most 100: more is more.")


class ReadAllOut(serializers.Serializer):
    read = serializers.IntegerField(help_text="How many were not read before.")


class PreferenceItem(serializers.Serializer):
    kind = serializers.ChoiceField(choices=_OPTIONAL)
    channel = serializers.ChoiceField(choices=_CHANNELS)
    name = serializers.CharField(
        source="label", read_only=True, help_text="What the kind is called, in the person's language."
    )
    is_on = serializers.BooleanField()


class PreferencesIn(serializers.Serializer):
    preferences = PreferenceItem(many=True, allow_empty=False)


class PreferencesOut(serializers.Serializer):
    preferences = PreferenceItem(many=True)
