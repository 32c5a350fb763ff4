"""The files that questions show: only those of the course's people, held as long as a question's row is there."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.assessments.errors import PictureNotUsable
from apps.assessments.types import QuestionSpec
from apps.courses import api as courses
from apps.media import api as media
from apps.media.types import AssetState, Holder
from learninghub.rich_text import file_ids


def files_of(spec: QuestionSpec) -> set[UUID]:
    """The files that any of the question's sanitised texts shows or links to."""
    texts = [spec.prompt, spec.explanation]
    texts += [text for choice in spec.choices for text in (choice.text, choice.feedback)]
    return {found for text in texts for found in file_ids(text)}


def hold(*, question_id: UUID, spec: QuestionSpec, known: Collection[UUID], course_id: UUID, now: datetime) -> None:
    """Has the question hold the files of the spec and no others, in the caller's transaction.

    Those `known` from its earlier words are not looked at again. Raises PictureNotUsable for any other that it may not
    show.
    """
    shown = files_of(spec)
    _check(shown - set(known), course_id=course_id)
    if shown or known:
        media.attach_only(asset_ids=shown, holder=_holder(question_id), now=now)


def let_go(*, question_id: UUID, shown: Collection[UUID], now: datetime) -> None:
    """Has the question, which showed these files, hold nothing: before its row goes."""
    if shown:
        media.detach(holder=_holder(question_id), now=now)


def _check(asset_ids: Collection[UUID], *, course_id: UUID) -> None:
    found = media.get_assets(ids=asset_ids) if asset_ids else {}
    for asset_id in sorted(asset_ids):
        asset = found.get(asset_id)
        if (
            asset is None
            or asset.state != AssetState.READY
            or not courses.teaches(user_id=asset.owner_id, course_id=course_id)
        ):
            raise PictureNotUsable(f"media:{asset_id} is not a file of the course's people that is ready.")


def _holder(question_id: UUID) -> Holder:
    return Holder(kind="assessments.question", id=question_id)
