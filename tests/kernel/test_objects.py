"""Bytes under their hash, in files and in S3; and what an S3 that is away, slow or breaks off may not do."""

import hashlib
import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.storage import storages

from apps.certificates.models import Certificate
from apps.media.models import Asset
from learninghub.breaker import FEWEST_CALLS, State
from learninghub.errors import Unavailable
from learninghub.storage import store
from learninghub.storage.s3 import Objects
from sandbox.tcp import Manner
from tests.support import stores
from tests.support.certificates import add_file, issue_certificate
from tests.support.facts import deliver_all
from tests.support.forms import CONTENT_TYPE, multipart
from tests.support.media import png_bytes
from tests.support.people import make_person

LARGE = bytes(range(256)) * (36 * 1024)  # 9 MB: no longer kept in memory


@pytest.fixture(scope="session")
def s3():
    with stores.line() as (port, line):
        yield port, line


@pytest.fixture
def line(s3):
    _, line = s3
    line.manner = Manner.PASS
    with stores.objects(line.port):
        yield line
        line.manner = Manner.PASS


@pytest.fixture(params=["files", "s3"])
def either(request, tmp_path, s3):
    with stores.files(tmp_path) if request.param == "files" else stores.objects(s3[0]):
        yield request.param


@pytest.mark.usefixtures("either")
class TestEitherStore:
    @pytest.mark.parametrize("content", [b"", b"words", LARGE], ids=["empty", "small", "large"])
    def test_gives_bytes_back_under_their_hash(self, content):
        key = store.put(io.BytesIO(content), media_type="text/plain")

        assert key == hashlib.sha256(content).hexdigest() == store.put(content)
        assert (store.read(key), store.size(key), store.exists(key)) == (content, len(content), True)
        with store.open(key) as opened:
            assert opened.read(3) == content[:3]

    def test_forgets_once_and_harmlessly_again(self):
        key = store.put(b"short-lived")
        store.delete(key)
        store.delete(key)

        assert store.exists(key) is False
        for ask in (store.read, store.size, lambda key: store.stream(key, 0, 1)):
            with pytest.raises(FileNotFoundError):
                ask(key)

    @pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 300_000), (0, len(LARGE) - 1)])
    def test_streams_a_part(self, start, end):
        key = store.put(LARGE)

        assert b"".join(store.stream(key, start, end)) == LARGE[start : end + 1]

    def test_closes_what_nobody_reads_to_its_end(self):
        store.stream(store.put(LARGE), 0, len(LARGE) - 1).close()

    def test_writers_of_the_same_bytes_leave_them_once(self, race):
        (key,) = set(race(lambda _: store.put(b"the same" * 1000), 4))

        assert store.read(key) == b"the same" * 1000

    @pytest.mark.django_db
    def test_carries_an_upload_to_its_sizes_and_ranges(self, as_user, client):
        owner = make_person(roles={"instructor"})
        asset_id = _upload(as_user(owner), client, png_bytes(width=300, height=200))
        deliver_all()

        asset = as_user(owner).get(f"media/{asset_id}/").json
        part = client.get(asset["url"], headers={"Range": "bytes=0-3"})
        assert (asset["state"], len(asset["renditions"])) == ("ready", 6)
        assert (part.status, part.body) == (206, b"RIFF")


def test_objects_say_their_type(line):
    key = store.put(b"%PDF-1.7", media_type="application/pdf")

    head = storages["default"]._client().head_object(Bucket="files", Key=f"{key[:2]}/{key[2:4]}/{key}")
    assert (head["ContentType"], head["ContentLength"]) == ("application/pdf", 8)


def test_a_forked_process_asks_over_a_line_of_its_own(line):
    key = store.put(b"before the fork")
    before = storages["default"]._client()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: -1)
        assert storages["default"]._client() is not before
        assert store.read(key) == b"before the fork"
        storages["default"].close()
    before.close()


