"""What uses an asset: noted in the transaction of what shows it, so that nobody deletes it meanwhile."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.media.actions.locks import share_assets
from apps.media.errors import AssetNotFound
from apps.media.models import Asset, Use
from apps.media.types import Holder


@transaction.atomic
def attach(*, asset_ids: Collection[UUID], holder: Holder) -> None:
    """Notes that the holder shows these assets; harmless twice.

    Shares the assets' locks: who deletes one waits, and then finds it used. Raises AssetNotFound for one that is gone.
    """
    wanted = set(asset_ids)
    if not wanted:
        return
    if share_assets(wanted) != wanted:
        raise AssetNotFound
    uses = [Use(asset_id=asset_id, kind=holder.kind, holder_id=holder.id) for asset_id in sorted(wanted)]
    Use.objects.bulk_create(uses, ignore_conflicts=True)


@transaction.atomic
def attach_only(*, asset_ids: Collection[UUID], holder: Holder, now: datetime) -> None:
    """Notes that the holder shows these assets and no others; raises AssetNotFound for one that is gone."""
    held = set(_uses_of(holder).values_list("asset_id", flat=True))
    attach(asset_ids=set(asset_ids) - held, holder=holder)
    if gone := held - set(asset_ids):
        _let_go(gone, holder=holder, now=now)


@transaction.atomic
def detach(*, holder: Holder, now: datetime) -> None:
    """Notes that the holder shows nothing any more; no effect where it showed nothing."""
    if held := set(_uses_of(holder).values_list("asset_id", flat=True)):
        _let_go(held, holder=holder, now=now)


def _let_go(asset_ids: Collection[UUID], *, holder: Holder, now: datetime) -> None:
    _uses_of(holder).filter(asset_id__in=asset_ids).delete()
    # In one order, so that two who let go of the same assets do not wait for each other.
    locked = Asset.objects.filter(id__in=asset_ids).select_for_update(no_key=True).order_by("id")
    Asset.objects.filter(id__in=list(locked.values_list("id", flat=True))).update(released_at=now)


def _uses_of(holder: Holder) -> QuerySet[Use]:
    return Use.objects.filter(kind=holder.kind, holder_id=holder.id)
