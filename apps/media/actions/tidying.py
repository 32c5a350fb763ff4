"""Forgetting what nobody finished or uses."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from apps.media import rules
from apps.media.actions.deleting import forget
from apps.media.actions.locks import lock_asset
from apps.media.errors import AssetInUse, AssetNotFound
from apps.media.models import Asset, Use
from apps.media.types import AssetState

_BATCH = 500


def forget_abandoned(*, now: datetime) -> int:
    """Forgets uploads that nobody completed within a day after their form expired; returns how many.

    The room they were promised is given back. One that is completed meanwhile stays.
    """
    return _forget(lambda: _abandoned(now))


def forget_unused(*, now: datetime) -> int:
    """Forgets assets that nothing has used for 30 days, those rejected among them; returns how many.

    One that comes into use meanwhile stays. The store's own sweep takes the bytes where nothing else names them.
    """
    return _forget(lambda: _unused(now))


def _forget(due: Callable[[], QuerySet[Asset]]) -> int:
    return sum(_forget_one(asset_id, due=due) for asset_id in _in_batches(due))


def _in_batches(due: Callable[[], QuerySet[Asset]]) -> Iterator[UUID]:
    """The keys of all that are due, read while those before them go."""
    after = UUID(int=0)
    while batch := due().filter(id__gt=after).order_by("id").values_list("id", flat=True)[:_BATCH]:
        yield from batch
        after = batch[len(batch) - 1]


def _forget_one(asset_id: UUID, *, due: Callable[[], QuerySet[Asset]]) -> bool:
    try:
        with transaction.atomic():
            asset = lock_asset(asset_id, to_delete=True)
            # What was due a moment ago may have been completed, or come into use, before it was locked.
            if is_due := due().filter(id=asset_id).exists():
                forget(asset)
            return is_due
    except (AssetNotFound, AssetInUse):  # deleted since; or held by a foreign key alone, which an invariant tells
        return False


def _abandoned(now: datetime) -> QuerySet[Asset]:
    return Asset.objects.filter(completed_at__isnull=True, form_expires_at__lt=now - rules.KEPT_UNFINISHED)


def _unused(now: datetime) -> QuerySet[Asset]:
    is_used = Exists(Use.objects.filter(asset=OuterRef("id")))
    idle = Asset.objects.alias(idle_since=Coalesce("released_at", "created_at"))
    return idle.exclude(state=AssetState.PENDING).filter(~is_used, idle_since__lt=now - rules.KEPT_UNUSED)
