"""The lock under which an asset changes."""

from uuid import UUID

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
