"""How much of their quota people have used: a sum kept in the transaction of each asset that comes or goes."""

from uuid import UUID

from django.db.models import F

from apps.media import rules
from apps.media.errors import QuotaExceeded
from apps.media.models import Asset, Usage
from apps.media.types import AssetState


def take(*, owner_id: UUID, size: int, limit: int | None) -> None:
    """Adds to what the owner uses, in the caller's transaction; their row is locked from here on.

    Raises QuotaExceeded where that would be more than the limit.
    """
    Usage.objects.bulk_create([Usage(owner_id=owner_id)], ignore_conflicts=True)
    own = Usage.objects.filter(owner_id=owner_id)
    fitting = own if limit is None else own.filter(used__lte=limit - size)
    if not fitting.update(used=F("used") + size):
        used = own.values_list("used", flat=True).get()
        raise QuotaExceeded(rules.quota_words(used=used, limit=limit or 0, size=size), used=used, limit=limit)


def give_back(asset: Asset) -> None:
    """Takes the asset from what its owner uses, unless it was rejected and so given back already."""
    if asset.state != AssetState.REJECTED:
        Usage.objects.filter(owner_id=asset.owner_id).update(used=F("used") - asset.size)
