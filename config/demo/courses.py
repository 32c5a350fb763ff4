"""The courses of the demo: one TOML file each."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.assessments import api as assessments
from apps.assessments.types import Choice, QuestionKind, QuestionSpec, QuizSpec
from apps.content import api as content
from apps.content.types import BodyFormat
from apps.courses import api as courses
from apps.courses.types import Level
from apps.media import api as media
from apps.media.types import Purpose
from config.demo import covers

FOLDER = Path(__file__).with_name("courses")
FILES = Path(__file__).with_name("files")
CATEGORIES = {
    "study-skills": "Study skills",
    "programming": "Programming",
    "mathematics": "Mathematics",
    "languages": "Languages",
}


@cache
def sources() -> Mapping[str, dict[str, Any]]:
    """The demo's courses as written, by the name of their file."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


def add_course(source: dict[str, Any], *, by: UUID, now: datetime) -> UUID:
    """Makes and publishes the course of one file, in one transaction; returns its id."""
    picture = covers.draw(source["cover"]["colours"], at=source["cover"]["at"])
    cover = media.store(
        content=picture, filename="cover.png", owner_id=by, purpose=Purpose.COVER, is_public=True, now=now
    )
    lessons = [lesson for module in source["modules"] for lesson in module["lessons"]]
    files = [[_keep(download, by=by, now=now) for download in lesson.get("downloads", [])] for lesson in lessons]
    films = [_keep_film(lesson, by=by, now=now) for lesson in lessons]
    with transaction.atomic():
        course_id = courses.create_course(
            by=by,
            now=now,
            title=source["title"],
            summary=source["summary"],
            description=source["description"].strip(),
            language=source["language"],
            level=Level(source["level"]),
            price_amount=source["price_amount"],
            currency=source["currency"],
            category_slugs=source["categories"],
        )
        courses.edit_course(course_id=course_id, cover_id=cover.id, by=by, now=now)
        lesson_ids = _add_outline(source, course_id=course_id, by=by, now=now)
        for lesson_id, lesson, downloads, film_id in zip(lesson_ids, lessons, files, films, strict=True):
            _write(lesson, downloads, film_id, lesson_id=lesson_id, by=by, now=now)
        for lesson_id, lesson in zip(lesson_ids, lessons, strict=True):
            if "quiz" in lesson:
                assessments.sync_quiz(lesson_id=lesson_id, spec=_quiz(lesson["quiz"]), by=by, now=now)
        courses.publish_course(course_id=course_id, by=by, now=now)
    return course_id


def right_answers(source: dict[str, Any], *, title: str) -> dict[str, list[str]]:
    """What someone who knows everything gives in the quiz of this title."""
    quizzes = (lesson["quiz"] for module in source["modules"] for lesson in module["lessons"] if "quiz" in lesson)
    [quiz] = [quiz for quiz in quizzes if quiz["title"] == title]
    return {
        f"q{number}": question.get("answers", [])[:1]
        or [choice["text"] for choice in question["choices"] if choice.get("is_correct")]
        for number, question in enumerate(quiz["questions"], start=1)
    }


def _add_outline(source: dict[str, Any], *, course_id: UUID, by: UUID, now: datetime) -> list[UUID]:
    lesson_ids = []
    for module in source["modules"]:
        module_id = courses.add_module(course_id=course_id, title=module["title"], by=by, now=now)
        for lesson in module["lessons"]:
            shown = {"title": lesson["title"], "is_preview": lesson.get("is_preview", False)}
            lesson_ids.append(courses.add_lesson(module_id=module_id, **shown, by=by, now=now))
    return lesson_ids


def _write(
    lesson: dict[str, Any],
    downloads: list[tuple[str, UUID]],
    film_id: UUID | None,
    *,
    lesson_id: UUID,
    by: UUID,
    now: datetime,
) -> None:
    content.write_lesson(
        lesson_id=lesson_id,
        source=lesson["body"].strip(),
        written_in=BodyFormat.MARKDOWN,
        video_url=lesson.get("video_url", ""),
        film_id=film_id,
        by=by,
        now=now,
    )
    for title, asset_id in downloads:
        content.add_resource(lesson_id=lesson_id, asset_id=asset_id, title=title, by=by, now=now)


def _keep(download: dict[str, Any], *, by: UUID, now: datetime) -> tuple[str, UUID]:
    filename, file = _file(download)
    return download["title"], media.store(content=file, filename=filename, owner_id=by, now=now).id


def _keep_film(lesson: dict[str, Any], *, by: UUID, now: datetime) -> UUID | None:
    if "film" not in lesson:
        return None
    film = (FILES / lesson["film"]).read_bytes()
    return media.store(content=film, filename=lesson["film"], owner_id=by, now=now).id


def _file(download: dict[str, Any]) -> tuple[str, bytes]:
    if "file" in download:
        return download["file"], (FILES / download["file"]).read_bytes()
    return download["filename"], download["text"].lstrip().encode()


def _quiz(quiz: dict[str, Any]) -> QuizSpec:
    questions = tuple(_question(question, number) for number, question in enumerate(quiz["questions"], start=1))
    return QuizSpec(title=quiz["title"], pass_percent=quiz["pass_percent"], questions=questions)


def _question(question: dict[str, Any], number: int) -> QuestionSpec:
    return QuestionSpec(
        kind=QuestionKind(question["kind"]),
        prompt=f"<p>{question['prompt']}</p>",
        points=Decimal(question.get("points", "1")),
        choices=tuple(
            Choice(text=choice["text"], is_correct=choice.get("is_correct", False))
            for choice in question.get("choices", ())
        ),
        answers=tuple(question.get("answers", ())),
        tolerance=Decimal(question["tolerance"]) if "tolerance" in question else None,
        explanation=f"<p>{question['explanation']}</p>",
        source_key=f"q{number}",
    )
