"""Writes of media: storing, uploading, checking, making sizes, deleting."""

import io
from datetime import datetime
from typing import IO
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import ProtectedError

from apps.media import rules
from apps.media.clients import forms, scanner
from apps.media.errors import (
    AssetInUse,
    AssetNotFound,
    EmptyFile,
    MalwareFound,
    PictureTooLarge,
    PurposeNotYours,
    TypeNotTaken,
    UnreadablePicture,
    UploadClosed,
    UploadIncomplete,
)
from apps.media.events import AssetReady, AssetRejected
from apps.media.models import Asset, Rendition
from apps.media.readers import pictures, sniffing
from apps.media.types import AssetState, Purpose, Size, UploadForm
from learninghub import audit
from learninghub.errors import DomainError
from learninghub.jobs import enqueue
from learninghub.outbox import publish
from learninghub.storage import store as bytes_kept

log = structlog.get_logger(__name__)


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
        if ready is not None:
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
            _announce_ready(kept)
        return kept


@transaction.atomic
def announce_upload(
    *,
    owner_id: UUID,
    roles: frozenset[str],
    purpose: Purpose,
    filename: str,
    media_type: str,
    size: int,
    now: datetime,
) -> UploadForm:
    """An asset that awaits its bytes, and the form to send them with.

    Raises PurposeNotYours, TypeNotTaken, FileTooLarge.
    """
    if not rules.may_upload(purpose=purpose, roles=roles):
        raise PurposeNotYours
    media_type = rules.usual_type(media_type)
    rules.check_upload(purpose=purpose, media_type=media_type, size=size)
    asset = Asset(
        owner_id=owner_id,
        purpose=purpose,
        filename=rules.clean_filename(filename),
        media_type=media_type,
        size=size,
        state=AssetState.PENDING,
        is_public=purpose in rules.PUBLIC_PURPOSES,
        form_expires_at=now + rules.UPLOAD_LIFETIME,
    )
    asset.save(force_insert=True)
    return forms.presigned_form(asset_id=asset.id, media_type=media_type, size=size, now=now)


def receive(*, asset_id: UUID, fields: dict[str, str], content: IO[bytes], size: int, now: datetime) -> None:
    """Takes the bytes a form brought, if it allows them; sending again before completion replaces them.

    Raises what `forms.check_form` raises, AssetNotFound, UploadClosed.
    """
    forms.check_form(asset_id=asset_id, fields=fields, size=size, now=now)
    key = bytes_kept.put(content, media_type=fields["Content-Type"])
    with transaction.atomic():
        asset = _locked(asset_id)
        if asset.completed_at is not None:
            raise UploadClosed
        asset.sha256 = key
        asset.save(update_fields=["sha256", "updated_at"])


def complete_upload(*, asset_id: UUID, by: UUID, now: datetime, sha256: str = "") -> Asset:
    """Closes the upload of `by` and has it checked by a job; a no-op when it is closed.

    Locks the asset. Raises AssetNotFound, and UploadIncomplete when the bytes are not there or not those announced.
    """
    asset = Asset.objects.filter(id=asset_id, owner_id=by).first()
    if asset is None:
        raise AssetNotFound
    if asset.completed_at is not None:
        return asset
    # Asked before anything is locked: a store that is slow holds up nobody else.
    key = asset.sha256
    if not key or not bytes_kept.exists(key) or bytes_kept.size(key) != asset.size:
        raise UploadIncomplete
    if sha256 and sha256 != key:
        raise UploadIncomplete("The file that arrived has another checksum.")
    with transaction.atomic():
        asset = _locked(asset_id, owner_id=by)
        if asset.completed_at is not None:
            return asset
        if asset.sha256 != key:
            raise UploadIncomplete("Another file arrived meanwhile; say again that it is done.")
        asset.completed_at = now
        asset.save(update_fields=["completed_at", "updated_at"])
        enqueue("media.inspect", asset.id)
    return asset


