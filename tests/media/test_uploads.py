"""Uploads: announced, sent with a form that holds them to their word, completed, looked at by a job."""

import base64
import hashlib
import io
import zipfile
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
import time_machine

from apps.media import actions
from apps.media.events import AssetReady, AssetRejected
from apps.media.models import Asset
from apps.media.serializers import AssetDetailOut, AssetOut, UploadOut
from learninghub.clock import now
from learninghub.storage import arrivals
from tests.support.forms import CONTENT_TYPE, multipart
from tests.support.media import png_bytes
from tests.support.uploads import announce, send, upload

pytestmark = pytest.mark.django_db


def test_a_picture_goes_from_announcement_to_ready(as_user, client, instructor, deliver_all, published):
    me = as_user(instructor)
    content = png_bytes(width=800, height=400)

    form = announce(me, content, filename="C:\\pictures\\Härbst.png", purpose="cover")
    assert (form.status, form.json.keys()) == (201, UploadOut().fields.keys())
    asset_id = form.json["asset_id"]
    assert send(client, form.json, content).status == 204
    completed = me.post(f"media/uploads/{asset_id}/complete/", {"sha256": hashlib.sha256(content).hexdigest()})
    assert (completed.status, completed.json["state"]) == (202, "pending")
    assert completed.json.keys() == AssetOut().fields.keys()
    deliver_all()

    asset = me.get(f"media/{asset_id}/").json
    assert asset.keys() == AssetDetailOut().fields.keys()
    assert (asset["state"], asset["filename"], asset["width"], asset["height"]) == ("ready", "Härbst.png", 800, 400)
    assert [(x["media_type"], x["name"], x["width"], x["height"]) for x in asset["renditions"]] == [
        (kind, *size)
        for kind in ("image/avif", "image/webp")
        for size in (("thumb", 160, 80), ("card", 640, 320), ("large", 800, 400))
    ]
    assert published(AssetReady)[0].owner_id == instructor.id
    assert client.get(f"media/{asset_id}/").json["is_public"]


def test_completing_twice_is_completing_once(as_user, client, instructor, deliver_all, published):
    me = as_user(instructor)
    asset_id = upload(me, client, png_bytes())

    again = me.post(f"media/uploads/{asset_id}/complete/", {})
    deliver_all()
    actions.inspect(asset_id=asset_id, now=now())
    actions.make_renditions(asset_id=asset_id)

    assert again.status == 202
    assert len(published(AssetReady)) == 1
    assert Asset.objects.get().renditions.count() == 6


@pytest.mark.parametrize(
    ("announced", "status", "code"),
    [
        ({"purpose": "cover", "media_type": "application/pdf"}, 400, "type_not_taken"),
        ({"purpose": "archive", "media_type": "image/png"}, 400, "type_not_taken"),
        ({"media_type": "image/svg+xml"}, 400, "type_not_taken"),
        ({"media_type": "text/html"}, 400, "type_not_taken"),
        ({"media_type": "PNG"}, 400, "invalid"),
        ({"size": 0}, 400, "invalid"),
        ({"size": -1}, 400, "invalid"),
        ({"size": 10 * 1024 * 1024 + 1, "purpose": "cover"}, 413, "file_too_large"),
        ({"size": 200 * 1024 * 1024 + 1}, 413, "file_too_large"),
        ({"purpose": "document", "media_type": "application/pdf"}, 400, "invalid"),
        ({"filename": ""}, 400, "invalid"),
    ],
)
def test_what_is_not_taken_is_refused_before_a_byte_is_sent(as_user, instructor, announced, status, code):
    answer = announce(as_user(instructor), b"x", **announced)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert Asset.objects.count() == 0


def test_people_who_make_no_courses_bring_only_their_face(as_user, client, student):
    for purpose in ("cover", "resource", "archive"):
        answer = announce(as_user(student), b"x", purpose=purpose)
        assert (answer.status, answer.json["code"]) == (403, "purpose_not_yours")
    assert announce(client, b"x", purpose="avatar").status == 401
    assert Asset.objects.count() == 0
    assert announce(as_user(student), b"x", purpose="avatar").status == 201


