"""The courses of the demo: one TOML file each."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

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
CATEGORIES = {
    "study-skills": "Study skills",
    "programming": "Programming",
    "mathematics": "Mathematics",
    "languages": "Languages",
}


def sources() -> Iterator[dict[str, Any]]:
    """The demo's courses as written, by file name."""
    for path in sorted(FOLDER.glob("*.toml")):
        yield tomllib.loads(path.read_text(encoding="utf-8"))


def add_course(source: dict[str, Any], *, by: UUID, now: datetime) -> UUID:
    """Makes and publishes the course of one file; returns its id."""
    cover = media.store(
        content=covers.draw(source["cover"]["colours"], at=source["cover"]["at"]),
        filename="cover.png",
        owner_id=by,
        purpose=Purpose.COVER,
        is_public=True,
        now=now,
    )
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
    for module in source["modules"]:
        module_id = courses.add_module(course_id=course_id, title=module["title"], by=by, now=now)
        for lesson in module["lessons"]:
            _add_lesson(lesson, module_id=module_id, by=by, now=now)
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


def _add_lesson(lesson: dict[str, Any], *, module_id: UUID, by: UUID, now: datetime) -> None:
    is_preview = lesson.get("is_preview", False)
    lesson_id = courses.add_lesson(module_id=module_id, title=lesson["title"], is_preview=is_preview, by=by, now=now)
    content.write_lesson(
        lesson_id=lesson_id, source=lesson["body"].strip(), written_in=BodyFormat.MARKDOWN, by=by, now=now
    )
    for download in lesson.get("downloads", []):
        asset = media.store(
            content=download["text"].lstrip().encode(), filename=download["filename"], owner_id=by, now=now
        )
        content.add_resource(lesson_id=lesson_id, asset_id=asset.id, title=download["title"], by=by, now=now)
    if "quiz" in lesson:
        assessments.sync_quiz(lesson_id=lesson_id, spec=_quiz(lesson["quiz"]), by=by, now=now)


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