def inspect(*, asset_id: UUID, now: datetime) -> None:
    """Looks at what was uploaded and makes it ready or rejects it; harmless twice. Decodes outside the transaction.

    Raises ScannerUnavailable and the store's StoreUnavailable, and nothing has changed.
    """
    asset = Asset.objects.filter(id=asset_id, state=AssetState.PENDING, completed_at__isnull=False).first()
    if asset is None:
        return
    try:
        with bytes_kept.open(asset.sha256) as content:
            _look_at(asset, content)
    except (TypeNotTaken, UnreadablePicture, PictureTooLarge, MalwareFound) as problem:
        reject(asset_id=asset_id, problem=problem)
        return
    with transaction.atomic():
        if _locked(asset_id).state != AssetState.PENDING:
            return
        asset.state = AssetState.READY
        asset.save(update_fields=["state", "media_type", "width", "height", "is_animated", "updated_at"])
        _announce_ready(asset)


def make_renditions(*, asset_id: UUID) -> None:
    """Makes the sizes a picture lacks; one whose inside cannot be read is rejected. Harmless twice."""
    asset = Asset.objects.filter(id=asset_id, state=AssetState.READY, is_animated=False).first()
    if asset is None:
        return
    made = set(Rendition.objects.filter(asset=asset).values_list("name", flat=True))
    for name in [size for size in Size if size not in made]:
        try:
            with bytes_kept.open(asset.sha256) as content:
                smaller = pictures.shrink(content, media_type=asset.media_type, edge=rules.EDGES[name])
        except (UnreadablePicture, PictureTooLarge) as problem:
            reject(asset_id=asset_id, problem=problem)
            return
        row = Rendition(
            asset=asset,
            name=name,
            media_type=pictures.MEDIA_TYPE,
            size=len(smaller.content),
            sha256=bytes_kept.put(smaller.content, media_type=pictures.MEDIA_TYPE),
            width=smaller.width,
            height=smaller.height,
        )
        Rendition.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def reject(*, asset_id: UUID, problem: DomainError) -> None:
    """Notes why the asset cannot be used; a no-op when it is rejected. Locks the asset."""
    asset = _locked(asset_id)
    if asset.state == AssetState.REJECTED:
        return
    asset.state, asset.reason = AssetState.REJECTED, problem.code()
    asset.save(update_fields=["state", "reason", "updated_at"])
    publish(AssetRejected(asset_id=asset.id, owner_id=asset.owner_id, reason=asset.reason))


@transaction.atomic
def delete_asset(*, asset_id: UUID, by: UUID, now: datetime) -> None:
    """Forgets the asset and its sizes; the bytes, which others may share, go when nothing names them any more.

    Locks the asset. Raises AssetNotFound, AssetInUse.
    """
    asset = _locked(asset_id, to_delete=True)
    owner_id, filename = asset.owner_id, asset.filename
    try:
        asset.delete()
    except ProtectedError as error:
        raise AssetInUse from error
    if by != owner_id:
        audit.record(action="media.asset_deleted", by=by, subject=asset_id, now=now, details={"filename": filename})


def _locked(asset_id: UUID, *, owner_id: UUID | None = None, to_delete: bool = False) -> Asset:
    """Locked, but open to new rows that name it; not to those where it is to be deleted."""
    owned = Asset.objects.filter(owner_id=owner_id) if owner_id else Asset.objects.all()
    asset = owned.select_for_update(no_key=not to_delete).filter(id=asset_id).first()
    if asset is None:
        raise AssetNotFound
    return asset


def _look_at(asset: Asset, content: IO[bytes]) -> None:
    """Puts what the bytes tell into the asset.

    Raises MalwareFound, TypeNotTaken, UnreadablePicture, PictureTooLarge, ScannerUnavailable.
    """
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


def _announce_ready(asset: Asset) -> None:
    publish(AssetReady(asset_id=asset.id, owner_id=asset.owner_id))
    if asset.width and not asset.is_animated:
        enqueue("media.render", asset.id)