class TestAnS3ThatFails:
    def test_that_hangs_up_says_unavailable_and_leaves_nothing(self, line):
        line.manner = Manner.RESET
        with pytest.raises(Unavailable):
            store.put(b"never arrived")

        line.manner = Manner.PASS
        assert store.exists(hashlib.sha256(b"never arrived").hexdigest()) is False

    def test_that_says_nothing_is_given_up_within_ten_seconds(self, line):
        key = store.put(b"there")
        line.manner = Manner.BLACK_HOLE
        began = time.monotonic()
        with pytest.raises(Unavailable):
            store.read(key)

        assert time.monotonic() - began < 10

    def test_that_breaks_off_gives_no_half_file(self, line):
        key = store.put(LARGE)
        line.manner, line.bytes_left = Manner.CUT, 1_000_000
        with pytest.raises(Unavailable):
            store.read(key)

    def test_that_answers_500_is_left_alone_after_twenty(self):
        with _failing() as (port, asked), stores.objects(port):
            for _ in range(FEWEST_CALLS):
                with pytest.raises(Unavailable):
                    store.size("a" * 64)
            assert storages["default"]._breaker.state is State.OPEN
            assert len(asked) == FEWEST_CALLS


@pytest.mark.django_db
class TestNothingIsReadyWithoutItsBytes:
    def test_an_upload_that_cannot_be_kept_answers_503_and_can_be_sent_again(self, as_user, client, line):
        me, content = as_user(make_person(roles={"instructor"})), png_bytes()
        form = _announce(me, content)
        line.manner = Manner.RESET
        answer = _send(client, form, content)

        assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
        assert not any(word in answer.text for word in ("127.0.0.1", "sandbox", "files/", "botocore", "s3"))
        assert Asset.objects.get().sha256 == ""
        line.manner = Manner.PASS
        assert _send(client, form, content).status == 204

    def test_a_certificate_that_cannot_be_stored_waits_and_is_stored_once(self, line):
        certificate = issue_certificate(make_person())
        line.manner = Manner.RESET
        with pytest.raises(Unavailable):
            add_file(certificate, b"%PDF-1.7 paper")
        row = Certificate.objects.get(id=certificate.id)
        assert (row.state, row.sha256) == ("waiting", "")

        line.manner = Manner.PASS
        add_file(certificate, b"%PDF-1.7 paper")
        add_file(certificate, b"%PDF-1.7 another")
        row.refresh_from_db()
        assert (row.state, store.read(row.sha256)) == ("rendered", b"%PDF-1.7 paper")


def _announce(me, content):
    return me.post("media/uploads/", {"filename": "a.png", "size": len(content), "media_type": "image/png"}).json


def _send(client, form, content):
    return client.request("POST", form["url"], body=multipart(form["fields"], file=content), content_type=CONTENT_TYPE)


def _upload(me, client, content):
    form = _announce(me, content)
    assert _send(client, form, content).status == 204
    assert me.post(f"media/uploads/{form['asset_id']}/complete/", {}).status == 202
    return form["asset_id"]


@contextmanager
def _failing() -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []

    class Failing(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.path)
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, asked
        server.shutdown()
        thread.join()


def test_a_form_leads_to_the_bucket_in_its_region_or_where_clients_reach_it_or_is_none():
    at_amazon = Objects(bucket="files", region="eu-central-1", access_key="a", secret_key="b")
    asked = {"media_type": "image/png", "size": 7, "lifetime": timedelta(hours=1)}
    assert at_amazon.presigned_form("arrivals/x", **asked).url == "https://files.s3.eu-central-1.amazonaws.com/"
    own = {"bucket": "files", "region": "x", "access_key": "a", "secret_key": "b", "endpoint_url": "http://s3:9000"}
    assert Objects(**own).presigned_form("arrivals/x", **asked) is None
    outside = Objects(**own, public_url="http://localhost:9000").presigned_form("arrivals/x", **asked)
    assert outside.url == "http://localhost:9000/files"
