"""Telling that an asset is ready."""

from apps.media.events import AssetReady
from apps.media.models import Asset
from learninghub.jobs import enqueue
from learninghub.outbox import publish


def announce_ready(asset: Asset) -> None:
    """States the fact, and has a picture's sizes made, in the caller's transaction."""
    publish(AssetReady(asset_id=asset.id, owner_id=asset.owner_id))
    if asset.width:
        enqueue("media.render", asset.id)
