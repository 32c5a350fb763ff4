"""Doing a keyed write once."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from learninghub.errors import Conflict, Invalid, Unprocessable
from learninghub.http.idempotency.models import StoredAnswer
from learninghub.http.json import JSONRenderer
from learninghub.outbox.crash import crashpoint

KEY_HEADER = "Idempotency-Key"
KEEP = timedelta(hours=48)
_KEPT_HEADERS = ("Location", "ETag", "Content-Type")


class IdempotencyKeyMissing(Invalid):
    """This request needs an Idempotency-Key header."""


class IdempotencyKeyReused(Unprocessable):
    """This Idempotency-Key was used for another request."""


class RequestInProgress(Conflict):
    """A request with this Idempotency-Key is still running."""

    retry_after = 1


def once(*, caller_id: UUID, key: str, request: Request, write: Callable[[], Response]) -> HttpResponseBase:
    """Runs the write and keeps its answer in one transaction, or gives the answer kept before.

    An error rolls both back and is not kept: nothing happened, so the next try starts afresh. Takes an advisory lock
    on the caller's key. Raises RequestInProgress, IdempotencyKeyReused, Invalid.
    """
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid(errors={KEY_HEADER: ["Send 1 to 255 printable ASCII characters."]})
    with transaction.atomic():
        if not _lock(f"{caller_id}:{key}"):
            raise RequestInProgress
        request_hash = _hash(request)
        kept = StoredAnswer.objects.filter(caller_id=caller_id, key=key).first()
        if kept is not None:
            return _replay(kept, request_hash)
        response = write()
        body = b"" if response.data is None else JSONRenderer().render(response.data)
        StoredAnswer.objects.create(
            caller_id=caller_id,
            key=key,
            request_hash=request_hash,
            status=response.status_code,
            headers={name: response[name] for name in _KEPT_HEADERS if name in response},
            body=body,
        )
        crashpoint("write.before_commit")
    crashpoint("write.after_commit")
    return response


def claim(*, caller_id: UUID, key: str) -> bool:
    """Whether the caller asks for this the first time, in the caller's transaction; for what is answered with a page.

    Waits for another transaction that claims the same key: what that one rolls back was not claimed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learninghub_storedanswer (caller_id, key, request_hash, status, headers, body, created_at)"
            " values (%s, %s, '', 204, '{}', '', statement_timestamp()) on conflict do nothing",
            [caller_id, key],
        )
        return bool(cursor.rowcount)


def forget_answers(*, now: datetime) -> int:
    """Deletes the answers no retry can ask for any more; returns how many."""
    return StoredAnswer.objects.filter(created_at__lt=now - KEEP).delete()[0]


def _lock(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        row = cursor.fetchone()
    return bool(row and row[0])


def _hash(request: Request) -> str:
    digest = hashlib.sha256()
    for part in (str(request.method), request.get_full_path(), request.headers.get("If-Match", "")):
        digest.update(part.encode() + b"\x00")
    digest.update(request._request.body)  # noqa: SLF001  DRF offers no other way to the raw body
    return digest.hexdigest()


def _replay(kept: StoredAnswer, request_hash: str) -> HttpResponse:
    if kept.request_hash != request_hash:
        raise IdempotencyKeyReused
    headers = {"Content-Type": JSONRenderer.media_type} | kept.headers | {"Idempotency-Replayed": "true"}
    return HttpResponse(bytes(kept.body), status=kept.status, headers=headers)
