"""Reads of media: assets, their bytes, and addresses where their bytes can be had."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import IO
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.http import content_disposition_header

from apps.media import models, rules
from apps.media.clients.forms import BASE, signing_key
from apps.media.errors import AddressExpired, AssetNotFound, ForgedAddress, StillRendering
from apps.media.types import Asset, AssetState, OwnAsset, Quota, Rendition, Size
from learninghub.http.pagination import Page, PageRequest, paginate
from learninghub.storage import store


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFile:
    """Bytes to be handed out, what to call them, and whether others would be for a client that takes other formats.

    `address` is where the client has them from the store itself; without one they pass through us.
    """

    key: str
    media_type: str
    filename: str
    size: int
    is_public: bool
    is_one_of_several: bool = False
    address: str | None = None

    @property
    def content_type(self) -> str:
        return rules.handed_out_as(self.media_type)

    @property
    def disposition(self) -> str:
        is_saved = self.media_type not in rules.SHOWN_IN_PLACE
        return content_disposition_header(as_attachment=is_saved, filename=self.filename) or ""


def get_assets(*, ids: Iterable[UUID]) -> dict[UUID, Asset]:
    """These assets; unknown ids are left out."""
    return {asset.id: as_asset(asset) for asset in models.Asset.objects.filter(id__in=list(ids)).order_by("id")}


def get_asset(*, asset_id: UUID) -> Asset:
    """The asset, in whatever state; raises AssetNotFound."""
    assets = get_assets(ids=[asset_id])
    if asset_id not in assets:
        raise AssetNotFound
    return assets[asset_id]


def get_visible_asset(*, asset_id: UUID, user_id: UUID | None, sees_all: bool) -> Asset:
    """The asset, if it is public, the person's own, or the person sees all; raises AssetNotFound otherwise."""
    asset = get_asset(asset_id=asset_id)
    if not (asset.is_public and asset.state == AssetState.READY) and asset.owner_id != user_id and not sees_all:
        raise AssetNotFound
    return asset


def owns(*, user_id: UUID, asset_id: UUID) -> bool:
    """Whether the asset is the person's."""
    return models.Asset.objects.filter(id=asset_id, owner_id=user_id).exists()


def get_announced_size(*, asset_id: UUID) -> int:
    """How many bytes an open upload awaits; raises AssetNotFound for any other asset."""
    open_uploads = models.Asset.objects.filter(form_expires_at__isnull=False, completed_at__isnull=True)
    size = open_uploads.filter(id=asset_id).values_list("size", flat=True).first()
    if size is None:
        raise AssetNotFound
    return size


def get_quota(*, user_id: UUID, roles: frozenset[str]) -> Quota:
    """What the person uses of what they may."""
    used = models.Usage.objects.filter(owner_id=user_id).values_list("used", flat=True).first()
    return Quota(used=used or 0, limit=rules.quota(roles))


def list_own(*, user_id: UUID, page: PageRequest) -> Page[OwnAsset]:
    """The person's files, newest first, with what uses each."""
    kinds = models.Use.objects.filter(asset=OuterRef("id")).order_by("kind").values("kind").distinct()
    rows = models.Asset.objects.filter(owner_id=user_id).annotate(used_by=ArraySubquery(kinds))
    found = paginate(rows, order_by=("-id",), page=page)
    return replace(found, results=[_as_own(row, used_by=tuple(row.used_by)) for row in found.results])


def list_renditions(*, asset_id: UUID) -> list[Rendition]:
    """The sizes a picture was made in, by format, smallest first."""
    rows = models.Rendition.objects.filter(asset_id=asset_id).order_by("media_type", "width", "id")
    return [_as_rendition(row) for row in rows]


def open_asset(*, asset_id: UUID) -> IO[bytes]:
    """The asset's bytes as they came, to read on the server; raises AssetNotFound for one that is not ready."""
    key = models.Asset.objects.filter(id=asset_id, state=AssetState.READY).values_list("sha256", flat=True).first()
    if not key or not store.exists(key):
        raise AssetNotFound
    return store.open(key)


def public_url(*, asset_id: UUID, rendition: str | None = None) -> str:
    """The lasting address of a public asset. Reads nothing, so it is for those who know that the asset is public."""
    return f"{BASE}/{asset_id}/file/" + (f"?{urlencode({'rendition': rendition})}" if rendition else "")


