"""Covers of courses."""

from uuid import uuid4

import pytest

from apps.courses import api as courses
from tests.support.courses import make_course
from tests.support.media import make_asset

pytestmark = pytest.mark.django_db


class TestTheCover:
    def test_is_a_public_picture_of_an_instructor(self, as_user, author, deliver_all, client):
        course = make_course(author=author)
        cover = make_asset(owner_id=author.id, is_public=True)
        deliver_all()

        answer = as_user(author).patch(f"courses/{course.id}/", {"cover_id": str(cover.id)})

        assert (answer.status, answer.json["cover_id"]) == (200, str(cover.id))
        listed = client.get("courses/").json["results"][0]
        picture = client.get(listed["cover_url"])
        assert (picture.status, picture.headers["Content-Type"]) == (200, "image/webp")
        assert as_user(author).patch(f"courses/{course.id}/", {"cover_id": None}).json["cover_url"] is None

    def test_is_refused_when_private_foreign_or_no_picture(self, as_user, author):
        course = make_course(author=author)
        unusable = [
            make_asset(owner_id=author.id).id,
            make_asset(is_public=True).id,
            make_asset(owner_id=author.id, content=b"words", filename="a.txt", is_public=True).id,
            uuid4(),
        ]
        for asset_id in unusable:
            answer = as_user(author).patch(f"courses/{course.id}/", {"cover_id": str(asset_id)})
            assert (answer.status, answer.json["code"]) == (400, "unusable_cover")
        assert courses.get_card(course_id=course.id) == course
