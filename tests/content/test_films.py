"""The film of a lesson over HTTP: who may name which, and who plays it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.content.models import BodyVersion
from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.enrollments.types import Source, TakenBack
from apps.media import actions as media
from apps.media.models import Asset, Use
from apps.media.types import Asset as File
from apps.users.types import Person
from config.invariants import INVARIANTS
from config.invariants.checking import check
from learninghub.clock import now
from tests.support import uploads
from tests.support.enrollments import enrol
from tests.support.http import Client
from tests.support.media import make_asset
from tests.support.people import make_person

pytestmark = pytest.mark.django_db

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(range(256)) * 4
QUICKTIME = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(64)
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(64)
NONE_SUCH = {"film_id": ["An MP4 or WebM film of yours that is ready."]}


@pytest.fixture
def me(as_user: Any, teacher: Person) -> Client:
    return as_user(teacher)


@pytest.fixture
def film(teacher: Person) -> File:
    return make_asset(owner_id=teacher.id, content=FILM, filename="lecture.mp4")


def shows(film_id: object, **more: str) -> dict[str, str]:
    return {"source": "Watch.", "film_id": str(film_id), **more}


def refused(author: Client, path: str, film_id: object) -> None:
    """The author is told which field is wrong, and nothing is written or held."""
    answer = author.put(path, shows(film_id))
    assert (answer.status, answer.json["code"], answer.json["errors"]) == (400, "file_not_usable", NONE_SUCH)
    assert not BodyVersion.objects.exists()
    assert not Use.objects.exists()


class TestAnAuthor:
    def test_names_a_film_in_place_of_a_link(self, me: Client, path: str, film: File) -> None:
        written = me.put(path, shows(film.id))

        assert (written.status, written.headers["ETag"], written.json["video_url"]) == (200, '"v1"', "")
        url = written.json["film"].pop("url")
        assert written.json["film"] == {"id": str(film.id), "media_type": "video/mp4", "size": len(FILM)}
        assert url.startswith(f"/api/v1/media/{film.id}/file/?expires=")
        assert me.get(path).json["film"]["url"] == url
        assert list(Use.objects.values_list("asset_id", "kind")) == [(film.id, "content.lesson")]
        assert me.put(path, shows(film.id)).json["version"] == 1

    def test_names_one_that_is_webm(self, me: Client, path: str, teacher: Person) -> None:
        film = make_asset(owner_id=teacher.id, content=WEBM, filename="a.webm")
        assert me.put(path, shows(film.id)).json["film"]["media_type"] == "video/webm"

    def test_names_a_film_or_a_link(self, me: Client, path: str, film: File) -> None:
        answer = me.put(path, shows(film.id, video_url="https://youtu.be/abcdefg"))

        assert (answer.status, answer.json["errors"]) == (400, {"film_id": ["A film or a link to one, not both."]})
        assert not BodyVersion.objects.exists()
        assert me.put(path, shows(film.id)).status == 200
        with pytest.raises(IntegrityError, match="content_bodyversion_one_video"), transaction.atomic():
            BodyVersion.objects.update(video_url="https://youtu.be/abcdefg")

    def test_replaces_it_and_looks_back(self, me: Client, path: str, teacher: Person, film: File) -> None:
        other = make_asset(owner_id=teacher.id, content=WEBM, filename="a.webm")
        link = {"source": "Watch.", "video_url": "https://youtu.be/abcdefg"}

        shown = [me.put(path, body).json for body in (shows(film.id), shows(other.id), link, {"source": "Watch."})]

        assert [one["film"] and one["film"]["id"] for one in shown] == [str(film.id), str(other.id), None, None]
        assert [one["video_url"] for one in shown] == ["", "", link["video_url"], ""]
        versions = me.get(f"{path}versions/").json["results"]
        assert [(one["film_id"], one["video_url"]) for one in versions] == [
            (None, ""),
            (None, link["video_url"]),
            (str(other.id), ""),
            (str(film.id), ""),
        ]

    def test_names_only_what_is_a_film_of_the_team(self, me: Client, path: str, teacher: Person) -> None:
        for content, filename in ((QUICKTIME, "a.mov"), (b"Notes.", "notes.mp4"), (None, "picture.png")):
            refused(me, path, make_asset(owner_id=teacher.id, content=content, filename=filename).id)
        refused(me, path, make_asset(content=FILM, filename="theirs.mp4").id)
        refused(me, path, uuid4())
        answer = me.put(path, shows("x"))
        assert (answer.status, list(answer.json["errors"])) == (400, ["film_id"])

    def test_waits_until_it_is_ready(self, me: Client, path: str, client: Client, deliver_all: Any) -> None:
        announced = uploads.announce(me, FILM, filename="a.mp4", media_type="video/mp4").json["asset_id"]
        refused(me, path, announced)
        film_id = uploads.upload(me, client, FILM, filename="lecture.mp4", media_type="video/mp4")
        refused(me, path, film_id)

        deliver_all()

        assert me.put(path, shows(film_id)).json["film"]["id"] == film_id

    def test_does_not_name_one_that_was_rejected(self, me: Client, path: str, client: Client, deliver_all: Any) -> None:
        film_id = uploads.upload(me, client, b"<html>Not a film", filename="a.mp4", media_type="video/mp4")
        deliver_all()
        assert me.get(f"media/{film_id}/").json["state"] == "rejected"
        refused(me, path, film_id)

    def test_keeps_what_a_colleague_brought_in(
        self, me: Client, as_user: Any, path: str, teacher: Person, course: CourseCard
    ) -> None:
        colleague = make_person(roles={"instructor"})
        film = make_asset(owner_id=colleague.id, content=FILM, filename="lecture.mp4")
        courses.add_instructor(course_id=course.id, user_id=colleague.id, by=teacher.id, now=now())
        assert me.put(path, shows(film.id)).status == 200
        courses.remove_instructor(course_id=course.id, user_id=colleague.id, by=teacher.id, now=now())

        assert me.put(path, shows(film.id, source="Watch it.")).json["film"]["id"] == str(film.id)
        assert me.put(path, {"source": "Nothing."}).status == 200
        assert me.put(path, shows(film.id)).json["errors"] == NONE_SUCH


class TestAFilmThatALessonShows:
    @pytest.fixture(autouse=True)
    def _shown(self, me: Client, path: str, film: File) -> None:
        assert me.put(path, shows(film.id)).status == 200

    def test_is_kept_for_good_as_versions_are(self, me: Client, path: str, film: File) -> None:
        for body in (shows(film.id, source="Watch it."), {"source": "Nothing."}):
            assert me.put(path, body).status == 200
            answer = me.delete(f"media/{film.id}/")
            assert (answer.status, answer.json["code"], answer.json["used_by"]) == (
                409, "asset_in_use", ["content.lesson"]
            )  # fmt: skip
        assert media.forget_unused(now=now() + timedelta(days=400)) == 0
        assert Asset.objects.filter(id=film.id, state="ready").exists()
        assert me.put(path, shows(film.id)).json["film"]["id"] == str(film.id)

    def test_is_held_as_the_invariants_want_it(self) -> None:
        def breached() -> list[str]:
            return [
                found.code
                for found in check([one for one in INVARIANTS if one.code in {"MD5", "MD6"}])
                if found.breaches
            ]

        assert breached() == []
        Use.objects.update(kind="content.import")
        assert breached() == ["MD5", "MD6"]

    def test_plays_in_place_and_in_parts(self, client: Client, as_user: Any, course: CourseCard, path: str) -> None:
        learner = make_person()
        enrol(learner, course)
        url = as_user(learner).get(path).json["film"]["url"]

        whole, part = client.get(url), client.get(url, headers={"Range": "bytes=100-199"})

        assert (whole.status, whole.body) == (200, FILM)
        assert (part.status, part.body) == (206, FILM[100:200])
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(FILM)}"
        for answer in (whole, part):
            told = {name: answer.headers[name] for name in ("Content-Type", "Content-Disposition", "Accept-Ranges")}
            assert told == {
                "Content-Type": "video/mp4",
                "Content-Disposition": 'inline; filename="lecture.mp4"',
                "Accept-Ranges": "bytes",
            }

    def test_plays_for_who_sees_the_lesson(
        self, client: Client, as_user: Any, teacher: Person, course: CourseCard, path: str, film: File
    ) -> None:
        learner = make_person()
        enrollments.admit(user_id=learner.id, course_id=course.id, source=Source.PURCHASE, now=now())
        for person in (learner, teacher, make_person(roles={"staff"})):
            url = as_user(person).get(path).json["film"]["url"]
            assert client.get(url).body == FILM
        enrollments.take_back(user_id=learner.id, course_id=course.id, reason=TakenBack.REFUND)

        other_teacher = make_person(roles={"instructor"})
        for who, status in (
            (client, 401),
            (as_user(make_person()), 403),
            (as_user(other_teacher), 403),
            (as_user(learner), 403),
        ):
            answer = who.get(path)
            assert (answer.status, str(film.id) in answer.text) == (status, False)
            assert who.get(f"media/{film.id}/").status == 404
            assert who.get(f"media/{film.id}/file/").json["code"] == "forged_address"

    def test_plays_for_everyone_in_a_preview(self, client: Client, teacher: Person, lesson_id: UUID, path: str) -> None:
        courses.edit_lesson(lesson_id=lesson_id, is_preview=True, by=teacher.id, now=now())
        assert client.get(client.get(path).json["film"]["url"]).body == FILM

    def test_has_an_address_that_ends_and_is_renewed(
        self, client: Client, as_user: Any, teacher: Person, path: str
    ) -> None:
        with time_machine.travel(now(), tick=False) as clock:
            url = as_user(teacher).get(path).json["film"]["url"]
            clock.shift(timedelta(minutes=21))
            assert client.get(url).json["code"] == "address_expired"
            renewed = as_user(teacher).get(path).json["film"]["url"]
            assert (renewed == url, client.get(renewed).status) == (False, 200)

    def test_costs_the_lesson_two_statements(
        self, me: Client, path: str, queries_of: Callable[[Callable[[], Any]], int]
    ) -> None:
        with_film = queries_of(lambda: me.get(path))
        assert me.put(path, {"source": "Nothing."}).status == 200
        assert with_film == queries_of(lambda: me.get(path)) + 2
