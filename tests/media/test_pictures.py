"""Pictures: made smaller and bare, and the hostile ones refused."""

import io
import struct
import zlib

import pytest
from PIL import Image

from apps.media import api as media
from apps.media.errors import PictureTooLarge, UnreadablePicture
from apps.media.events import AssetRejected
from apps.media.models import Asset, Rendition
from apps.media.readers import pictures
from learninghub.clock import now
from learninghub.storage import store
from tests.support.media import jpeg_with_secrets, make_asset, png_bytes, written

pytestmark = pytest.mark.django_db


def flood(width, height):
    """A picture of few bytes that would fill the memory."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def opened(asset_id, name, kind="webp"):
    return Image.open(io.BytesIO(content_of(asset_id, name, kind)))


def content_of(asset_id, name, kind="webp"):
    return store.read(Rendition.objects.get(asset_id=asset_id, name=name, media_type=f"image/{kind}").sha256)


@pytest.mark.parametrize("kind", ["webp", "avif"])
def test_sizes_are_upright_and_without_metadata(deliver_all, kind):
    asset = make_asset(content=jpeg_with_secrets(width=3000, height=1500), filename="p.jpg")
    assert (asset.width, asset.height) == (1500, 3000)

    deliver_all()

    sizes = {}
    for name in ("thumb", "card", "large"):
        picture = opened(asset.id, name, kind)
        sizes[name] = picture.size
        assert (picture.format, dict(picture.getexif()), "exif" in picture.info) == (kind.upper(), {}, False)
        assert b"Secret" not in content_of(asset.id, name, kind)
    assert sizes == {"thumb": (80, 160), "card": (320, 640), "large": (960, 1920)}


@pytest.mark.parametrize(
    ("accepted", "media_type"),
    [("image/avif,image/webp,*/*", "image/avif"), ("image/webp", "image/webp"), ("", "image/webp")],
)
def test_a_client_is_given_the_format_it_takes(deliver_all, client, accepted, media_type):
    asset = make_asset(is_public=True)
    deliver_all()

    answer = client.get(media.public_url(asset_id=asset.id, rendition="card"), headers={"Accept": accepted})

    assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)
    assert "Accept" in answer.headers["Vary"].split(", ")
    assert answer.headers["Content-Disposition"] == f'inline; filename="picture.{media_type[6:]}"'


def test_a_private_picture_too_is_never_handed_out_raw(deliver_all, client):
    asset = make_asset(content=jpeg_with_secrets(), filename="p.jpg")
    url = media.signed_url(asset_id=asset.id, now=now())

    early = client.get(url)
    deliver_all()
    served = client.get(url)

    assert (early.status, early.json["code"]) == (503, "still_rendering")
    assert (served.status, served.headers["Content-Type"], b"Secret" in served.body) == (200, "image/webp", False)


def test_small_pictures_are_not_made_larger_and_keep_their_transparency(deliver_all):
    content = written(Image.new("RGBA", (20, 10), (255, 0, 0, 0)), "PNG")
    asset = make_asset(content=content)
    deliver_all()

    assert (opened(asset.id, "large").size, opened(asset.id, "large").mode) == ((20, 10), "RGBA")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "RGBA"])
def test_every_kind_of_colour_is_understood(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    content = written(Image.new(mode, (50, 40)), kind)

    smaller = pictures.shrink(io.BytesIO(content), media_type=f"image/{kind.lower()}", edge=25, written_as="image/webp")

    assert (smaller.width, smaller.height) == (25, 20)


def test_moving_pictures_go_on_moving_and_carry_nothing_else(deliver_all, client):
    frames = [Image.new("RGB", (200, 100), colour) for colour in ("red", "green", "blue")]
    content = written(
        frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[50, 60, 70], comment=b"SecretComment"
    )
    asset = make_asset(content=content, filename="a.gif", is_public=True)
    deliver_all()

    answer = client.get(media.public_url(asset_id=asset.id, rendition="thumb"), headers={"Accept": "image/avif"})
    assert (answer.status, answer.headers["Content-Type"], b"Secret" in answer.body) == (200, "image/webp", False)
    with Image.open(io.BytesIO(answer.body)) as moving:
        assert (moving.size, moving.n_frames) == ((160, 80), 3)


def test_a_picture_of_too_many_frames_is_refused(deliver_all, published):
    frames = [Image.new("1", (500, 500), number % 2) for number in range(401)]
    content = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    asset = make_asset(content=content, filename="a.gif")
    deliver_all()

    assert [(fact.asset_id, fact.reason) for fact in published(AssetRejected)] == [(asset.id, "picture_too_large")]


@pytest.mark.parametrize(("width", "height"), [(5001, 5000), (30_000, 30_000), (65_000, 65_000), (2**31 - 1, 1)])
def test_a_flood_of_pixels_is_refused_from_its_head(width, height):
    with pytest.raises(PictureTooLarge):
        make_asset(content=flood(width, height))
    assert Asset.objects.count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        b"\xff\xd8\xff\xe0" + b"not a picture" * 10,
        b"GIF89a",
        b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"\x00" * 20,
        flood(0, 0),
    ],
)
def test_what_only_begins_like_a_picture_is_refused(content):
    with pytest.raises(UnreadablePicture):
        make_asset(content=content)
    assert Asset.objects.count() == 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_cut_short_is_found_out_by_the_job(deliver_all, published, kind):
    noise = Image.effect_noise((400, 300), 60).convert("RGB")
    content = written(noise, kind)
    asset = make_asset(content=content[: len(content) // 2], filename="cut")
    deliver_all()

    assert Asset.objects.get(id=asset.id).state == "rejected"
    assert [fact.reason for fact in published(AssetRejected)] == ["unreadable_picture"]
    with pytest.raises(UnreadablePicture):
        make_asset(owner_id=asset.owner_id, content=content[: len(content) // 2])


def test_a_webp_cut_short_is_refused_at_once():
    content = written(Image.effect_noise((400, 300), 60).convert("RGB"), "WEBP")
    with pytest.raises(UnreadablePicture):
        make_asset(content=content[: len(content) // 2])


def test_what_rides_on_a_picture_does_not_reach_the_public(deliver_all, client):
    payload = b"<script>alert(1)</script>PK\x03\x04"
    asset = make_asset(content=png_bytes(width=100, height=80) + payload, is_public=True)
    url = media.public_url(asset_id=asset.id)

    early = client.get(url)
    deliver_all()
    served = client.get(url)

    assert (early.status, early.json["code"], early.headers["Retry-After"]) == (503, "still_rendering", "2")
    assert (served.status, served.headers["Content-Type"]) == (200, "image/webp")
    assert payload not in served.body


def test_a_script_in_the_clothes_of_a_gif_is_no_picture():
    with pytest.raises((UnreadablePicture, PictureTooLarge)):
        make_asset(content=b"GIF89a/*" + b" " * 50 + b"*/=1;alert(1)//", filename="x.gif")


def test_one_format_is_not_read_as_another():
    jpeg = written(Image.new("RGB", (10, 10)), "JPEG")
    with pytest.raises(UnreadablePicture):
        pictures.measure(io.BytesIO(jpeg), media_type="image/png")
