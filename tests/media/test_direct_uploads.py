"""Uploads straight into S3, a real server on localhost: the same steps, but the bytes never pass through us."""

import base64
import hashlib
import json
import urllib.request
from collections.abc import Iterator

import pytest

from apps.media import actions
from apps.media.models import Asset
from learninghub.clock import now
from learninghub.storage import arrivals, store
from sandbox import s3
from tests.support import stores
from tests.support.forms import CONTENT_TYPE, multipart
from tests.support.media import png_bytes
from tests.support.uploads import announce

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with s3.serve() as port:
        yield port


@pytest.fixture(autouse=True)
def _bucket(port: int) -> Iterator[None]:
    with stores.objects(port, public_url=f"http://localhost:{port}"):
        yield


def post(form: dict, content: bytes) -> int:
    """Sends the form to where it says, as a browser does."""
    body = multipart(form["fields"], file=content)
    request = urllib.request.Request(form["url"], data=body, headers={"Content-Type": CONTENT_TYPE})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return int(answer.status)


def test_the_file_goes_to_the_bucket_and_is_kept_under_its_hash(as_user, client, instructor, deliver_all, port):
    me, content = as_user(instructor), png_bytes(width=800, height=400)
    key = hashlib.sha256(content).hexdigest()

    form = announce(me, content, purpose="cover").json
    assert form["url"].startswith(f"http://localhost:{port}/files")
    assert post(form, content) == 204
    assert arrivals.size(form["asset_id"]) == len(content)
    assert not store.exists(key)
    completed = me.post(f"media/uploads/{form['asset_id']}/complete/", {"sha256": key})
    assert (completed.status, completed.json["state"]) == (202, "pending")
    deliver_all()

    asset = me.get(f"media/{form['asset_id']}/").json
    assert (asset["state"], asset["sha256"], asset["width"]) == ("ready", key, 800)
    assert store.read(key) == content
    assert arrivals.size(form["asset_id"]) is None
    assert client.get(f"media/{form['asset_id']}/file/", rendition="thumb").body[8:12] == b"WEBP"


def test_the_form_holds_its_sender_to_one_object_of_one_type_and_size_for_an_hour(as_user, instructor):
    form = announce(as_user(instructor), b"x" * 77, media_type="application/pdf").json
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    conditions = policy["conditions"]
    assert {"key": f"arrivals/{form['asset_id']}"} in conditions
    assert {"Content-Type": "application/pdf"} in conditions
    assert ["content-length-range", 77, 77] in conditions
    assert {"bucket": "files"} in conditions


def test_what_arrived_in_another_size_completes_nothing(as_user, instructor):
    me, content = as_user(instructor), png_bytes()
    form = announce(me, content + b"more").json
    post(form, content)
    answer = me.post(f"media/uploads/{form['asset_id']}/complete/", {})
    assert (answer.status, answer.json["code"]) == (409, "upload_incomplete")


def test_what_is_sent_after_it_was_completed_is_never_kept(as_user, instructor, deliver_all):
    me, content = as_user(instructor), png_bytes()
    form = announce(me, content).json
    post(form, content)
    me.post(f"media/uploads/{form['asset_id']}/complete/", {})
    deliver_all()

    post(form, b"<html>".ljust(len(content)))  # S3 knows nothing of our states

    assert store.read(Asset.objects.get(id=form["asset_id"]).sha256) == content
    actions.inspect(asset_id=form["asset_id"], now=now())
    assert Asset.objects.get(id=form["asset_id"]).state == "ready"


def test_a_job_that_died_after_it_kept_the_bytes_ends_its_work_the_next_time(as_user, instructor, deliver_all):
    me, content = as_user(instructor), png_bytes()
    form = announce(me, content).json
    post(form, content)
    me.post(f"media/uploads/{form['asset_id']}/complete/", {})
    store.put(content)

    deliver_all()
    deliver_all()

    assert Asset.objects.get(id=form["asset_id"]).state == "ready"


def test_what_has_gone_when_the_job_comes_is_rejected(as_user, instructor, deliver_all):
    me, content = as_user(instructor), png_bytes()
    form = announce(me, content).json
    post(form, content)
    me.post(f"media/uploads/{form['asset_id']}/complete/", {})
    arrivals.delete(form["asset_id"])
    deliver_all()
    seen = me.get(f"media/{form['asset_id']}/").json
    assert (seen["state"], seen["reason"]) == ("rejected", "upload_incomplete")
