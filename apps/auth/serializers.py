"""Shapes of auth, in and out."""

from rest_framework import serializers

from apps.auth.types import ACCESS_LIFETIME


class CredentialsIn(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class RegisterIn(CredentialsIn):
    display_name = serializers.CharField(max_length=120)
    locale = serializers.CharField(max_length=7, default="en")
    time_zone = serializers.CharField(max_length=64, default="UTC")
    terms_version = serializers.RegexField(
        r"^[\w.-]+$", max_length=32, help_text="The terms of use that the person has accepted."
    )


class RefreshIn(serializers.Serializer):
    refresh = serializers.CharField(max_length=512)


class TokensOut(serializers.Serializer):
    access = serializers.CharField(help_text="For `Authorization: Bearer`.")
    refresh = serializers.CharField(help_text="Used once, it gives the next pair.")
    expires_in = serializers.SerializerMethodField(help_text="Seconds that the access token lives.")

    def get_expires_in(self, tokens: object) -> int:
        return int(ACCESS_LIFETIME.total_seconds())


class NewUserOut(serializers.Serializer):
    id = serializers.UUIDField()
    display_name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    is_verified = serializers.BooleanField()
    locale = serializers.CharField()
    time_zone = serializers.CharField()


class RegisteredOut(TokensOut):
    user = NewUserOut()


class SessionOut(serializers.Serializer):
    id = serializers.UUIDField()
    user_agent = serializers.CharField()
    network = serializers.CharField(help_text="The network it was opened from, shortened.")
    started_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(help_text="When it was opened, or its tokens were last refreshed.")
    last_seen_at = serializers.DateTimeField(
        help_text="Its last request, to the minute; `last_used_at`, minutes earlier at most, where no Redis tells it."
    )
    expires_at = serializers.DateTimeField()
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, session: object) -> bool:
        return getattr(session, "id", None) == self.context.get("current")


class KeyOut(serializers.Serializer):
    kid = serializers.CharField()
    kty = serializers.CharField()
    use = serializers.CharField()
    alg = serializers.CharField()
    n = serializers.CharField()
    e = serializers.CharField()


class KeysOut(serializers.Serializer):
    keys = KeyOut(many=True)
