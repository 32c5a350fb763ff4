"""Files that lie in S3: who may have one is led to S3 itself, a real server on localhost, and nobody else is."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import time_machine

from apps.enrollments import api as enrollments
from apps.enrollments.types import Source, TakenBack
from apps.media import api as media
from learninghub.clock import now
from sandbox import s3
from tests.media.hostile import documents
from tests.support import stores
from tests.support.courses import lesson_ids, make_course
from tests.support.media import make_asset, png_bytes
from tests.support.people import make_person
from tests.support.stores import PUBLIC_NAME, follow

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bucket")]
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(range(256)) * 400
END = len(FILM) - 1


@pytest.fixture
def url(instructor):
    asset = make_asset(owner_id=instructor.id, content=FILM, filename="lecture.mp4")
    return media.signed_url(asset_id=asset.id, now=now())


@pytest.fixture
def saved(instructor):
    asset = make_asset(owner_id=instructor.id, content=b"Notes.", filename="notes.txt")
    return media.signed_url(asset_id=asset.id, now=now())


def expiry_of(url: str) -> int:
    [expires] = parse_qs(urlsplit(url).query)["expires"]
    return int(expires)


def led_to(answer) -> str:
    """Where the answer leads, which is all it tells."""
    assert (answer.status, answer.body, answer.headers["Cache-Control"]) == (302, b"", "private, no-store")
    assert (answer.headers["Cross-Origin-Resource-Policy"], "ETag" in answer.headers) == ("cross-origin", False)
    return str(answer.headers["Location"])


def tells_nothing(answer) -> bool:
    """Whether neither head nor body lead to the bucket."""
    told = f"{dict(answer.headers)}{answer.text}".lower()
    return "Location" not in answer.headers and not re.search(rf"x-amz|{PUBLIC_NAME}|{s3.BUCKET}/|lecture\.mp4", told)


class TestAFilm:
    def test_is_given_by_the_bucket(self, client, url, bucket, queries_of):
        address = led_to(client.get(url))

        assert address.startswith(f"http://{PUBLIC_NAME}:{bucket}/{s3.BUCKET}/")
        given = follow(address)
        assert (given.status, given.body) == (200, FILM)
        assert {name: given.headers[name] for name in ("content-type", "content-disposition", "cache-control")} == {
            "content-type": "video/mp4",
            "content-disposition": 'inline; filename="lecture.mp4"',
            "cache-control": "private, no-store",
        }
        assert queries_of(lambda: client.get(url)) == 1

    @pytest.mark.parametrize(
        ("asked", "start", "end"),
        [
            ("bytes=0-0", 0, 0),
            ("bytes=0-99", 0, 99),
            ("bytes=100000-", 100_000, END),
            ("bytes=-10", END - 9, END),
            ("bytes=100-999999", 100, END),
        ],
    )
    def test_is_given_in_parts(self, client, url, asked, start, end):
        given = follow(led_to(client.get(url, headers={"Range": asked})), Range=asked)

        assert (given.status, given.body) == (206, FILM[start : end + 1])
        assert given.headers["Content-Range"] == f"bytes {start}-{end}/{len(FILM)}"
        assert given.headers["Content-Type"] == "video/mp4"

    @pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0"])
    def test_has_no_parts_beyond_its_end(self, client, url, asked):
        refused = follow(led_to(client.get(url, headers={"Range": asked})), Range=asked)

        assert (refused.status, b"InvalidRange" in refused.body) == (416, True)

    def test_is_not_given_again_to_who_has_it(self, client, url):
        address = led_to(client.get(url))
        tag = follow(address).headers["ETag"]

        known = follow(led_to(client.get(url, headers={"If-None-Match": tag})), **{"If-None-Match": tag})

        assert (known.status, known.body) == (304, b"")

    def test_is_told_of_by_an_address_that_is_for_this_alone(self, client, url):
        to_head, to_get = led_to(client.request("HEAD", url)), led_to(client.get(url))

        told = follow(to_head, "HEAD")
        assert (told.status, told.headers["Content-Length"], told.body) == (200, str(len(FILM)), b"")
        assert (follow(to_head).status, follow(to_get, "HEAD").status) == (403, 403)

    def test_comes_through_us_where_clients_do_not_reach_the_bucket(self, client, url, bucket):
        with stores.objects(bucket):
            answer = client.get(url, headers={"Range": "bytes=0-99"})

        assert (answer.status, answer.body) == (206, FILM[:100])


class TestTheAddress:
    @pytest.mark.parametrize(
        ("part", "other"),
        [
            ("video%2Fmp4", "text%2Fhtml"),
            ("inline", "attachment"),
            ("lecture.mp4", "lecture.exe"),
            ("no-store", "max-age"),
            ("X-Amz-Expires=", "X-Amz-Expires=1"),
            (PUBLIC_NAME, "127.0.0.1"),
            (f"{s3.BUCKET}/", f"{s3.BUCKET}/a"),
        ],
    )
    def test_is_signed_in_all_its_parts(self, client, url, part, other):
        address = led_to(client.get(url))
        assert part in address

        refused = follow(address.replace(part, other))

        assert (refused.status, b"SignatureDoesNotMatch" in refused.body) == (403, True)

    def test_of_what_is_saved_holds_for_five_minutes(self, client, saved):
        address = led_to(client.get(saved))

        with time_machine.travel(now() + timedelta(minutes=4, seconds=58), tick=False):
            assert follow(address).status == 200
        with time_machine.travel(now() + timedelta(minutes=5, seconds=2), tick=False):
            assert (client.get(saved).status, follow(address).status) == (302, 403)

    def test_of_what_is_played_holds_as_long_as_ours_so_that_players_may_seek(self, client, url):
        address = led_to(client.get(url))

        with time_machine.travel(expiry_of(url) - 1, tick=False):
            assert follow(address, Range="bytes=-10").status == 206
        with time_machine.travel(expiry_of(url) + 1, tick=False):
            assert (client.get(url).status, follow(address).status) == (410, 403)

    def test_never_outlives_ours(self, client, url, saved):
        for own in (url, saved):
            with time_machine.travel(expiry_of(own) - 60, tick=False):
                address = led_to(client.get(own))
                assert follow(address).status == 200
            with time_machine.travel(expiry_of(own) + 1, tick=False):
                assert (client.get(own).status, follow(address).status) == (410, 403)

    def test_does_not_go_with_another_proof(self, client, url):
        assert follow(led_to(client.get(url)), Authorization="Bearer x").status == 403


class TestWhoMayNot:
    def test_is_told_nothing_where_the_address_is_not_ours(self, client, url):
        path, _, query = url.partition("?")
        other = make_asset(content=b"other", filename="other.txt")
        for forged in (path, url[:-1] + ("0" if url[-1] != "0" else "1"), f"/api/v1/media/{other.id}/file/?{query}"):
            for method in ("GET", "HEAD"):
                answer = client.request(method, forged)
                assert (answer.status, tells_nothing(answer)) == (403, True)
        with time_machine.travel(now() + timedelta(minutes=21), tick=False):
            answer = client.get(url)
        assert (answer.status, tells_nothing(answer)) == (410, True)

    def test_is_told_nothing_by_the_lesson(self, client, as_user, instructor):
        course = make_course(author=instructor)
        downloads = f"content/lessons/{self.offer(as_user(instructor), instructor, course)}/resources/"
        learner = make_person()
        enrollments.admit(user_id=learner.id, course_id=course.id, source=Source.PURCHASE, now=now())
        [offered] = as_user(learner).get(downloads).json["results"]
        assert follow(led_to(client.get(offered["url"]))).body == FILM

        enrollments.take_back(user_id=learner.id, course_id=course.id, reason=TakenBack.REFUND)

        for who, status in ((client, 401), (as_user(make_person()), 403), (as_user(learner), 403)):
            answer = who.get(downloads)
            assert (answer.status, tells_nothing(answer), "signature" in answer.text) == (status, True, False)

    def test_is_led_to_the_film_of_a_lesson_that_they_see(self, client, as_user, instructor):
        course = make_course(author=instructor)
        lesson = f"content/lessons/{lesson_ids(course.id)[0]}/"
        film = make_asset(owner_id=instructor.id, content=FILM, filename="lecture.mp4")
        assert as_user(instructor).put(lesson, {"source": "", "film_id": str(film.id)}).status == 200
        learner = make_person()
        enrollments.admit(user_id=learner.id, course_id=course.id, source=Source.PURCHASE, now=now())

        url = as_user(learner).get(lesson).json["film"]["url"]
        given = follow(led_to(client.get(url, headers={"Range": "bytes=0-99"})), Range="bytes=0-99")

        assert (given.status, given.body) == (206, FILM[:100])
        assert {name: given.headers[name] for name in ("content-type", "content-disposition")} == {
            "content-type": "video/mp4",
            "content-disposition": 'inline; filename="lecture.mp4"',
        }

    def offer(self, teacher: Any, instructor: Any, course: Any) -> UUID:
        lesson_id, *_ = lesson_ids(course.id)
        asset = make_asset(owner_id=instructor.id, content=FILM, filename="lecture.mp4")
        offer = {"asset_id": str(asset.id), "title": "Film"}
        assert teacher.post(f"content/lessons/{lesson_id}/resources/", offer).status == 201
        return lesson_id


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (FILM, "lecture.mp4"),
        (documents.SCRIPTED, "drawing.svg"),
        (documents.HTML, "page.html"),
        (documents.PDF, "paper.pdf"),
        (b"*{display:none}", "a.css"),
        (b"Notes.", 'Überblick "1".txt'),
        (b"\0\1\2", "a.exe"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_bucket_calls_files_what_we_call_them(client, tmp_path, content, filename):
    with stores.files(tmp_path):
        ours = client.get(media.signed_url(asset_id=make_asset(content=content, filename=filename).id, now=now()))
    own = make_asset(content=content, filename=filename)

    given = follow(led_to(client.get(media.signed_url(asset_id=own.id, now=now()))))

    for name in ("Content-Type", "Content-Disposition"):
        assert given.headers[name] == ours.headers[name]
    assert given.body == ours.body == content


def test_pictures_are_given_redrawn_in_the_format_that_is_taken(client, deliver_all):
    private, public = make_asset(content=png_bytes()), make_asset(content=png_bytes(), is_public=True)
    deliver_all()
    url = media.signed_url(asset_id=private.id, now=now(), rendition="thumb")

    for accepted, kind in (("*/*", "image/webp"), ("image/avif,*/*", "image/avif")):
        given = follow(led_to(client.get(url, headers={"Accept": accepted})))
        assert (given.status, given.headers["Content-Type"]) == (200, kind)
    lasting = client.get(media.public_url(asset_id=public.id, rendition="thumb"))
    assert (lasting.status, lasting.headers["Cache-Control"]) == (200, "public, max-age=86400")
    assert "Location" not in lasting.headers
