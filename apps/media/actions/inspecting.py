"""Looking at what was uploaded."""

import hashlib
from datetime import datetime
from typing import IO
from uuid import UUID

import structlog
from django.db import transaction

from apps.media import rules
from apps.media.actions.announcing import announce_ready
from apps.media.actions.locks import lock_asset
from apps.media.actions.rendering import reject
from apps.media.clients import scanner
from apps.media.errors import (
    ChecksumDiffers,
    MalwareFound,
    PictureTooLarge,
    TypeNotTaken,
    UnreadablePicture,
    UploadIncomplete,
)
from apps.media.models import Asset
from apps.media.readers import pictures, sniffing
from apps.media.types import AssetState, Purpose
from learninghub.storage import arrivals
from learninghub.storage import store as bytes_kept

log = structlog.get_logger(__name__)

_CHUNK = 1024 * 1024
_REFUSALS = (ChecksumDiffers, MalwareFound, PictureTooLarge, TypeNotTaken, UnreadablePicture, UploadIncomplete)


def inspect(*, asset_id: UUID, sha256: str = "", now: datetime) -> None:
    """Looks at what arrived, keeps it under its hash and makes the asset ready, or rejects it; harmless twice.

    What is kept are the very bytes that were looked at, whatever a second sending brings meanwhile. Runs outside a
    transaction. Raises ScannerUnavailable and the store's StoreUnavailable, and nothing has changed.
    """
    asset = Asset.objects.filter(id=asset_id, state=AssetState.PENDING, completed_at__isnull=False).first()
    if asset is None:
        return
    try:
        with _arrived(asset) as content:
            _check(asset, content, sha256=sha256)
            content.seek(0)
            asset.sha256 = bytes_kept.put(content, media_type=asset.media_type)
    except _REFUSALS as problem:
        reject(asset_id=asset_id, was=AssetState.PENDING, problem=problem)
    else:
        _make_ready(asset)
    arrivals.delete(str(asset_id))


def _arrived(asset: Asset) -> IO[bytes]:
    try:
        return arrivals.open(str(asset.id))
    except FileNotFoundError as error:
        raise UploadIncomplete from error


def _check(asset: Asset, content: IO[bytes], *, sha256: str) -> None:
    """Puts what the bytes tell into the asset; raises one of `_REFUSALS`, or ScannerUnavailable."""
    if sha256 and _digest(content) != sha256:
        raise ChecksumDiffers
    if malware := scanner.find_malware(content):
        log.warning("media.malware_found", asset_id=str(asset.id), malware=malware)
        raise MalwareFound
    found = sniffing.sniff(content, filename=asset.filename)
    if not rules.fits_announcement(announced=asset.media_type, found=found):
        raise TypeNotTaken
    rules.check_upload(purpose=Purpose(asset.purpose), media_type=found, size=asset.size)
    if found in rules.PICTURES:
        measure = pictures.measure(content, media_type=found)
        pictures.check_whole(content, media_type=found)
        asset.width, asset.height, asset.is_animated = measure.width, measure.height, measure.is_animated
        asset.media_type = found


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


@transaction.atomic
def _make_ready(asset: Asset) -> None:
    if lock_asset(asset.id).state != AssetState.PENDING:
        return
    asset.state = AssetState.READY
    asset.save(update_fields=["sha256", "state", "media_type", "width", "height", "is_animated", "updated_at"])
    announce_ready(asset)
