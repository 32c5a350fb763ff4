"""The door of media: files kept and handed out. Who may see one is for the asker to decide."""

from datetime import datetime
from typing import IO
from uuid import UUID

from apps.media import actions, queries
from apps.media.actions import attach, attach_only, detach
from apps.media.queries import get_asset, get_assets, open_asset, public_url, signed_url, signed_urls
from apps.media.types import Asset, Purpose

__all__ = [
    "attach",
    "attach_only",
    "detach",
    "get_asset",
    "get_assets",
    "open_asset",
    "public_url",
    "signed_url",
    "signed_urls",
    "store",
]


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

    `content` is bytes or a file that can seek. Raises EmptyFile, for pictures also UnreadablePicture, PictureTooLarge.
    """
    return queries.as_asset(
        actions.store(
            content=content, filename=filename, owner_id=owner_id, now=now, is_public=is_public, purpose=purpose
        )
    )
