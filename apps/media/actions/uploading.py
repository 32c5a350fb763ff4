"""Uploads: announced, sent with a form, and said to be complete."""

from datetime import datetime
from typing import IO
from uuid import UUID

from django.db import transaction

from apps.media import rules
from apps.media.actions import quota
from apps.media.actions.locks import lock_asset
from apps.media.clients import forms
from apps.media.errors import AssetNotFound, PurposeNotYours, UploadClosed, UploadIncomplete
from apps.media.models import Asset
from apps.media.types import AssetState, Purpose, UploadForm
from learninghub.jobs import enqueue
from learninghub.storage import arrivals


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
    """An asset that awaits its bytes, and the form to send them with; they count against the quota from here on.

    Signs before its transaction: with a role's credentials that may take a call. Raises PurposeNotYours, TypeNotTaken,
    FileTooLarge, QuotaExceeded.
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
    form = forms.upload_form(asset_id=asset.id, media_type=media_type, size=size, now=now)
    with transaction.atomic():
        quota.take(owner_id=owner_id, size=size, limit=rules.quota(roles))
        asset.save(force_insert=True)
    return form


def receive(*, asset_id: UUID, fields: dict[str, str], content: IO[bytes], size: int, now: datetime) -> None:
    """Takes the bytes that a form of ours brought, if it allows them; sent again before completion they are replaced.

    Raises what `forms.check_form` raises, AssetNotFound, UploadClosed.
    """
    forms.check_form(asset_id=asset_id, fields=fields, size=size, now=now)
    asset = Asset.objects.filter(id=asset_id).first()
    if asset is None:
        raise AssetNotFound
    if asset.completed_at is not None:
        raise UploadClosed
    arrivals.put(str(asset_id), content)


def complete_upload(*, asset_id: UUID, by: UUID, now: datetime, sha256: str = "") -> Asset:
    """Closes the upload of `by` and has it checked by a job, against the checksum too if one is given.

    A no-op when it is closed. Locks the asset. Raises AssetNotFound, and UploadIncomplete when the bytes are not there
    or not as many as were announced.
    """
    asset = Asset.objects.filter(id=asset_id, owner_id=by).first()
    if asset is None:
        raise AssetNotFound
    if asset.completed_at is not None:
        return asset
    # Asked before anything is locked: a store that is slow holds up nobody else.
    if arrivals.size(str(asset_id)) != asset.size:
        raise UploadIncomplete
    with transaction.atomic():
        asset = lock_asset(asset_id, owner_id=by)
        if asset.completed_at is not None:
            return asset
        asset.completed_at = now
        asset.save(update_fields=["completed_at", "updated_at"])
        enqueue("media.inspect", asset.id, sha256)
    return asset
