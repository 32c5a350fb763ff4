"""Objects of S3, or of a server that speaks like it: whole or not at all, given up early, never loud about secrets."""

import base64
import hashlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from django.core.files import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from learninghub.breaker import Breaker, Open
from learninghub.errors import Outage
from learninghub.storage.arrivals import Form
from learninghub.storage.clients import CONNECT_SECONDS, READ_SECONDS, Clients

_CHUNK = 256 * 1024
_IN_MEMORY = 8 * 1024 * 1024
_ALL_SECONDS = 10  # R19
_SLOWEST_BYTES_A_SECOND = 256 * 1024  # a body that comes slower than this after the 10 seconds is given up
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_OPERATIONS = {"GET": "get_object", "HEAD": "head_object"}

T = TypeVar("T")
log = logging.getLogger(__name__)


class StoreUnavailable(Outage):
    """Files cannot be had or kept at the moment."""


class _Failed(Exception):
    """The server did not answer, or answered that it cannot."""


@deconstructible(path="learninghub.storage.s3.Objects")
class Objects(Storage):
    """A bucket. Raises StoreUnavailable where S3 is away, slow, refuses us or broke off; FileNotFoundError as files do.

    The credentials are boto3's own chain unless given. The role needs GetObject, PutObject, DeleteObject and, so that
    an absent object answers 404 and not 403, ListBucket. `public_url` is where clients reach `endpoint_url`.
    """

    def __init__(
        self,
        *,
        bucket: str,
        endpoint_url: str = "",
        public_url: str = "",
        region: str = "",
        access_key: str = "",
        secret_key: str = "",
    ) -> None:
        self._bucket = bucket
        self._endpoint = endpoint_url or None
        self._public_url = public_url
        self._clients = Clients(
            region_name=region or None,
            aws_access_key_id=access_key or None,
            aws_secret_access_key=secret_key or None,
        )
        # Other servers may have no keys of their own to encrypt with, and refuse what asks for it.
        self._encryption = {} if endpoint_url else {"ServerSideEncryption": "AES256"}
        self._breaker = Breaker("s3")

    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return int(self._head(name)["ContentLength"])

    def get_modified_time(self, name: str) -> datetime:
        written: datetime = self._head(name)["LastModified"]
        return written

    def make_young(self, name: str) -> bool:
        """As if the object had been written now, which S3 does by copying it onto itself; says whether it is there."""
        try:
            head = self._head(name)
            self._ask(
                lambda client: client.copy_object(
                    Bucket=self._bucket,
                    Key=name,
                    CopySource={"Bucket": self._bucket, "Key": name},
                    ContentType=head["ContentType"],
                    MetadataDirective="REPLACE",
                    **self._encryption,
                ),
                name,
            )
        except FileNotFoundError:
            return False
        return True

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The names of the objects that were last written before the moment, a page of a thousand at a time."""
        after = ""
        while (page := self._page(after))["KeyCount"]:
            yield from (one["Key"] for one in page["Contents"] if one["LastModified"] < moment)
            after = page["Contents"][-1]["Key"]

    def _page(self, after: str) -> Any:
        return self._ask(lambda client: client.list_objects_v2(Bucket=self._bucket, StartAfter=after), "every object")

    def delete(self, name: str) -> None:
        self._ask(lambda client: client.delete_object(Bucket=self._bucket, Key=name), name)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # a name stands for its bytes: who comes second writes the same

    def presigned_form(self, name: str, *, media_type: str, size: int, lifetime: timedelta) -> Form | None:
        """A form that the bucket itself takes the object by, if it is of this type and size; asks S3 nothing.

        (Browser-based uploads using POST, AWS Signature Version 4.) Pages need the bucket's CORS rule. None where
        another server is used and nobody said where clients reach it.
        """
        if not self._is_reached:
            return None
        fields = {"Content-Type": media_type, "success_action_status": "204"}
        made = self._client().generate_presigned_post(
            Bucket=self._bucket,
            Key=name,
            Fields=dict(fields),
            Conditions=[*({field: value} for field, value in fields.items()), ["content-length-range", size, size]],
            ExpiresIn=int(lifetime.total_seconds()),
        )
        # The form's signature does not cover the host.
        url = made["url"].replace(self._endpoint, self._public_url, 1) if self._endpoint else made["url"]
        return Form(url=url, fields=made["fields"])

    def presigned_address(
        self, name: str, *, method: str, media_type: str, disposition: str, lifetime: timedelta
    ) -> str | None:
        """Where the bucket itself answers GET or HEAD with the object, under these headers; asks S3 nothing.

        (Query parameters, AWS Signature Version 4.) The signature covers method, host, headers and lifetime, so S3 must
        be asked by the name in `public_url`. None as for forms.
        """
        if not self._is_reached:
            return None
        answered_with = {
            "ResponseContentType": media_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, no-store",
        }
        address: str = self._clients.at(self._public_url if self._endpoint else None).generate_presigned_url(
            _OPERATIONS[method],
            Params={"Bucket": self._bucket, "Key": name, **answered_with},
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return address

    @property
    def _is_reached(self) -> bool:
        """Whether clients reach the bucket: AWS's by its name, another server's where we were told."""
        return not self._endpoint or bool(self._public_url)

    def stream(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from start to end, both included, asked for at once and read as they are needed."""
        pieces = self._pieces(name, start, end)
        next(pieces)
        return pieces

    def _open(self, name: str, mode: str = "rb") -> File:
        def download(client: Any) -> Any:
            answer = client.get_object(Bucket=self._bucket, Key=name)
            spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  the caller closes it
            try:
                for piece in _read(answer["Body"], answer["ContentLength"]):
                    spool.write(piece)
            except BaseException:
                spool.close()
                raise
            finally:
                answer["Body"].close()
            spool.seek(0)
            return spool

        return File(self._ask(download, name), name)

    def _save(self, name: str, content: File) -> str:
        digest = hashlib.sha256()
        for chunk in content.chunks():
            digest.update(chunk)

        def upload(client: Any) -> None:
            content.seek(0)
            client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=content.file,
                ContentType=getattr(content, "content_type", "application/octet-stream"),
                ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                **self._encryption,
            )

        self._ask(upload, name)
        return name

    def _head(self, name: str) -> Any:
        return self._ask(lambda client: client.head_object(Bucket=self._bucket, Key=name), name)

    def _pieces(self, name: str, start: int, end: int) -> Iterator[bytes]:
        part = f"bytes={start}-{end}"
        answer = self._ask(lambda client: client.get_object(Bucket=self._bucket, Key=name, Range=part), name)
        try:
            yield b""  # the answer's head is here: what fails from now on breaks the body off
            yield from _read(answer["Body"], end - start + 1)
        except (BotoCoreError, _Failed) as failure:
            raise _unavailable(failure, name) from failure
        finally:
            answer["Body"].close()

    def _ask(self, request: Callable[[Any], T], name: str) -> T:
        """The answer; asks a second time where the first failed so soon that both end within 10 seconds."""
        again_until = time.monotonic() + _ALL_SECONDS - CONNECT_SECONDS - READ_SECONDS
        try:
            try:
                return self._breaker.call(lambda: self._once(request, name), _Failed)
            except _Failed:
                if time.monotonic() > again_until:
                    raise
                return self._breaker.call(lambda: self._once(request, name), _Failed)
        except Open as refusal:
            raise StoreUnavailable(retry_after=int(refusal.retry_after) + 1) from refusal
        except _Failed as failure:
            raise _unavailable(failure.__cause__ or failure, name) from failure

    def _once(self, request: Callable[[Any], T], name: str) -> T:
        try:
            return request(self._client())
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if error.response["Error"]["Code"] in _ABSENT:
                raise FileNotFoundError(name) from error
            if status >= 500 or status == 429:
                raise _Failed from error
            raise _unavailable(error, name) from error  # refused: asking again would not help
        except BotoCoreError as error:
            raise _Failed from error

    def _client(self) -> Any:
        return self._clients.at(self._endpoint)

    def close(self) -> None:
        """Closes what this process has open."""
        self._clients.close()


def _read(body: Any, length: int) -> Iterator[bytes]:
    """The body's pieces; raises _Failed when it is short or too slow."""
    until = time.monotonic() + _ALL_SECONDS + length / _SLOWEST_BYTES_A_SECOND
    left = length
    while left and (piece := body.read(min(_CHUNK, left))):
        left -= len(piece)
        yield piece
        if time.monotonic() > until:
            raise _Failed("too slow")
    if left:
        raise _Failed("cut short")


def _unavailable(failure: BaseException, name: str) -> StoreUnavailable:
    log.warning("s3.failed", extra={"key": name, "failure": type(failure).__name__})
    return StoreUnavailable()
