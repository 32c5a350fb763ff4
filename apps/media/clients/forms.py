"""Where clients send their files: a local form that stands in for S3's presigned POST, with the same conditions."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson
from django.conf import settings

from apps.media import rules
from apps.media.errors import AddressExpired, FileTooLarge, ForgedAddress, UploadIncomplete
from apps.media.types import UploadForm
from learninghub.storage import arrivals

BASE = "/api/v1/media"


def signing_key() -> bytes:
    """The key of every address this app hands out."""
    return hashlib.sha256(b"media:" + settings.SECRET_KEY.encode()).digest()


def upload_form(*, asset_id: UUID, media_type: str, size: int, now: datetime) -> UploadForm:
    """The form for one file of exactly this type and size, straight to S3 or, where files lie on a disk, to us."""
    direct = arrivals.form(str(asset_id), media_type=media_type, size=size, lifetime=rules.UPLOAD_LIFETIME)
    if direct is not None:
        return UploadForm(asset_id=asset_id, url=direct.url, fields=direct.fields)
    return own_form(asset_id=asset_id, media_type=media_type, size=size, now=now)


def own_form(*, asset_id: UUID, media_type: str, size: int, now: datetime) -> UploadForm:
    """The form for one file of exactly this type and size; it holds for an hour."""
    conditions = {"key": str(asset_id), "Content-Type": media_type, "content-length-range": [size, size]}
    expiration = int((now + rules.UPLOAD_LIFETIME).timestamp())
    document = orjson.dumps({"expiration": expiration, "conditions": conditions})
    policy = base64.b64encode(document).decode()
    fields = {
        "key": str(asset_id),
        "Content-Type": media_type,
        "policy": policy,
        "x-signature": rules.sign(key=signing_key(), words=("upload", policy)),
    }
    return UploadForm(asset_id=asset_id, url=f"{BASE}/uploads/{asset_id}/form/", fields=fields)


def check_form(*, asset_id: UUID, fields: Mapping[str, str], size: int, now: datetime) -> None:
    """Refuses what the form does not allow; raises ForgedAddress, AddressExpired, FileTooLarge, UploadIncomplete."""
    policy = fields.get("policy", "")
    signature = fields.get("x-signature", "")
    if not rules.is_signed(key=signing_key(), words=("upload", policy), signature=signature):
        raise ForgedAddress
    try:
        document = orjson.loads(base64.b64decode(policy))
    except (ValueError, binascii.Error) as error:
        raise ForgedAddress from error
    conditions = document["conditions"]
    if fields.get("key") != conditions["key"] or fields.get("Content-Type") != conditions["Content-Type"]:
        raise ForgedAddress
    if conditions["key"] != str(asset_id):
        raise ForgedAddress
    if document["expiration"] < now.timestamp():
        raise AddressExpired
    smallest, largest = conditions["content-length-range"]
    if size > largest:
        raise FileTooLarge
    if size < smallest:
        raise UploadIncomplete
