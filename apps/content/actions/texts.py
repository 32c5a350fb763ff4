"""The texts of an import once its files are kept: `static:<path>` becomes `media:<uuid>`."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from apps.assessments.types import QuestionSpec, QuizSpec
from apps.content.readers.statics import path_of
from learninghub.rich_text import sanitise


def resolve(html: str, *, assets: Mapping[str, UUID]) -> str:
    """Puts our names for files into sanitised HTML; a file that was not kept is not shown."""
    if "static:" not in html:
        return html

    def name_of(static: str) -> str | None:
        asset_id = assets.get(path_of(static) or "")
        return f"media:{asset_id}" if asset_id else None

    return sanitise(html, file=name_of)


def resolve_quiz(quiz: QuizSpec | None, *, assets: Mapping[str, UUID]) -> QuizSpec | None:
    """Does the same to every text of a quiz."""
    if quiz is None:
        return None
    return replace(quiz, questions=tuple(_question(question, assets) for question in quiz.questions))


def _question(question: QuestionSpec, assets: Mapping[str, UUID]) -> QuestionSpec:
    choices = (
        replace(choice, text=resolve(choice.text, assets=assets), feedback=resolve(choice.feedback, assets=assets))
        for choice in question.choices
    )
    return replace(
        question,
        prompt=resolve(question.prompt, assets=assets),
        explanation=resolve(question.explanation, assets=assets),
        choices=tuple(choices),
    )
