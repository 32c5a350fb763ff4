"""What media states."""

from uuid import UUID

from learninghub.events import event


@event("media.asset_ready.v1", key="asset_id")
class AssetReady:
    """A file was checked and may be used."""

    asset_id: UUID
    owner_id: UUID


@event("media.asset_rejected.v1", key="asset_id")
class AssetRejected:
    """A file was refused; the reason is the code of an error of media."""

    asset_id: UUID
    owner_id: UUID
    reason: str
