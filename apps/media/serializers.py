"""Shapes of media over HTTP."""

from rest_framework import serializers

from apps.media.types import AssetState, Purpose, Size


class UploadIn(serializers.Serializer):
    filename = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=1, max_value=2**31, help_text="In bytes, exactly.")
    media_type = serializers.RegexField(r"^[a-z]+/[a-z0-9.+-]+$", max_length=100)
    purpose = serializers.ChoiceField(
        [purpose.value for purpose in Purpose if purpose != Purpose.DOCUMENT],
        default=Purpose.RESOURCE.value,
        help_text="Covers and avatars are pictures that everyone may see.",
    )


class QuotaOut(serializers.Serializer):
    used = serializers.IntegerField(help_text="Bytes of all files, those still awaited included.")
    limit = serializers.IntegerField(allow_null=True, help_text="Bytes; null is no limit.")


class UploadOut(serializers.Serializer):
    asset_id = serializers.UUIDField()
    url = serializers.CharField(help_text="Where to POST a multipart form: the fields, then the file as `file`.")
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]


class CompleteIn(serializers.Serializer):
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False, help_text="Checked when given.")


class FormIn(serializers.Serializer):
    key = serializers.CharField()
    policy = serializers.CharField()
    file = serializers.FileField()


class AssetOut(serializers.Serializer):
    id = serializers.UUIDField()
    owner_id = serializers.UUIDField()
    filename = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes; what it weighs in `media/quota/` unless it was rejected.")
    sha256 = serializers.CharField()
    state = serializers.ChoiceField([(state.value, state.name) for state in AssetState])
    reason = serializers.CharField(help_text="Why it was rejected, as a code: `malware_found`, `type_not_taken`, …")
    is_public = serializers.BooleanField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class OwnAssetOut(AssetOut):
    created_at = serializers.DateTimeField()
    used_by = serializers.ListField(
        child=serializers.CharField(),
        help_text="The kinds of what shows or offers it, as `courses.cover`; while there are any it cannot be deleted.",
    )
    goes_at = serializers.DateTimeField(
        allow_null=True, help_text="When it is deleted unless it is completed or used by then; null is never."
    )


class RenditionOut(serializers.Serializer):
    asset_id = serializers.UUIDField()
    name = serializers.ChoiceField([size.value for size in Size])
    media_type = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    size = serializers.IntegerField()


class AssetDetailOut(AssetOut):
    url = serializers.CharField(allow_null=True, help_text="Holds for about 15 minutes unless the file is public.")
    renditions = RenditionOut(many=True)


class FileQuery(serializers.Serializer):
    rendition = serializers.ChoiceField([size.value for size in Size], required=False)
    filename = serializers.CharField(required=False, max_length=255)
    expires = serializers.IntegerField(required=False)
    signature = serializers.CharField(required=False, max_length=64)
