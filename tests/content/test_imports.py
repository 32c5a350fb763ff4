"""Importing through the doors: the real courses, the same again, a changed source, and what goes wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.assessments import api as assessments
from apps.content import errors
from apps.content.actions import writing
from apps.content.actions.imports import import_path
from apps.content.events import ImportFinished
from apps.content.models import CourseSource, Import
from apps.content.types import ImportResult
from apps.courses import api as courses
from apps.courses.types import Outline
from apps.enrollments import api as enrollments
from apps.media import actions as media_actions
from apps.media.models import Asset, Use
from apps.users.types import Person
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage
from tests.support import olx
from tests.support.courses import lesson_ids
from tests.support.enrollments import complete_lesson, enrol
from tests.support.material import DEVOPS, DEVOPS_SINGLE_FILE, LATEX2EDX, material
from tests.support.media import png_bytes
from tests.support.people import email_of, make_person

pytestmark = pytest.mark.django_db

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(64)
QUIZ = """<problem display_name="Q"><p>Name?</p>
    <stringresponse answer="Michigan" type="ci"><textline/></stringresponse></problem>"""


def run(folder: Path, files: olx.Files, teacher: Person) -> ImportResult:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return import_path(path=olx.write(folder, files), by=teacher.id, now=now())


def three_lessons(**changed: str | None) -> dict[str, str | bytes]:
    units = {"a": "<html>Alpha</html>", "b": f"<html>Beta</html>{QUIZ}", "c": "<html>Gamma</html>", **changed}
    verticals = "".join(f'<vertical url_name="{key}"/>' for key, inside in units.items() if inside)
    return {
        **olx.course(),
        "about/short_description.html": "Three lessons.",
        "sequential/s1.xml": f'<sequential display_name="Part">{verticals}</sequential>',
        **{
            f"vertical/{key}.xml": f'<vertical display_name="{key}">{inside}</vertical>'
            for key, inside in units.items()
        },
    }


def titles(outline: Outline) -> list[tuple[str, list[str]]]:
    return [(module.title, [lesson.title for lesson in module.lessons]) for module in outline.modules]


def writes_of(call: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call()
    return [
        query["sql"] for query in captured if query["sql"].lstrip().lower().startswith(("insert", "update", "delete"))
    ]


@pytest.mark.parametrize("name", [LATEX2EDX, DEVOPS, DEVOPS_SINGLE_FILE])
def test_a_real_course_is_imported_and_the_same_again_writes_nothing(name: str, teacher: Person) -> None:
    first = import_path(path=material(name), by=teacher.id, now=now())
    outline = courses.get_outline(course_id=first.course_id)
    facts = OutboxMessage.objects.count()
    results: list[ImportResult] = []
    writes = writes_of(lambda: results.append(import_path(path=material(name), by=teacher.id, now=now())))
    assert writes == []
    assert OutboxMessage.objects.count() == facts
    assert [(again.course_id, again.written) for again in results] == [(first.course_id, 0)]
    assert courses.get_outline(course_id=first.course_id) == outline


def test_latex2edx_stands_in_the_tables_as_read(teacher: Person, published: Callable[[type], list[Any]]) -> None:
    result = import_path(path=material(LATEX2EDX), by=teacher.id, now=now())
    card = courses.get_card(course_id=result.course_id)
    outline = courses.get_outline(course_id=result.course_id)
    assert (card.title, card.state, card.author_id, card.cover_id is None) == (
        "latex2edx demo course",
        "draft",
        teacher.id,
        False,
    )
    assert titles(outline) == [
        ("Introduction", ["Introduction to latex2edx"]),
        (
            "Basic examples",
            [
                "Basic example problems (1)",
                "Basic example problems (2)",
                "Basic example problems (3)",
                "Video and text (1)",
                "Video and text (2)",
            ],
        ),
        ("Advanced Examples", ["Adaptive hints"]),
    ]
    quizzes = assessments.find_quizzes(lesson_ids=[lesson.id for lesson in outline.lessons])
    assert [lesson.title for lesson in outline.lessons if lesson.id in quizzes] == [
        "Basic example problems (1)",
        "Basic example problems (2)",
        "Basic example problems (3)",
        "Adaptive hints",
    ]
    assert [lesson.needs_quiz for lesson in outline.lessons] == [lesson.id in quizzes for lesson in outline.lessons]
    wish = Import.objects.get()
    assert (wish.state, wish.course_id, len(wish.report)) == ("finished", result.course_id, len(result.report))
    assert published(ImportFinished) == [
        ImportFinished(import_id=wish.id, user_id=teacher.id, course_id=result.course_id, succeeded=True)
    ]


def test_the_other_form_of_a_course_finds_its_lessons_again(teacher: Person) -> None:
    folder = import_path(path=material(DEVOPS), by=teacher.id, now=now())
    before = courses.get_outline(course_id=folder.course_id)
    single = import_path(path=material(DEVOPS_SINGLE_FILE), by=teacher.id, now=now())
    assert single.course_id == folder.course_id
    assert courses.get_outline(course_id=folder.course_id).modules == before.modules
    assert import_path(path=material(DEVOPS_SINGLE_FILE), by=teacher.id, now=now()).written == 0


def test_two_people_have_a_course_each(teacher: Person, tmp_path: Path) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    second = run(tmp_path, three_lessons(), make_person(roles={"instructor"}))
    assert first.course_id != second.course_id


def test_a_changed_text_is_the_only_thing_written(teacher: Person, tmp_path: Path, client: Any, as_user: Any) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    before = courses.get_outline(course_id=first.course_id)
    second = run(tmp_path, three_lessons(a="<html>Alpha, once more</html>"), teacher)
    assert (second.course_id, second.written) == (first.course_id, 1)
    assert courses.get_outline(course_id=first.course_id) == before
    seen = as_user(teacher).get(f"content/lessons/{before.lessons[0].id}/").json
    assert (seen["version"], seen["html"]) == (2, "Alpha, once more")
    assert as_user(teacher).get(f"content/lessons/{before.lessons[1].id}/").json["version"] == 1


def test_lessons_come_go_and_move_and_learners_keep_what_they_have(
    teacher: Person, tmp_path: Path, deliver_all: Callable[[], int]
) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    alpha, beta, gamma = lesson_ids(first.course_id)
    courses.publish_course(course_id=first.course_id, by=teacher.id, now=now())
    deliver_all()
    learner = make_person()
    enrollment = enrol(learner, courses.get_card(course_id=first.course_id))
    complete_lesson(enrollment, alpha)
    complete_lesson(enrollment, gamma)
    files = three_lessons(b=None, d="<html>Delta</html>")
    files["sequential/s1.xml"] = """<sequential display_name="Part"><vertical url_name="c"/><vertical url_name="d"/>
        <vertical url_name="a"/></sequential>"""
    second = run(tmp_path, files, teacher)
    deliver_all()
    outline = courses.get_outline(course_id=first.course_id)
    assert titles(outline) == [("One", ["Part: c", "Part: d", "Part: a"])]
    assert [outline.lessons[0].id, outline.lessons[2].id] == [gamma, alpha]
    assert courses.get_lesson(lesson_id=beta).is_removed
    # Delta's lesson and body, the new order, Beta retired.
    assert second.written == 4
    progress = enrollments.get_enrollment(enrollment_id=enrollment.id)
    assert (progress.completed_lessons, progress.required_lessons) == (2, 3)


def test_a_chapter_that_goes_takes_only_its_own(teacher: Person, tmp_path: Path) -> None:
    two = three_lessons()
    two["course/r1.xml"] = (
        """<course display_name="A course"><chapter url_name="c1"/><chapter url_name="c2"/></course>"""
    )
    two["chapter/c2.xml"] = '<chapter display_name="Two"><vertical url_name="z"/></chapter>'
    two["vertical/z.xml"] = '<vertical display_name="z"><html>Zeta</html></vertical>'
    first = run(tmp_path, two, teacher)
    zeta = lesson_ids(first.course_id)[-1]
    moved = dict(two)
    moved["course/r1.xml"] = '<course display_name="A course"><chapter url_name="c1"/></course>'
    moved["sequential/s1.xml"] = '<sequential display_name="Part"><vertical url_name="z"/></sequential>'
    second = run(tmp_path, moved, teacher)
    outline = courses.get_outline(course_id=second.course_id)
    assert titles(outline) == [("One", ["Part: z"])]
    assert outline.lessons[0].id == zeta


def test_a_quiz_that_goes_is_taken_from_its_lesson(teacher: Person, tmp_path: Path) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    beta = lesson_ids(first.course_id)[1]
    assert assessments.find_quiz(lesson_id=beta) is not None
    second = run(tmp_path, three_lessons(b="<html>Beta</html>"), teacher)
    assert (second.written, assessments.find_quiz(lesson_id=beta)) == (1, None)
    assert not courses.get_lesson(lesson_id=beta).needs_quiz


def test_what_people_changed_by_hand_stays(teacher: Person, tmp_path: Path) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    module = courses.get_outline(course_id=first.course_id).modules[0]
    alpha, beta, _ = lesson_ids(first.course_id)
    courses.edit_lesson(lesson_id=alpha, title="My own title", by=teacher.id, now=now())
    courses.remove_lesson(lesson_id=beta, by=teacher.id, now=now())
    courses.add_lesson(module_id=module.id, title="Mine", by=teacher.id, now=now())
    run(tmp_path, three_lessons(c="<html>Gamma, changed</html>"), teacher)
    assert titles(courses.get_outline(course_id=first.course_id)) == [("One", ["My own title", "Part: c", "Mine"])]


def test_what_was_removed_by_hand_comes_back_when_the_source_has_news(teacher: Person, tmp_path: Path) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    courses.remove_lesson(lesson_id=lesson_ids(first.course_id)[0], by=teacher.id, now=now())
    run(tmp_path, three_lessons(a="<html>Alpha has news</html>"), teacher)
    assert sorted(titles(courses.get_outline(course_id=first.course_id))[0][1]) == ["Part: a", "Part: b", "Part: c"]


def test_a_file_that_was_forgotten_since_the_last_import_is_kept_anew(teacher: Person, tmp_path: Path) -> None:
    files = {**three_lessons(a='<html><img src="/static/p.png"/></html>'), "static/p.png": png_bytes()}
    run(tmp_path, files, teacher)
    [first] = Asset.objects.filter(owner_id=teacher.id)
    Use.objects.filter(asset=first).delete()
    media_actions.delete_asset(asset_id=first.id, by=teacher.id, now=now())

    run(tmp_path, {**files, "about/short_description.html": "Changed."}, teacher)

    [again] = Asset.objects.filter(owner_id=teacher.id)
    assert (again.id != first.id, again.sha256, again.uses.get().kind) == (True, first.sha256, "content.lesson")


def test_pictures_and_downloads_are_kept_once_and_shown_by_signed_address(
    teacher: Person, tmp_path: Path, as_user: Any
) -> None:
    picture, notes = png_bytes(), b"Some notes."
    files = {
        **three_lessons(
            a='<html><img src="/static/p.png"/><a href="/static/n.txt">Notes</a></html>',
            b=QUIZ.replace("<p>Name?", '<p><img src="/static/p.png"/>Name?'),
        ),
        "static/p.png": picture,
        "static/n.txt": notes,
    }
    first = run(tmp_path, files, teacher)
    alpha = lesson_ids(first.course_id)[0]
    seen = as_user(teacher).get(f"content/lessons/{alpha}/").json
    assert 'src="/api/v1/media/' in seen["html"]
    (download,) = as_user(teacher).get(f"content/lessons/{alpha}/resources/").json["results"]
    assert (download["title"], download["filename"], download["size"]) == ("Notes", "n.txt", len(notes))
    assert as_user(teacher).get(download["url"]).body == notes
    again = run(tmp_path, {**files, "static/n.txt": b"Other notes."}, teacher)
    assert again.written > 0
    (download,) = as_user(teacher).get(f"content/lessons/{alpha}/resources/").json["results"]
    assert as_user(teacher).get(download["url"]).body == b"Other notes."


def test_a_file_that_media_refuses_is_left_out_and_named(teacher: Person, tmp_path: Path, as_user: Any) -> None:
    files = {**three_lessons(a='<html>See <img src="/static/p.png" alt="P"/></html>'), "static/p.png": b"no picture"}
    files["static/empty.pdf"] = b""
    files["vertical/c.xml"] = '<vertical display_name="c"><html><a href="/static/empty.pdf">E</a></html></vertical>'
    result = run(tmp_path, files, teacher)
    lines = {line.source: line for line in result.report if line.source.startswith("static/")}
    assert lines["static/empty.pdf"].outcome == "left_out"
    assert lines["static/empty.pdf"].detail
    gamma = lesson_ids(result.course_id)[2]
    assert as_user(teacher).get(f"content/lessons/{gamma}/resources/").json["results"] == []


def test_a_failure_half_way_leaves_nothing(teacher: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    before = courses.get_outline(course_id=first.course_id)
    facts = OutboxMessage.objects.count()

    def broken(**_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(writing.assessments, "sync_quiz", broken)
    with pytest.raises(RuntimeError):
        run(tmp_path, three_lessons(a="<html>New</html>", b=f"<html>New</html>{QUIZ.replace('Name', 'Call')}"), teacher)
    assert courses.get_outline(course_id=first.course_id) == before
    assert OutboxMessage.objects.count() == facts
    monkeypatch.undo()
    assert run(tmp_path, three_lessons(a="<html>New</html>"), teacher).written == 1


def test_who_left_the_team_cannot_import_over_the_course(teacher: Person, tmp_path: Path, monkeypatch: Any) -> None:
    first = run(tmp_path, three_lessons(), teacher)
    before = courses.get_outline(course_id=first.course_id)
    monkeypatch.setattr(writing.courses, "teaches", lambda **_: False)
    with pytest.raises(errors.CourseNoLongerYours):
        run(tmp_path, three_lessons(a="<html>New</html>"), teacher)
    assert courses.get_outline(course_id=first.course_id) == before


def test_the_command_prints_the_report(teacher: Person, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_course", str(material(LATEX2EDX)), "--instructor", email_of(teacher))
    printed = capsys.readouterr().out
    assert "left_out  customresponse" in printed
    assert printed.splitlines()[-1].endswith(" changes written.")
    assert CourseSource.objects.get().owner_id == teacher.id


def test_the_command_names_what_is_wrong(teacher: Person, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04nonsense")
    for path, email, words in (
        (tmp_path / "gone", email_of(teacher), "There is nothing at"),
        (tmp_path, "nobody@example.org", "Nobody has the address"),
        (tmp_path / "x.zip", email_of(teacher), "archive_damaged"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("import_course", str(path), "--instructor", email)
    assert not CourseSource.objects.exists()


class TestTwoImportsAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_make_one_course(self, tmp_path: Path, race: Callable[..., list[Any]]) -> None:
        assert len(self._courses_of_a_race(tmp_path, race)) == 1

    @pytest.mark.django_db(transaction=True)
    def test_would_make_two_without_the_lock(
        self, tmp_path: Path, race: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writing, "_locked_source", self._unlocked_source)
        assert len(self._courses_of_a_race(tmp_path, race)) == 2

    @staticmethod
    def _unlocked_source(imported: Any, *, by: UUID) -> CourseSource:
        return CourseSource.objects.get(owner_id=by, format=imported.format, key=imported.key)

    @staticmethod
    def _courses_of_a_race(folder: Path, race: Callable[..., list[Any]]) -> set[UUID]:
        teacher = make_person(roles={"instructor"})
        CourseSource.objects.create(owner_id=teacher.id, format="olx", key="Org/C1/r1")
        olx.write(folder, three_lessons())
        race(lambda _: import_path(path=folder, by=teacher.id, now=now()), 2)
        return set(courses.list_taught(user_id=teacher.id))


def test_a_film_of_the_source_becomes_the_lesson_s(teacher: Person, tmp_path: Path, as_user: Any, client: Any) -> None:
    def imported(film: bytes, name: str = "a.mp4") -> tuple[ImportResult, Any]:
        video = f"""<video html5_sources='["/static/{name}"]'/>"""
        result = run(tmp_path, {**olx.course(unit=video), f"static/{name}": film}, teacher)
        (lesson_id,) = lesson_ids(result.course_id)
        return result, as_user(teacher).get(f"content/lessons/{lesson_id}/").json

    first, shown = imported(FILM)
    assert (shown["video_url"], client.get(shown["film"]["url"]).body) == ("", FILM)
    assert imported(FILM)[0].written == 0

    changed, shown = imported(FILM + b"more")
    assert (changed.course_id, client.get(shown["film"]["url"]).body) == (first.course_id, FILM + b"more")

    # What only has the name of a film is offered as it is.
    _, shown = imported(b"Notes.")
    assert (shown["film"], shown["video_url"], shown["version"]) == (None, "", 3)
    offered = as_user(teacher).get(f"content/lessons/{shown['lesson_id']}/resources/").json["results"]
    assert [(one["filename"], one["media_type"]) for one in offered] == [("a.mp4", "text/plain")]