def signed_urls(
    *, asset_ids: Iterable[UUID], now: datetime, rendition: str | None = None, filename: str | None = None
) -> dict[UUID, str]:
    """Addresses of these assets for about 15 minutes, lasting ones for public assets, in one statement.

    The signature is the authority: ask only for who may have the file. Unknown and unready assets are left out. For
    pictures `rendition` (thumb, card, large) asks for a size; without it they come in large.
    """
    found = models.Asset.objects.filter(id__in=list(asset_ids), state=AssetState.READY).order_by("id")
    return {
        asset_id: public_url(asset_id=asset_id, rendition=rendition)
        if is_public
        else _signed(asset_id, rendition or "", filename or "", rules.expiry(now))
        for asset_id, is_public in found.values_list("id", "is_public")
    }


def signed_url(*, asset_id: UUID, now: datetime, rendition: str | None = None, filename: str | None = None) -> str:
    """The address of one asset, as `signed_urls` gives it; raises AssetNotFound for an unknown or unready one."""
    urls = signed_urls(asset_ids=[asset_id], now=now, rendition=rendition, filename=filename)
    if asset_id not in urls:
        raise AssetNotFound
    return urls[asset_id]


def get_served_file(
    *,
    asset_id: UUID,
    now: datetime,
    rendition: str = "",
    filename: str = "",
    expires: int | None = None,
    signature: str = "",
    takes_avif: bool = False,
    method: str = "GET",
) -> ServedFile:
    """What stands behind an address, and where the store itself answers the method with it, if it does.

    Raises AssetNotFound, and for what is not public ForgedAddress and AddressExpired. A picture is only ever handed out
    as we made it, without its metadata and what else rode on it: StillRendering until then. What is public never has
    an address elsewhere: it would change all the time, and caches keep such files for a day.
    """
    asset = models.Asset.objects.filter(id=asset_id, state=AssetState.READY).first()
    if asset is None:
        raise AssetNotFound
    if asset.is_public:
        return _served(asset, rendition, filename, takes_avif=takes_avif)
    words = ("file", str(asset_id), rendition, filename, str(expires))
    if expires is None or not rules.is_signed(key=signing_key(), words=words, signature=signature):
        raise ForgedAddress
    if expires < now.timestamp():
        raise AddressExpired
    file = _served(asset, rendition, filename, takes_avif=takes_avif)
    address = store.address(
        file.key,
        method=method,
        media_type=file.content_type,
        disposition=file.disposition,
        lifetime=rules.store_address_lifetime(media_type=file.media_type, now=now, expires=expires),
    )
    return replace(file, address=address)


def _served(asset: models.Asset, rendition: str, filename: str, *, takes_avif: bool) -> ServedFile:
    name = rules.clean_filename(filename or asset.filename)
    if not asset.width:
        return ServedFile(
            key=asset.sha256, media_type=asset.media_type, filename=name, size=asset.size, is_public=asset.is_public
        )
    made = {one.media_type: one for one in models.Rendition.objects.filter(asset=asset, name=rendition or Size.LARGE)}
    picture = made.get(rules.AVIF if takes_avif else rules.WEBP) or made.get(rules.WEBP)
    if picture is None:
        raise StillRendering(retry_after=2)
    return ServedFile(
        key=picture.sha256,
        media_type=picture.media_type,
        filename=f"{PurePath(name).stem}.{picture.media_type.removeprefix('image/')}",
        size=picture.size,
        is_public=asset.is_public,
        is_one_of_several=True,
    )


def as_asset(row: models.Asset) -> Asset:
    """The row as it passes the door."""
    return Asset(
        id=row.id,
        owner_id=row.owner_id,
        filename=row.filename,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        state=AssetState(row.state),
        reason=row.reason,
        is_public=row.is_public,
        width=row.width,
        height=row.height,
    )


def _as_own(row: models.Asset, *, used_by: tuple[str, ...]) -> OwnAsset:
    goes_at = _goes_at(row, is_used=bool(used_by))
    return OwnAsset(**asdict(as_asset(row)), created_at=row.created_at, used_by=used_by, goes_at=goes_at)


def _goes_at(row: models.Asset, *, is_used: bool) -> datetime | None:
    if row.form_expires_at and not row.completed_at:
        return row.form_expires_at + rules.KEPT_UNFINISHED
    if is_used or row.state == AssetState.PENDING:
        return None
    return (row.released_at or row.created_at) + rules.KEPT_UNUSED


def _as_rendition(row: models.Rendition) -> Rendition:
    return Rendition(
        asset_id=row.asset_id,
        name=row.name,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size=row.size,
    )


def _signed(asset_id: UUID, rendition: str, filename: str, expires: int) -> str:
    signature = rules.sign(key=signing_key(), words=("file", str(asset_id), rendition, filename, str(expires)))
    asked = {"rendition": rendition, "filename": filename, "expires": expires, "signature": signature}
    return f"{BASE}/{asset_id}/file/?{urlencode({name: value for name, value in asked.items() if value})}"
