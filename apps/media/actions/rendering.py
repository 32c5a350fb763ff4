"""Making the sizes of pictures, and rejecting what turns out not to be one."""

from uuid import UUID

from django.db import transaction

from apps.media import rules
from apps.media.actions.locks import lock_asset
from apps.media.actions.quota import give_back
from apps.media.errors import PictureTooLarge, UnreadablePicture
from apps.media.events import AssetRejected
from apps.media.models import Asset, Rendition
from apps.media.readers import pictures
from apps.media.types import AssetState, Size
from learninghub.errors import DomainError
from learninghub.outbox import publish
from learninghub.storage import store as bytes_kept


def make_renditions(*, asset_id: UUID) -> None:
    """Makes the sizes a picture lacks, in WebP and, where it does not move, in AVIF. Harmless twice.

    One whose inside cannot be read is rejected. Raises PicturesUnavailable.
    """
    asset = Asset.objects.filter(id=asset_id, state=AssetState.READY, width__isnull=False).first()
    if asset is None:
        return
    kinds = (rules.WEBP,) if asset.is_animated else (rules.WEBP, rules.AVIF)
    made = set(Rendition.objects.filter(asset=asset).values_list("media_type", "name"))
    for kind, name in [(kind, size) for kind in kinds for size in Size if (kind, size) not in made]:
        try:
            with bytes_kept.open(asset.sha256) as content:
                smaller = pictures.shrink(content, media_type=asset.media_type, edge=rules.EDGES[name], written_as=kind)
        except (UnreadablePicture, PictureTooLarge) as problem:
            reject(asset_id=asset_id, was=AssetState.READY, problem=problem)
            return
        row = Rendition(
            asset=asset,
            name=name,
            media_type=kind,
            size=len(smaller.content),
            sha256=bytes_kept.put(smaller.content, media_type=kind),
            width=smaller.width,
            height=smaller.height,
        )
        Rendition.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def reject(*, asset_id: UUID, was: AssetState, problem: DomainError) -> None:
    """Notes why the asset cannot be used, if it is still what it was. Locks the asset."""
    asset = lock_asset(asset_id)
    if asset.state != was:
        return
    give_back(asset)
    asset.state, asset.reason = AssetState.REJECTED, problem.code()
    asset.save(update_fields=["state", "reason", "updated_at"])
    publish(AssetRejected(asset_id=asset.id, owner_id=asset.owner_id, reason=asset.reason))
