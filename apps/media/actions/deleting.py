"""Deleting an asset."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError

from apps.media.actions.locks import lock_asset
from apps.media.actions.quota import give_back
from apps.media.errors import AssetInUse
from apps.media.models import Asset
from learninghub import audit


@transaction.atomic
def delete_asset(*, asset_id: UUID, by: UUID, now: datetime) -> None:
    """Forgets the asset and its sizes; the bytes, which others may share, go when nothing names them any more.

    Locks the asset. Raises AssetNotFound, AssetInUse.
    """
    asset = lock_asset(asset_id, to_delete=True)
    owner_id, filename = asset.owner_id, asset.filename
    forget(asset)
    if by != owner_id:
        audit.record(action="media.asset_deleted", by=by, subject=asset_id, now=now, details={"filename": filename})


def forget(asset: Asset) -> None:
    """Deletes the row of an asset that is locked for it, and gives its room back; raises AssetInUse."""
    used_by = sorted(set(asset.uses.values_list("kind", flat=True)))
    if used_by:
        raise AssetInUse(f"It is used by {', '.join(used_by)}. Take it out there first.", used_by=used_by)
    give_back(asset)
    try:
        asset.delete()
    except ProtectedError as error:
        raise AssetInUse from error
