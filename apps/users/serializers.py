"""Shapes of users, in and out."""

from rest_framework import serializers

from apps.media import api as media
from apps.users.models import User
from apps.users.types import Profile

# Beyond what is ever allowed, so that the rule answers and not the form; below what would be worth hashing.
PASSWORD_LONGEST = 1024


class PictureOut(serializers.Serializer):
    avatar_id = serializers.UUIDField(allow_null=True)
    avatar_url = serializers.SerializerMethodField()

    def get_avatar_url(self, user: User | Profile) -> str | None:
        return media.public_url(asset_id=user.avatar_id, rendition="thumb") if user.avatar_id else None


class MeOut(PictureOut):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    display_name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    is_verified = serializers.BooleanField()
    locale = serializers.CharField()
    time_zone = serializers.CharField()
    terms_version = serializers.CharField()
    joined_at = serializers.DateTimeField(source="created_at")


class ProfileIn(serializers.Serializer):
    display_name = serializers.CharField(max_length=120, required=False)
    avatar_id = serializers.UUIDField(allow_null=True, required=False)


class PreferencesShape(serializers.Serializer):
    locale = serializers.CharField(max_length=7, help_text="As in “en” or “de-AT”.")
    time_zone = serializers.CharField(max_length=64, help_text="As in “Europe/Berlin”.")


class PasswordChangeIn(serializers.Serializer):
    current_password = serializers.CharField(max_length=PASSWORD_LONGEST, trim_whitespace=False)
    new_password = serializers.CharField(max_length=PASSWORD_LONGEST, trim_whitespace=False)


class EmailChangeIn(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(
        max_length=PASSWORD_LONGEST, trim_whitespace=False, help_text="The current password, to be sure who asks."
    )


class TokenIn(serializers.Serializer):
    token = serializers.CharField(max_length=512, help_text="From the mailed link.")


class ResetIn(serializers.Serializer):
    email = serializers.EmailField(max_length=254)


class ResetConfirmIn(TokenIn):
    password = serializers.CharField(max_length=PASSWORD_LONGEST, trim_whitespace=False)


class ProfileOut(PictureOut):
    id = serializers.UUIDField()
    display_name = serializers.CharField()
    is_instructor = serializers.BooleanField()
    joined_at = serializers.DateTimeField()
