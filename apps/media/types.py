"""What passes the door of media: assets and their renditions, plain and frozen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

VIDEOS = frozenset({"video/mp4", "video/webm"})


class AssetState(StrEnum):
    """Whether an asset may be used: still awaited, checked and found good, or refused."""

    PENDING = "pending"
    READY = "ready"
    REJECTED = "rejected"


class Purpose(StrEnum):
    """What an asset is for; it decides which types and sizes are taken and whether everyone may see it."""

    COVER = "cover"
    AVATAR = "avatar"
    RESOURCE = "resource"
    ARCHIVE = "archive"
    DOCUMENT = "document"


class Size(StrEnum):
    """The sizes in which pictures are made, by the length of the longer edge."""

    THUMB = "thumb"
    CARD = "card"
    LARGE = "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A stored file. `sha256` names its bytes; pictures have width and height, rejected files a reason."""

    id: UUID
    owner_id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    state: AssetState
    reason: str
    is_public: bool
    width: int | None
    height: int | None

    @property
    def is_film(self) -> bool:
        """Whether browsers play it in place."""
        return self.media_type in VIDEOS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A picture made smaller, without metadata: in WebP, and in AVIF for clients that take it."""

    asset_id: UUID
    name: str
    media_type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What shows files or offers them: its kind, as app and thing (`courses.cover`), and its id there."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAsset(Asset):
    """A file as its owner sees it: the kinds of what uses it, and when it goes by itself; None is never."""

    created_at: datetime
    used_by: tuple[str, ...]
    goes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Bytes in use, and how many may be; None is no limit."""

    used: int
    limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """Where and with which fields a client posts its file."""

    asset_id: UUID
    url: str
    fields: dict[str, str]