class TestTheForm:
    def test_takes_exactly_what_was_announced(self, as_user, client, instructor):
        content = png_bytes()
        form = announce(as_user(instructor), content).json

        larger, smaller = send(client, form, content + b"x"), send(client, form, content[:-1])

        assert [(x.status, x.json["code"]) for x in (larger, smaller)] == [
            (413, "file_too_large"),
            (409, "upload_incomplete"),
        ]
        assert arrivals.size(form["asset_id"]) is None

    def test_is_refused_before_it_is_read_when_it_is_far_too_large(self, as_user, client, instructor):
        form = announce(as_user(instructor), b"x").json

        answer = client.request("POST", form["url"], body=b"x" * 70_000, content_type=CONTENT_TYPE)

        assert (answer.status, answer.json["code"]) == (413, "file_too_large")

    @pytest.mark.parametrize("field", ["key", "Content-Type", "policy", "x-signature"])
    def test_cannot_be_changed(self, as_user, client, instructor, field):
        content = png_bytes()
        form = announce(as_user(instructor), content).json

        last = form["fields"][field][-1]
        answer = send(client, form, content, **{field: form["fields"][field][:-1] + ("1" if last == "0" else "0")})

        assert (answer.status, answer.json["code"]) == (403, "forged_address")
        assert arrivals.size(form["asset_id"]) is None

    def test_cannot_be_given_wider_conditions(self, as_user, client, instructor):
        form = announce(as_user(instructor), b"x").json
        policy = orjson.loads(base64.b64decode(form["fields"]["policy"]))
        policy["conditions"]["content-length-range"] = [0, 10**12]

        answer = send(client, form, b"xx", policy=base64.b64encode(orjson.dumps(policy)).decode())

        assert (answer.status, answer.json["code"]) == (403, "forged_address")

    def test_is_for_one_asset(self, as_user, client, instructor):
        content = png_bytes()
        mine, other = announce(as_user(instructor), content).json, announce(as_user(instructor), content).json

        answer = send(client, {"url": other["url"], "fields": mine["fields"]}, content)

        assert (answer.status, answer.json["code"]) == (403, "forged_address")

    def test_expires(self, as_user, client, instructor):
        content = png_bytes()
        form = announce(as_user(instructor), content).json

        with time_machine.travel(now() + timedelta(hours=1, seconds=2), tick=False):
            answer = send(client, form, content)

        assert (answer.status, answer.json["code"]) == (410, "address_expired")

    def test_is_closed_once_the_upload_is_complete(self, as_user, client, instructor):
        me, content = as_user(instructor), png_bytes()
        form = announce(me, content).json
        send(client, form, content)
        me.post(f"media/uploads/{form['asset_id']}/complete/", {})

        answer = send(client, form, png_bytes()[: len(content)].ljust(len(content)))
        actions.inspect(asset_id=form["asset_id"], now=now())

        assert answer.status == 404
        assert Asset.objects.get().sha256 == hashlib.sha256(content).hexdigest()

    def test_without_a_file_or_for_nothing_is_refused(self, as_user, client, instructor):
        form = announce(as_user(instructor), b"x").json

        empty = client.request(
            "POST", form["url"], body=multipart(form["fields"], file=None), content_type=CONTENT_TYPE
        )
        unknown = send(client, {**form, "url": f"/api/v1/media/uploads/{uuid4()}/form/"}, b"x")

        assert (empty.status, list(empty.json["errors"])) == (400, ["file"])
        assert unknown.status == 404


class TestCompleting:
    def test_needs_the_bytes(self, as_user, instructor):
        me = as_user(instructor)
        asset_id = announce(me, b"x").json["asset_id"]

        answer = me.post(f"media/uploads/{asset_id}/complete/", {})

        assert (answer.status, answer.json["code"]) == (409, "upload_incomplete")
        assert Asset.objects.get().completed_at is None

    @pytest.mark.parametrize("sha256", ["0" * 64, None], ids=["another", "its own"])
    def test_is_held_to_the_checksum_that_was_told(self, as_user, client, instructor, deliver_all, sha256):
        me, content = as_user(instructor), png_bytes()
        form = announce(me, content).json
        send(client, form, content)
        told = sha256 or hashlib.sha256(content).hexdigest()

        answer = me.post(f"media/uploads/{form['asset_id']}/complete/", {"sha256": told})
        deliver_all()

        assert answer.status == 202
        seen = me.get(f"media/{form['asset_id']}/").json
        assert (seen["state"], seen["reason"]) == (("rejected", "checksum_differs") if sha256 else ("ready", ""))

    def test_is_for_the_owner_alone(self, as_user, client, instructor, student, staff):
        me, content = as_user(instructor), png_bytes()
        form = announce(me, content).json
        send(client, form, content)
        path = f"media/uploads/{form['asset_id']}/complete/"

        assert client.post(path, {}).status == 401
        assert as_user(student).post(path, {}).status == 404
        assert as_user(staff).post(path, {}).status == 404
        assert Asset.objects.get().completed_at is None


def zip_bytes():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("course.xml", "<course/>")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "filename", "announced", "purpose", "kept_as"),
    [
        (zip_bytes(), "course.zip", "application/x-zip-compressed", "archive", "application/zip"),
        (b"# Notes\n", "notes.md", "text/markdown", "resource", "text/markdown"),
        (b"a,b\n1,2\n", "figures.csv", "text/csv", "resource", "text/csv"),
        (b"WEBVTT\n\n", "a.vtt", "text/vtt", "resource", "text/vtt"),
        (b"%PDF-1.7\n", "a.pdf", "application/pdf", "resource", "application/pdf"),
    ],
)
def test_files_for_courses_become_ready(
    as_user, client, instructor, deliver_all, content, filename, announced, purpose, kept_as
):
    me = as_user(instructor)
    asset_id = upload(me, client, content, filename=filename, media_type=announced, purpose=purpose)
    deliver_all()

    asset = me.get(f"media/{asset_id}/").json
    assert (asset["state"], asset["media_type"]) == ("ready", kept_as)


@pytest.mark.parametrize(
    ("content", "announced"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "image/png"),
        (b"<!DOCTYPE html><script>1</script>", "text/plain"),
        (b"\xef\xbb\xbf  <html>", "text/csv"),
        (b"%PDF-1.7\n", "image/png"),
        (zip_bytes(), "application/gzip"),
        (zip_bytes(), "image/jpeg"),
        (b"MZ\x90\x00" + b"\x00" * 300, "application/pdf"),
        (b"\x00\x01\x02\x03" * 20, "video/mp4"),
    ],
)
def test_a_file_that_is_not_what_it_said_is_rejected(
    as_user, client, instructor, deliver_all, published, content, announced
):
    me = as_user(instructor)
    asset_id = upload(me, client, content, media_type=announced, filename="x")
    deliver_all()

    asset = me.get(f"media/{asset_id}/").json
    assert (asset["state"], asset["url"]) == ("rejected", None)
    [fact] = published(AssetRejected)
    assert (str(fact.asset_id), fact.owner_id, fact.reason) == (asset_id, instructor.id, "type_not_taken")
    assert published(AssetReady) == []
    assert client.get(f"media/{asset_id}/file/").status == 404
