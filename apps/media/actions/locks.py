"""The locks under which assets change, are held, and go."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from apps.media.errors import AssetNotFound
from apps.media.models import Asset


def lock_asset(asset_id: UUID, *, owner_id: UUID | None = None, to_delete: bool = False) -> Asset:
    """Locked until the transaction ends, but open to new rows that name it; not to those where it is to be deleted.

    Raises AssetNotFound.
    """
    owned = Asset.objects.filter(owner_id=owner_id) if owner_id else Asset.objects.all()
    asset = owned.select_for_update(no_key=not to_delete).filter(id=asset_id).first()
    if asset is None:
        raise AssetNotFound
    return asset


def share_assets(asset_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the assets that there are; until the transaction ends nobody deletes them, all else may be done."""
    with connection.cursor() as cursor:
        cursor.execute("select id from media_asset where id = any(%s) order by id for key share", [list(asset_ids)])
        return {asset_id for (asset_id,) in cursor.fetchall()}
