"""Storing what another app brings."""

import io
from datetime import datetime
from typing import IO
from uuid import UUID

from django.db import transaction

from apps.media import rules
from apps.media.actions import quota
from apps.media.actions.announcing import announce_ready
from apps.media.errors import EmptyFile, UnreadablePicture
from apps.media.models import Asset
from apps.media.readers import pictures, sniffing
from apps.media.types import AssetState, Purpose
from learninghub.storage import store as bytes_kept


def store(
    *,
    content: bytes | IO[bytes],
    filename: str,
    owner_id: UUID,
    now: datetime,
    is_public: bool = False,
    purpose: Purpose = Purpose.RESOURCE,
) -> Asset:
    """Keeps a file for the owner, ready at once; the same bytes again give the same asset and write nothing.

    Only where nothing has used that asset for long, it counts as let go of now, so that it can be attached in peace.
    `content` is bytes or a file that can seek. The type is told from the bytes. Sizes of pictures are made by a job.
    Raises EmptyFile, and for pictures UnreadablePicture and PictureTooLarge.
    """
    content = io.BytesIO(content) if isinstance(content, bytes) else content
    name = rules.clean_filename(filename)
    size = content.seek(0, io.SEEK_END)
    if not size:
        raise EmptyFile
    media_type = sniffing.sniff(content, filename=name)
    measure = pictures.measure(content, media_type=media_type) if media_type in rules.PICTURES else None
    content.seek(0)
    key = bytes_kept.put(content, media_type=media_type)
    with transaction.atomic():
        same = Asset.objects.filter(owner_id=owner_id, sha256=key, is_public=is_public)
        ready = same.filter(state=AssetState.READY).order_by("id").first()
        if ready is not None and _stays(ready, now=now):
            return ready
        asset = Asset(
            owner_id=owner_id,
            purpose=purpose,
            filename=name,
            media_type=media_type,
            size=size,
            sha256=key,
            state=AssetState.READY,
            is_public=is_public,
            completed_at=now,
        )
        if measure is not None:
            asset.width, asset.height, asset.is_animated = measure.width, measure.height, measure.is_animated
        # Two at once: the second waits for the first and finds its row.
        Asset.objects.bulk_create([asset], ignore_conflicts=True)
        kept = same.filter(form_expires_at__isnull=True).get()
        if kept.state == AssetState.REJECTED:
            raise UnreadablePicture
        if kept.id == asset.id:
            quota.take(owner_id=owner_id, size=size, limit=None)  # the asker decided that it is kept
            announce_ready(kept)
        return kept


def _stays(asset: Asset, *, now: datetime) -> bool:
    """Whether the asset is still there, and not about to be forgotten as unused."""
    if (asset.released_at or asset.created_at) > now - rules.KEPT_UNUSED / 2:
        return True
    return bool(Asset.objects.filter(id=asset.id).update(released_at=now))
