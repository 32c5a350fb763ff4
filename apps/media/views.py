"""Routes of media: uploads in three steps, assets, and their bytes."""

from collections.abc import Iterator
from dataclasses import asdict
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.media import actions, errors, queries, rules
from apps.media.permissions import OwnsAsset
from apps.media.serializers import (
    AssetDetailOut,
    AssetOut,
    CompleteIn,
    FileQuery,
    FormIn,
    OwnAssetOut,
    QuotaOut,
    UploadIn,
    UploadOut,
)
from learninghub.clock import now
from learninghub.http.elsewhere import ELSEWHERE, elsewhere
from learninghub.http.negotiation import OnlyForm
from learninghub.http.openapi import operation
from learninghub.http.permissions import Public, PublicInPart, SignedIn
from learninghub.http.views import View
from learninghub.storage import store

# Browsers' own viewers of PDF do not run in a sandbox.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_FOR_OTHER_PAGES = {"Cross-Origin-Resource-Policy": "cross-origin"}


class AssetList(View):
    rules = {"GET": SignedIn}

    @operation(summary="My files, with what uses them and when they go by themselves", response=OwnAssetOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(queries.list_own(user_id=self.caller.id, page=self.page_request()), OwnAssetOut)


class UploadList(View):
    rules = {"POST": SignedIn}

    @operation(
        summary="Announce an upload: an address and a form to post it with",
        request=UploadIn,
        response=UploadOut,
        status=201,
        errors=[errors.PurposeNotYours, errors.QuotaExceeded, errors.TypeNotTaken, errors.FileTooLarge],
    )
    def post(self, request: Request) -> Response:
        form = actions.announce_upload(
            owner_id=self.caller.id, roles=self.caller.roles, now=now(), **self.body(UploadIn)
        )
        return Response(form, status=201)


class Quota(View):
    rules = {"GET": SignedIn}

    @operation(summary="How much room is left for one's files", response=QuotaOut)
    def get(self, request: Request) -> Response:
        return Response(queries.get_quota(user_id=self.caller.id, roles=self.caller.roles))


class UploadForm(View):
    """Where files lie on a disk, in the place of S3's presigned POST: the form's signature is the authority."""

    rules = {"POST": Public}
    stores_answer = False
    parser_classes = [MultiPartParser]

    @operation(
        summary="Where the announced form is posted",
        request={"multipart/form-data": FormIn},
        status=204,
        errors=[
            errors.ForgedAddress,
            errors.AddressExpired,
            errors.FileTooLarge,
            errors.UploadIncomplete,
            errors.UploadClosed,
        ],
    )
    def post(self, request: Request, asset_id: UUID) -> Response:
        announced = queries.get_announced_size(asset_id=asset_id)
        rules.check_body(announced=announced, sent=int(request.META.get("CONTENT_LENGTH") or 0))
        file = self.body(FormIn)["file"]
        fields = {name: str(value) for name, value in request.POST.items()}
        actions.receive(asset_id=asset_id, fields=fields, content=file, size=file.size, now=now())
        return Response(status=204)


class CompleteUpload(View):
    rules = {"POST": OwnsAsset}

    @operation(
        summary="Say that an upload is done, and have it checked",
        request=CompleteIn,
        response=AssetOut,
        status=202,
        errors=[errors.UploadIncomplete],
    )
    def post(self, request: Request, asset_id: UUID) -> Response:
        asset = actions.complete_upload(asset_id=asset_id, by=self.caller.id, now=now(), **self.body(CompleteIn))
        return Response(queries.as_asset(asset), status=202)


class AssetDetail(View):
    rules = {"GET": PublicInPart, "DELETE": OwnsAsset}

    @operation(summary="What is known of a file", response=AssetDetailOut)
    def get(self, request: Request, asset_id: UUID) -> Response:
        caller = self.caller_or_none
        asset = queries.get_visible_asset(
            asset_id=asset_id,
            user_id=caller.id if caller else None,
            sees_all=caller is not None and "staff" in caller.roles,
        )
        url = queries.signed_urls(asset_ids=[asset_id], now=now()).get(asset_id)
        renditions = queries.list_renditions(asset_id=asset_id)
        return Response({**asdict(asset), "url": url, "renditions": renditions})

    @operation(summary="Delete a file", status=204, errors=[errors.AssetInUse])
    def delete(self, request: Request, asset_id: UUID) -> Response:
        actions.delete_asset(asset_id=asset_id, by=self.caller.id, now=now())
        return Response(status=204)


class AssetFile(View):
    """The address's signature is the authority, unless the file is public; where clients reach S3, it answers them."""

    rules = {"GET": Public}
    content_negotiation_class = OnlyForm

    @operation(
        summary="A file's bytes, by signed address; pictures in AVIF where Accept names it, else in WebP",
        query=FileQuery,
        response=OpenApiTypes.BINARY,
        or_status=206,
        or_elsewhere=ELSEWHERE,
        media_type="application/octet-stream",
        errors=[errors.ForgedAddress, errors.AddressExpired, errors.RangeNotSatisfiable, errors.StillRendering],
    )
    def get(self, request: Request, asset_id: UUID) -> HttpResponseBase:
        takes_avif = rules.AVIF in request.headers.get("Accept", "")
        file = queries.get_served_file(
            asset_id=asset_id,
            now=now(),
            takes_avif=takes_avif,
            method=str(request.method),
            **self.query(FileQuery),
        )
        if file.address:
            return elsewhere(file.address, headers=_FOR_OTHER_PAGES)
        tag = f'"{file.key[:32]}"'
        headers = {
            "ETag": tag,
            "Accept-Ranges": "bytes",
            "Cache-Control": "public, max-age=86400" if file.is_public else "private, no-store",
            "Content-Security-Policy": _POLICY if file.media_type == "application/pdf" else f"{_POLICY}; sandbox",
            "Content-Disposition": file.disposition,
            "X-Content-Type-Options": "nosniff",
            **_FOR_OTHER_PAGES,
        }
        if file.is_one_of_several:
            headers["Vary"] = "Accept"
        if tag in request.headers.get("If-None-Match", ""):
            return HttpResponse(status=304, headers=headers)
        is_same = request.headers.get("If-Range", tag) == tag
        part = rules.byte_range(request.headers.get("Range") if is_same else None, file.size)
        start, end = part or (0, file.size - 1)
        headers["Content-Length"] = str(end - start + 1)
        if part:
            headers["Content-Range"] = f"bytes {start}-{end}/{file.size}"
        body: Iterator[bytes] = iter(()) if request.method == "HEAD" else store.stream(file.key, start, end)
        return StreamingHttpResponse(body, status=206 if part else 200, content_type=file.content_type, headers=headers)
