"""Tables of media: assets, what uses them, and the sizes pictures were made in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from apps.media.types import AssetState, Purpose, Size
from learninghub.db import BaseModel


class Usage(models.Model):
    """How many bytes a person's assets have, those that are still awaited included and those rejected left out."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+")
    used = models.PositiveBigIntegerField(default=0)


class Asset(BaseModel):
    """A file: who it belongs to, what it is for, and the hash its bytes are kept under.

    An upload has a form that expires, and bytes only once they arrived; a file stored by another app has them at once,
    and stands here once for each owner. `released_at` is when something last let go of it.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=10, choices=[(purpose.value, purpose.value) for purpose in Purpose])
    filename = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in AssetState])
    reason = models.CharField(max_length=60, blank=True)
    is_public = models.BooleanField(default=False)
    width = models.IntegerField(null=True, blank=True)
    height = models.IntegerField(null=True, blank=True)
    is_animated = models.BooleanField(default=False)
    form_expires_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "sha256", "is_public"],
                condition=Q(form_expires_at__isnull=True),
                name="media_asset_once_per_owner",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="media_asset_size"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AssetState]), name="media_asset_state"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=[purpose.value for purpose in Purpose]), name="media_asset_purpose"
            ),
            models.CheckConstraint(
                condition=~Q(state=AssetState.READY.value) | Q(sha256__regex="^[0-9a-f]{64}$"),
                name="media_asset_ready_has_bytes",
            ),
            models.CheckConstraint(
                condition=Q(width__isnull=True, height__isnull=True) | Q(width__gt=0, height__gt=0),
                name="media_asset_measure",
            ),
        ]
        indexes = [
            models.Index("sha256", name="media_asset_sha256"),
            models.Index("owner", models.F("id").desc(), name="media_asset_of_owner"),
            models.Index("form_expires_at", condition=Q(completed_at__isnull=True), name="media_asset_awaited"),
            models.Index(Coalesce("released_at", "created_at"), "id", name="media_asset_idle"),
        ]

    def __str__(self) -> str:
        return self.filename


class Use(BaseModel):
    """That something holds an asset: while it shows or offers it, nobody deletes it."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=40)
    holder_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "holder_id", "asset"], name="media_use_once"),
            models.CheckConstraint(condition=Q(kind__regex=r"^[a-z]+\.[a-z]+$"), name="media_use_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.holder_id}"


class Rendition(BaseModel):
    """A picture in one size and one format, without metadata."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=10, choices=[(size.value, size.value) for size in Size])
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField()
    height = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset", "name", "media_type"], name="media_rendition_once"),
            models.CheckConstraint(condition=Q(size__gt=0, width__gt=0, height__gt=0), name="media_rendition_measure"),
            models.CheckConstraint(condition=Q(name__in=[size.value for size in Size]), name="media_rendition_name"),
        ]
        indexes = [models.Index("sha256", name="media_rendition_sha256")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.name} {self.media_type}"
