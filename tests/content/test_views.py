"""Lessons, downloads and imports over HTTP: who may, and what they get."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.assessments import api as assessments
from apps.content import tasks
from apps.content.actions import imports as importing
from apps.content.events import ImportFinished
from apps.content.models import BodyVersion, Import, LessonBody, Resource
from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.media.types import Purpose
from apps.users.types import Person
from learninghub.clock import now
from learninghub.errors import Unavailable
from learninghub.outbox.models import OutboxMessage
from tests.support import olx
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.media import make_asset
from tests.support.people import make_person

pytestmark = pytest.mark.django_db

TEXT = {"format": "markdown", "source": "# Hello\n\n$x^2$", "video_url": "https://youtu.be/abcdefg"}


class TestAuthors:
    def test_write_and_read_their_lesson(self, teacher: Person, course: CourseCard, path: str, as_user: Any) -> None:
        written = as_user(teacher).put(path, TEXT)
        assert (written.status, written.headers["ETag"]) == (200, '"v1"')
        assert written.json["html"] == "<h1>Hello</h1>\n<p>\\(x^2\\)</p>\n"
        assert (written.json["source"], written.json["course_id"]) == (TEXT["source"], str(course.id))
        read = as_user(teacher).get(path)
        assert (read.json, read.headers["ETag"]) == (written.json, '"v1"')

    def test_read_an_unwritten_lesson_as_version_0(self, teacher: Person, path: str, as_user: Any) -> None:
        read = as_user(teacher).get(path)
        assert (read.status, read.headers["ETag"]) == (200, '"v0"')
        assert (read.json["html"], read.json["version"], read.json["updated_at"]) == ("", 0, None)

    def test_do_not_overwrite_each_other(self, teacher: Person, path: str, as_user: Any) -> None:
        author = as_user(teacher)
        assert author.put(path, TEXT, headers={"If-Match": '"v0"'}).status == 200
        late = author.put(path, {**TEXT, "source": "late"}, headers={"If-Match": '"v0"'})
        assert (late.status, late.json["code"]) == (412, "lost_update")
        assert author.get(path).json["source"] == TEXT["source"]
        assert author.put(path, {**TEXT, "source": "in time"}, headers={"If-Match": '"v1"'}).json["version"] == 2

    def test_make_no_version_of_what_is_the_same(self, teacher: Person, path: str, as_user: Any) -> None:
        assert [as_user(teacher).put(path, TEXT).json["version"] for _ in range(2)] == [1, 1]
        assert BodyVersion.objects.count() == 1

    def test_find_all_versions_newest_first(self, teacher: Person, path: str, as_user: Any) -> None:
        for number in range(3):
            as_user(teacher).put(path, {"source": f"text {number}"})
        page = as_user(teacher).get(f"{path}versions/", page_size=2)
        assert [(row["version"], row["source"]) for row in page.json["results"]] == [(3, "text 2"), (2, "text 1")]
        rest = as_user(teacher).get(page.json["next"])
        assert [(row["version"], row["written_by"]) for row in rest.json["results"]] == [(1, str(teacher.id))]

    def test_are_told_what_is_wrong_field_by_field(self, teacher: Person, path: str, as_user: Any) -> None:
        for wrong, field in (
            ({**TEXT, "format": "latex"}, "format"),
            ({**TEXT, "video_url": "http://example.org/x"}, "video_url"),
            ({**TEXT, "video_url": "javascript:alert(1)"}, "video_url"),
            ({"format": "html"}, "source"),
            ({**TEXT, "source": "x" * 400_001}, "source"),
        ):
            answer = as_user(teacher).put(path, wrong)
            assert (answer.status, list(answer.json["errors"])) == (400, [field])
        assert not BodyVersion.objects.exists()

    def test_show_files_of_their_own_by_signed_address(
        self, teacher: Person, path: str, as_user: Any, client: Any
    ) -> None:
        asset = make_asset(owner_id=teacher.id, content=b"Some notes.", filename="notes.txt")
        written = as_user(teacher).put(path, {"source": f"[Notes](media:{asset.id})"})
        assert f"media:{asset.id}" not in written.json["html"]
        address = written.json["html"].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
        assert client.get(address).body == b"Some notes."
        assert client.get(address.partition("?")[0]).status in {403, 404}

    def test_cannot_show_files_of_others(self, teacher: Person, path: str, as_user: Any) -> None:
        asset = make_asset(owner_id=make_person().id, content=b"A secret.", filename="secret.txt")
        for source in (f"[x](media:{asset.id})", f"![x](media:{asset.id})", f"[x](media:{uuid4()})"):
            answer = as_user(teacher).put(path, {"source": source})
            assert (answer.status, answer.json["code"]) == (400, "file_not_usable")
        assert as_user(teacher).post(f"{path}resources/", {"asset_id": str(asset.id), "title": "x"}).status == 400
        assert not BodyVersion.objects.exists()
        assert not Resource.objects.exists()

    def test_keep_what_a_colleague_brought_in(
        self, teacher: Person, course: CourseCard, path: str, as_user: Any
    ) -> None:
        colleague = make_person(roles={"instructor"})
        asset = make_asset(owner_id=colleague.id, content=b"Notes.", filename="n.txt")
        courses.add_instructor(course_id=course.id, user_id=colleague.id, by=teacher.id, now=now())
        assert as_user(colleague).put(path, {"source": f"[x](media:{asset.id})"}).status == 200
        courses.remove_instructor(course_id=course.id, user_id=colleague.id, by=teacher.id, now=now())
        assert as_user(teacher).put(path, {"source": f"Still [x](media:{asset.id})"}).status == 200


class TestDownloads:
    def test_are_offered_listed_and_withdrawn(
        self, teacher: Person, course: CourseCard, lesson_id: UUID, path: str, as_user: Any, client: Any
    ) -> None:
        asset = make_asset(owner_id=teacher.id, content=b"Some notes.", filename="notes.txt")
        offer = {"asset_id": str(asset.id), "title": "Notes"}
        added = as_user(teacher).post(f"{path}resources/", offer)
        assert added.status == 201
        assert as_user(teacher).post(f"{path}resources/", {**offer, "title": "My notes"}).json == added.json
        learner = make_person()
        enrol(learner, course)
        (found,) = as_user(learner).get(f"{path}resources/").json["results"]
        assert (found["id"], found["title"], found["media_type"], found["size"]) == (
            added.json["id"],
            "My notes",
            "text/plain",
            11,
        )
        assert client.get(found["url"]).body == b"Some notes."
        other = lesson_ids(course.id)[1]
        assert as_user(teacher).delete(f"content/lessons/{other}/resources/{found['id']}/").status == 404
        assert as_user(teacher).delete(f"{path}resources/{found['id']}/").status == 204
        assert as_user(learner).get(f"{path}resources/").json["results"] == []

    def test_cost_the_same_for_three_and_for_thirty(
        self, teacher: Person, path: str, as_user: Any, queries_of: Callable[[Callable[[], Any]], int]
    ) -> None:
        def add(count: int) -> None:
            for number in range(count):
                asset = make_asset(owner_id=teacher.id, content=f"{count} {number}".encode(), filename="n.txt")
                as_user(teacher).post(f"{path}resources/", {"asset_id": str(asset.id), "title": "n"})

        author = as_user(teacher)
        add(3)
        three = queries_of(lambda: author.get(f"{path}resources/", page_size=50))
        add(27)
        assert queries_of(lambda: author.get(f"{path}resources/", page_size=50)) == three == 5
        assert len(author.get(f"{path}resources/", page_size=50).json["results"]) == 30


class TestWhoSeesALesson:
    @pytest.fixture
    def people(self, teacher: Person, course: CourseCard) -> dict[str, Person]:
        learner = make_person()
        enrol(learner, course)
        return {
            "stranger": make_person(),
            "learner": learner,
            "other teacher": make_person(roles={"instructor"}),
            "teacher": teacher,
            "staff": make_person(roles={"staff"}),
        }

    def statuses(
        self, people: dict[str, Person], as_user: Any, client: Any, ask: Callable[[Any], Any]
    ) -> dict[str, int]:
        return {
            "anonymous": ask(client).status,
            **{name: ask(as_user(person)).status for name, person in people.items()},
        }

    @pytest.mark.parametrize("part", ["", "resources/"])
    def test_of_a_published_course(self, people: Any, path: str, as_user: Any, client: Any, part: str) -> None:
        assert self.statuses(people, as_user, client, lambda who: who.get(path + part)) == {
            "anonymous": 401,
            "stranger": 403,
            "learner": 200,
            "other teacher": 403,
            "teacher": 200,
            "staff": 200,
        }

    @pytest.mark.parametrize("part", ["", "resources/"])
    def test_that_is_a_preview(
        self, people: Any, teacher: Person, lesson_id: UUID, path: str, as_user: Any, client: Any, part: str
    ) -> None:
        courses.edit_lesson(lesson_id=lesson_id, is_preview=True, by=teacher.id, now=now())
        assert set(self.statuses(people, as_user, client, lambda who: who.get(path + part)).values()) == {200}

    @pytest.mark.parametrize("part", ["", "resources/"])
    def test_of_a_draft(self, people: Any, teacher: Person, as_user: Any, client: Any, part: str) -> None:
        draft = make_course(author=teacher, published=False)
        (lesson_id, *_) = lesson_ids(draft.id)
        courses.edit_lesson(lesson_id=lesson_id, is_preview=True, by=teacher.id, now=now())
        found = self.statuses(people, as_user, client, lambda who: who.get(f"content/lessons/{lesson_id}/{part}"))
        assert found == dict.fromkeys(("anonymous", "stranger", "learner", "other teacher"), 404) | {
            "teacher": 200,
            "staff": 200,
        }

    def test_that_was_removed(
        self, people: Any, teacher: Person, lesson_id: UUID, path: str, as_user: Any, client: Any
    ) -> None:
        courses.remove_lesson(lesson_id=lesson_id, by=teacher.id, now=now())
        assert set(self.statuses(people, as_user, client, lambda who: who.get(path)).values()) == {404}

    @pytest.mark.parametrize("ask", ["put", "post", "versions"])
    def test_only_teachers_and_staff_write_it_or_look_back(
        self, people: Any, teacher: Person, path: str, as_user: Any, client: Any, ask: str
    ) -> None:
        asset = make_asset(owner_id=teacher.id, content=b"x", filename="x.txt")
        calls = {
            "put": lambda who: who.put(path, TEXT),
            "post": lambda who: who.post(f"{path}resources/", {"asset_id": str(asset.id), "title": "x"}),
            "versions": lambda who: who.get(f"{path}versions/"),
        }
        outsiders = {name: people[name] for name in ("stranger", "learner", "other teacher")}
        assert self.statuses(outsiders, as_user, client, calls[ask]) == {
            "anonymous": 401,
            "stranger": 404,
            "learner": 404,
            "other teacher": 404,
        }
        assert not LessonBody.objects.exists()
        assert not Resource.objects.exists()
        insiders = {name: people[name] for name in ("teacher", "staff")}
        allowed = [calls[ask](as_user(person)).status for person in insiders.values()]
        assert allowed == ([201, 201] if ask == "post" else [200, 200])

    def test_learners_get_the_page_but_not_its_source(
        self, people: Any, teacher: Person, path: str, as_user: Any
    ) -> None:
        as_user(teacher).put(path, TEXT)
        seen = as_user(people["learner"]).get(path).json
        assert (seen["source"], seen["html"]) == (None, "<h1>Hello</h1>\n<p>\\(x^2\\)</p>\n")

    def test_nothing_of_it_is_cached_on_the_way(self, people: Any, path: str, as_user: Any) -> None:
        assert "no-store" in as_user(people["learner"]).get(path).headers["Cache-Control"]


class TestImports:
    def upload(self, owner: Person, content: bytes, filename: str = "course.tar.gz") -> str:
        return str(make_asset(owner_id=owner.id, content=content, filename=filename, purpose=Purpose.ARCHIVE).id)

    def test_are_taken_at_once_and_reported_on(
        self, teacher: Person, as_user: Any, deliver_all: Any, published: Any
    ) -> None:
        asset_id = self.upload(teacher, olx.tar_gz(olx.course(unit="<html>Hi</html><lti launch_url='x'/>")))
        taken = as_user(teacher).post("content/imports/", {"asset_id": asset_id})
        assert (taken.status, taken.json["state"], taken.json["filename"]) == (202, "pending", "course.tar.gz")
        assert taken.headers["Location"] == f"/api/v1/content/imports/{taken.json['id']}/"
        deliver_all()
        report = as_user(teacher).get(taken.headers["Location"]).json
        assert (report["state"], report["written"] > 0, report["error_code"]) == ("finished", True, "")
        assert {(line["element"], line["outcome"]) for line in report["report"]} >= {
            ("html", "imported"),
            ("lti", "left_out"),
        }
        (lesson,) = courses.get_outline(course_id=UUID(report["course_id"])).lessons
        assert as_user(teacher).get(f"content/lessons/{lesson.id}/").json["html"] == "Hi"
        assert published(ImportFinished) == [
            ImportFinished(
                import_id=UUID(report["id"]),
                user_id=teacher.id,
                course_id=UUID(report["course_id"]),
                succeeded=True,
            )
        ]

    def test_of_the_same_again_change_nothing_and_tell_nothing(
        self, teacher: Person, as_user: Any, deliver_all: Any, published: Any
    ) -> None:
        asset_id = self.upload(teacher, olx.tar_gz(olx.course()))
        reports = []
        for _ in range(2):
            taken = as_user(teacher).post("content/imports/", {"asset_id": asset_id}).json
            deliver_all()
            reports.append(as_user(teacher).get(f"content/imports/{taken['id']}/").json)
        assert [report["state"] for report in reports] == ["finished"] * 2
        assert (reports[1]["written"], reports[1]["course_id"]) == (0, reports[0]["course_id"])
        assert len(published(ImportFinished)) == 1

    def test_that_fail_say_why_and_leave_nothing(
        self, teacher: Person, as_user: Any, deliver_all: Any, published: Any
    ) -> None:
        asset_id = self.upload(teacher, olx.tar_gz({"../course.xml": "<course/>"}))
        taken = as_user(teacher).post("content/imports/", {"asset_id": asset_id}).json
        deliver_all()
        report = as_user(teacher).get(f"content/imports/{taken['id']}/").json
        assert (report["state"], report["error_code"], report["course_id"]) == ("failed", "unsafe_path", None)
        assert "../course.xml" in report["error_detail"]
        assert courses.list_taught(user_id=teacher.id) == []
        assert [fact.succeeded for fact in published(ImportFinished)] == [False]

    def test_are_done_once_however_often_the_job_runs(
        self, teacher: Person, as_user: Any, deliver_all: Any, published: Any
    ) -> None:
        asset_id = self.upload(teacher, olx.tar_gz(olx.course()))
        taken = as_user(teacher).post("content/imports/", {"asset_id": asset_id}).json
        deliver_all()
        done = as_user(teacher).get(f"content/imports/{taken['id']}/").json
        tasks.import_course(UUID(taken["id"]))
        assert as_user(teacher).get(f"content/imports/{taken['id']}/").json == done
        assert len(courses.list_taught(user_id=teacher.id)) == len(published(ImportFinished)) == 1

    def test_wait_while_something_is_out_of_order(
        self, teacher: Person, as_user: Any, published: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asset_id = self.upload(teacher, olx.tar_gz(olx.course()))
        taken = as_user(teacher).post("content/imports/", {"asset_id": asset_id}).json

        def away(**_: object) -> None:
            raise Unavailable

        monkeypatch.setattr(importing.media, "open_asset", away)
        with pytest.raises(Unavailable):
            tasks.import_course(UUID(taken["id"]))
        assert as_user(teacher).get(f"content/imports/{taken['id']}/").json["state"] == "running"
        monkeypatch.undo()
        tasks.import_course(UUID(taken["id"]))
        assert as_user(teacher).get(f"content/imports/{taken['id']}/").json["state"] == "finished"
        assert len(published(ImportFinished)) == 1

    def test_carry_the_quiz_to_its_lesson(self, teacher: Person, as_user: Any, deliver_all: Any) -> None:
        unit = "<problem><p>?</p><stringresponse answer='a'><textline/></stringresponse></problem>"
        asset_id = self.upload(teacher, olx.tar_gz(olx.course(unit=unit)))
        as_user(teacher).post("content/imports/", {"asset_id": asset_id})
        deliver_all()
        (lesson,) = courses.get_outline(course_id=courses.list_taught(user_id=teacher.id)[0]).lessons
        quiz = assessments.find_quiz(lesson_id=lesson.id)
        assert quiz is not None
        assert as_user(teacher).get(f"content/lessons/{lesson.id}/").json["quiz"]["id"] == str(quiz.id)

    def test_are_for_instructors_with_a_file_of_their_own(self, teacher: Person, as_user: Any, client: Any) -> None:
        asset_id = self.upload(teacher, olx.tar_gz(olx.course()))
        other = make_person(roles={"instructor"})
        statuses = [
            client.post("content/imports/", {"asset_id": asset_id}).status,
            as_user(make_person()).post("content/imports/", {"asset_id": asset_id}).status,
            as_user(make_person(roles={"staff"})).post("content/imports/", {"asset_id": asset_id}).status,
            as_user(other).post("content/imports/", {"asset_id": asset_id}).status,
            as_user(teacher).post("content/imports/", {"asset_id": str(uuid4())}).status,
            as_user(teacher).post("content/imports/", {"asset_id": "x"}).status,
        ]
        assert statuses == [401, 403, 403, 400, 400, 400]
        assert not Import.objects.exists()
        assert not OutboxMessage.objects.filter(name="content.import_course").exists()

    def test_are_seen_by_who_asked_and_staff(self, teacher: Person, as_user: Any, client: Any) -> None:
        asset_id = self.upload(teacher, olx.tar_gz(olx.course()))
        path = as_user(teacher).post("content/imports/", {"asset_id": asset_id}).headers["Location"]
        people = [teacher, make_person(roles={"staff"}), make_person(roles={"instructor"}), make_person()]
        assert [client.get(path).status, *(as_user(person).get(path).status for person in people)] == [
            401,
            200,
            200,
            404,
            404,
        ]
