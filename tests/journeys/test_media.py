"""Files: sent straight to the store, looked at, made ready; and then had by those alone who may have them."""

import io
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.journeys import steps
from tests.support import uploads
from tests.support.http import Client
from tests.support.media import jpeg_with_secrets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(range(256)) * 400
SIZES = {"thumb": (80, 160), "card": (320, 640), "large": (960, 1920)}


def test_a_picture_from_the_form_to_a_reader(
    client: Client, teacher: Client, deliver_all: steps.Deliver, breached: Callable[[], list[str]]
):
    content = jpeg_with_secrets(width=3000, height=1500)
    form = uploads.announce(teacher, content, filename="knot.jpg", media_type="image/jpeg")
    assert (form.status, urlsplit(form.json["url"]).hostname) == (201, "localhost")
    path = f"media/{form.json['asset_id']}/"
    early = teacher.post(f"media/uploads/{form.json['asset_id']}/complete/")
    assert (early.status, early.json["code"]) == (409, "upload_incomplete")
    assert uploads.send(client, form.json, content).status == 204
    assert teacher.get(path).json["url"] is None
    assert teacher.post(f"media/uploads/{form.json['asset_id']}/complete/").status == 202
    deliver_all()

    picture = teacher.get(path).json
    assert (picture["state"], picture["width"], picture["height"]) == ("ready", 1500, 3000)
    made = {(one["name"], one["media_type"]): (one["width"], one["height"]) for one in picture["renditions"]}
    assert made == {(name, f"image/{kind}"): size for name, size in SIZES.items() for kind in ("webp", "avif")}
    for kind in ("webp", "avif"):
        seen = steps.fetch(client, picture["url"], Accept=f"image/{kind}")
        assert (seen.status, seen.headers["Content-Type"], b"Secret" in seen.body) == (200, f"image/{kind}", False)
        with Image.open(io.BytesIO(seen.body)) as opened:
            assert (opened.format, opened.size, dict(opened.getexif())) == (kind.upper(), SIZES["large"], {})

    signature = picture["url"].rpartition("=")[2]
    for url in (f"{path}file/", picture["url"].replace(signature, signature[::-1])):
        refused = client.get(url)
        assert (refused.status, refused.json["code"]) == (403, "forged_address")
    stranger = steps.register(client, email="eve@example.org", display_name="Eve")
    assert [stranger.get(path).status, client.get(path).status] == [404, 404]
    assert breached() == []


def test_a_film_in_parts_for_who_is_enrolled(
    client: Client, teacher: Client, deliver_all: steps.Deliver, breached: Callable[[], list[str]]
):
    course = steps.publish_course(teacher, title="Knots on film")
    lesson = f"content/lessons/{course.lesson}/"
    films = f"{lesson}resources/"
    asset_id = uploads.upload(teacher, client, FILM, filename="lecture.mp4", media_type="video/mp4")
    deliver_all()
    assert teacher.put(lesson, {"source": "Watch.", "film_id": asset_id}).status == 200
    assert teacher.post(films, {"asset_id": asset_id, "title": "The bowline"}).status == 201
    learner = steps.register(client, email="lin@example.org", display_name="Lin")
    for path in (lesson, films):
        assert [learner.get(path).status, client.get(path).status] == [403, 401]
    assert learner.post("enrollments/", {"course_id": course.id}).status == 201

    [film] = learner.get(films).json["results"]
    assert (film["title"], film["media_type"], film["size"]) == ("The bowline", "video/mp4", len(FILM))
    shown = learner.get(lesson).json["film"]
    assert (shown["id"], shown["media_type"], shown["size"]) == (asset_id, "video/mp4", len(FILM))
    for url in (shown["url"], film["url"]):
        plays(client, url)

    refused = learner.get(f"media/{asset_id}/file/", headers={"Range": "bytes=0-999"})
    assert (refused.status, refused.json["code"]) == (403, "forged_address")
    [enrollment] = learner.get("enrollments/").json["results"]
    assert learner.post(f"enrollments/{enrollment['id']}/withdraw/").status == 200
    assert [learner.get(lesson).status, learner.get(films).status] == [403, 403]
    assert breached() == []


def plays(client: Client, url: str) -> None:
    """A browser's player, which says nothing of who it is, has the film in place: whole and in parts."""
    whole = steps.fetch(client, url)
    assert (whole.status, whole.body == FILM) == (200, True)
    for asked, start, end in (
        ("0-999", 0, 999),
        ("1000-", 1000, len(FILM) - 1),
        ("-24", len(FILM) - 24, len(FILM) - 1),
    ):
        part = steps.fetch(client, url, Range=f"bytes={asked}")
        assert (part.status, part.headers["Content-Range"]) == (206, f"bytes {start}-{end}/{len(FILM)}")
        assert part.body == FILM[start : end + 1]
        for answer in (whole, part):
            told = (answer.headers["Content-Type"], answer.headers["Content-Disposition"])
            assert told == ("video/mp4", 'inline; filename="lecture.mp4"')
