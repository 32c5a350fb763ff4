"""Doing a keyed write once."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from learninghub import clock
from learninghub.errors import Conflict, Invalid, Unprocessable
from learninghub.http.idempotency.models import StoredAnswer
from learninghub.http.json import JSONRenderer
from learninghub.outbox.crash import crashpoint

KEY_HEADER = "Idempotency-Key"
KEEP = timedelta(hours=48)
_CLAIM = timedelta(minutes=1)  # longer than any call to a third party may take
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
    with transaction.atomic():
        kept, request_hash = _look(caller_id, key, request)
        if kept is not None:
            return _replay(kept)
        response = write()
        StoredAnswer.objects.create(caller_id=caller_id, key=key, request_hash=request_hash, **_answer_of(response))
        crashpoint("write.before_commit")
    crashpoint("write.after_commit")
    return response


def once_in_halves(*, caller_id: UUID, key: str, request: Request, write: Callable[[], Response]) -> HttpResponseBase:
    """As `once`, for a write that calls a third party and so commits by itself, before the call and after it.

    The key is claimed first, so that nobody else runs the write meanwhile; an error gives it back. The claim of a
    process that died ends after a minute: the write is then run again, and finds by itself what was done before.
    """
    with transaction.atomic():
        kept, request_hash = _look(caller_id, key, request)
        if kept is not None and kept.claimed_until is None:
            return _replay(kept)
        if kept is not None and kept.claimed_until and kept.claimed_until > clock.now():
            raise RequestInProgress
        claimed, _ = StoredAnswer.objects.update_or_create(
            caller_id=caller_id,
            key=key,
            defaults={
                "request_hash": request_hash,
                "claimed_until": clock.now() + _CLAIM,
                "headers": {},
                "body": b"",
            },
        )
    mine = StoredAnswer.objects.filter(id=claimed.id, claimed_until=claimed.claimed_until)
    try:
        response = write()
    except BaseException:
        mine.delete()
        raise
    mine.update(claimed_until=None, **_answer_of(response))
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


def _look(caller_id: UUID, key: str, request: Request) -> tuple[StoredAnswer | None, str]:
    """What is kept under the key, which nobody else may look at until the transaction ends, and the request's hash."""
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid(errors={KEY_HEADER: ["Send 1 to 255 printable ASCII characters."]})
    if not _lock(f"{caller_id}:{key}"):
        raise RequestInProgress
    kept = StoredAnswer.objects.filter(caller_id=caller_id, key=key).first()
    request_hash = _hash(request)
    if kept is not None and kept.request_hash != request_hash:
        raise IdempotencyKeyReused
    return kept, request_hash


def _answer_of(response: Response) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "headers": {name: response[name] for name in _KEPT_HEADERS if name in response},
        "body": b"" if response.data is None else JSONRenderer().render(response.data),
    }


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


def _replay(kept: StoredAnswer) -> HttpResponse:
    headers = {"Content-Type": JSONRenderer.media_type} | kept.headers | {"Idempotency-Replayed": "true"}
    return HttpResponse(bytes(kept.body), status=kept.status, headers=headers)
