"""Files handed out: signed addresses, ranges, headers that keep them harmless, who may see and delete."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from apps.courses import api as courses
from apps.media import api as media
from apps.media.models import Asset
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.media import make_asset, png_bytes

pytestmark = pytest.mark.django_db
WORDS = bytes(range(256)) * 10


@pytest.fixture
def url(instructor):
    asset = make_asset(owner_id=instructor.id, content=WORDS, filename="words.bin")
    return media.signed_url(asset_id=asset.id, now=now())


def test_a_signed_address_gives_the_file(client, url, queries_of):
    answer = client.get(url)

    assert (answer.status, answer.body) == (200, WORDS)
    assert answer.headers["Content-Length"] == "2560"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="words.bin"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert queries_of(lambda: client.get(url)) == 1


def test_head_tells_without_giving(client, url):
    answer = client.request("HEAD", url)

    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "2560", b"")


class TestRanges:
    @pytest.mark.parametrize(
        ("asked", "start", "end"),
        [
            ("bytes=0-0", 0, 0),
            ("bytes=0-99", 0, 99),
            ("bytes=2500-", 2500, 2559),
            ("bytes=-10", 2550, 2559),
            ("bytes=-9999", 0, 2559),
            ("bytes=100-9999", 100, 2559),
            ("bytes= 5-6", 5, 6),
        ],
    )
    def test_give_the_bytes_asked_for(self, client, url, asked, start, end):
        answer = client.get(url, headers={"Range": asked})

        assert (answer.status, answer.body) == (206, WORDS[start : end + 1])
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/2560"
        assert answer.headers["Content-Length"] == str(end - start + 1)

    @pytest.mark.parametrize("asked", ["bytes=2560-", "bytes=9999-10000", "bytes=-0"])
    def test_beyond_the_end_are_told_how_long_it_is(self, client, url, asked):
        answer = client.get(url, headers={"Range": asked})

        assert (answer.status, answer.json["code"]) == (416, "range_not_satisfiable")
        assert answer.headers["Content-Range"] == "bytes */2560"

    @pytest.mark.parametrize(
        "asked", ["bytes=", "bytes=-", "bytes=9-1", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes=1", "x" * 500]
    )
    def test_that_make_no_sense_are_passed_over(self, client, url, asked):
        answer = client.get(url, headers={"Range": asked})

        assert (answer.status, answer.body) == (200, WORDS)

    def test_of_another_version_give_the_whole(self, client, url):
        tag = client.get(url).headers["ETag"]

        same = client.get(url, headers={"Range": "bytes=0-1", "If-Range": tag})
        other = client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})

        assert (same.status, other.status) == (206, 200)

    def test_are_not_asked_again_for_what_is_known(self, client, url):
        tag = client.get(url).headers["ETag"]

        answer = client.get(url, headers={"If-None-Match": tag})

        assert (answer.status, answer.body) == (304, b"")


class TestAddresses:
    def test_cannot_be_made_up(self, client, url):
        path, _, _ = url.partition("?")
        for forged in (
            path,
            url[:-1] + ("0" if url[-1] != "0" else "1"),
            url.replace("expires=", "expires=9"),
            url + "&filename=other.exe",
            url + "&rendition=card",
            f"{path}?expires=99999999999&signature=",
            f"{path}?expires=soon&signature=x",
        ):
            answer = client.get(forged)
            assert answer.status in {400, 403}, forged
            assert WORDS not in answer.body

    def test_of_one_file_do_not_open_another(self, client, url, instructor):
        other = make_asset(owner_id=instructor.id, content=b"other")
        _, _, query = url.partition("?")

        answer = client.get(f"/api/v1/media/{other.id}/file/?{query}")

        assert (answer.status, answer.json["code"]) == (403, "forged_address")

    def test_expire(self, client, url):
        with time_machine.travel(now() + timedelta(minutes=14), tick=False):
            assert client.get(url).status == 200
        with time_machine.travel(now() + timedelta(minutes=21), tick=False):
            answer = client.get(url)
        assert (answer.status, answer.json["code"]) == (410, "address_expired")

    def test_of_unknown_files_lead_nowhere(self, client):
        assert client.get(media.public_url(asset_id=uuid4())).status == 404

    def test_may_name_the_download(self, client, instructor):
        asset = make_asset(owner_id=instructor.id, content=b"words", filename="a.txt")
        url = media.signed_url(asset_id=asset.id, now=now(), filename='Überblick\n"1".txt')

        assert client.get(url).headers["Content-Disposition"] == "inline; filename*=utf-8''%C3%9Cberblick_1_.txt"

    def test_of_public_files_last(self, client, deliver_all):
        asset = make_asset(is_public=True)
        deliver_all()
        [url] = media.signed_urls(asset_ids=[asset.id], now=now(), rendition="thumb").values()

        assert url == media.public_url(asset_id=asset.id, rendition="thumb")
        with time_machine.travel(now() + timedelta(days=400), tick=False):
            answer = client.get(url)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=86400")


@pytest.mark.parametrize(
    ("content", "filename", "media_type", "place"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "image/svg+xml", "attachment"),
        (b"<?xml version='1.0'?><!-- x --><svg/>", "a.png", "image/svg+xml", "attachment"),
        (b"\xff\xfe<\x00s\x00v\x00g\x00>\x00", "a.svg", "image/svg+xml", "attachment"),
        (b"<!DOCTYPE HTML><script>1</script>", "a.txt", "text/html", "attachment"),
        (b"  \n<ScRiPt>1</script>", "a.png", "text/html", "attachment"),
        (b"<?xml version='1.0'?><course/>", "a.xml", "application/xml", "attachment"),
        (b'{"a": 1}', "a.json", "application/json", "attachment"),
        (b"PK\x03\x04" + b"\x00" * 30, "a.zip", "application/zip", "attachment"),
        (b"\x00\x01\x02", "a.exe", "application/octet-stream", "attachment"),
        (b"alert(1)", "a.js", "text/plain", "inline"),
        (b"%PDF-1.7\n", "a.pdf", "application/pdf", "inline"),
        ("Grüße".encode() * 2000, "a.txt", "text/plain", "inline"),
        ("ü".encode("latin-1") * 20, "a.txt", "application/octet-stream", "attachment"),
    ],
)
def test_programs_in_the_clothes_of_documents_are_only_ever_saved(client, content, filename, media_type, place):
    asset = make_asset(content=content, filename=filename)

    answer = client.get(media.signed_url(asset_id=asset.id, now=now()))

    assert (asset.media_type, answer.headers["Content-Type"].split(";")[0]) == (media_type, media_type)
    assert answer.headers["Content-Disposition"].startswith(place)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\r\nSet-Cookie: b.txt", "aSet-Cookie_ b.txt"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("...", "file"),
        ("", "file"),
        (" a  b .", "a b"),
        ("x" * 300 + ".tar", "x" * 116 + ".tar"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_filenames_are_names_and_nothing_else(given, kept):
    assert make_asset(content=b"x", filename=given).filename == kept


class TestWhoMay:
    def test_see_a_private_file_is_its_owner_and_staff(self, as_user, client, instructor, student, staff):
        asset = make_asset(owner_id=instructor.id, content=b"secret")
        path = f"media/{asset.id}/"

        for person in (instructor, staff):
            answer = as_user(person).get(path)
            assert (answer.status, answer.json["id"]) == (200, str(asset.id))
            assert client.get(answer.json["url"]).body == b"secret"
        assert (client.get(path).status, as_user(student).get(path).status) == (404, 404)

    def test_delete_a_file_is_its_owner_and_staff(self, as_user, client, instructor, student, staff):
        first, second = make_asset(owner_id=instructor.id), make_asset(owner_id=instructor.id)

        assert client.delete(f"media/{first.id}/").status == 401
        assert as_user(student).delete(f"media/{first.id}/").status == 404
        assert Asset.objects.count() == 2
        assert as_user(instructor).delete(f"media/{first.id}/").status == 204
        assert as_user(staff).delete(f"media/{second.id}/").status == 204
        assert as_user(instructor).get(f"media/{first.id}/").status == 404
        assert Asset.objects.count() == 0

    def test_delete_a_file_that_is_shown_somewhere_is_nobody(self, as_user, instructor, deliver_all):
        course = make_course(author=instructor)
        asset = make_asset(owner_id=instructor.id, is_public=True)
        courses.set_cover(course_id=course.id, asset_id=asset.id, by=instructor.id, now=now())

        answer = as_user(instructor).delete(f"media/{asset.id}/")

        assert (answer.status, answer.json["code"]) == (409, "asset_in_use")
        assert Asset.objects.get().id == asset.id


@pytest.mark.django_db(transaction=True)
def test_the_same_file_stored_at_once_is_one_asset(race):
    owner_id, content = make_asset().owner_id, png_bytes(width=33)

    made = race(lambda _: make_asset(owner_id=owner_id, content=content).id, 4)

    assert len(set(made)) == 1
    assert Asset.objects.filter(width=33).count() == 1
