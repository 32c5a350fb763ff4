"""The door of media, as courses, content and certificates use it."""

from uuid import uuid4

import pytest

from apps.media import api as media
from apps.media.errors import AssetNotFound, EmptyFile
from apps.media.events import AssetReady
from learninghub.clock import now
from tests.support.media import make_asset, png_bytes
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def test_a_stored_file_is_ready_at_once_and_read_back(published):
    owner = make_person()
    content = png_bytes(width=30, height=20)

    asset = make_asset(owner_id=owner.id, content=content, filename="../up/a\x00b?.png")

    assert (asset.filename, asset.media_type, asset.size) == ("ab_.png", "image/png", len(content))
    assert (asset.width, asset.height, asset.state) == (30, 20, "ready")
    assert published(AssetReady) == [AssetReady(asset_id=asset.id, owner_id=owner.id)]
    with media.open_asset(asset_id=asset.id) as kept:
        assert kept.read() == content


def test_the_same_bytes_of_the_same_owner_are_one_asset_and_no_write(published):
    owner = make_person()
    content = png_bytes()
    first = make_asset(owner_id=owner.id, content=content)

    assert make_asset(owner_id=owner.id, content=content, filename="other.png") == first
    assert make_asset(content=content).id != first.id
    assert make_asset(owner_id=owner.id, content=content, is_public=True).id != first.id
    assert len(published(AssetReady)) == 3


def test_an_empty_file_is_refused():
    with pytest.raises(EmptyFile):
        make_asset(content=b"")


def test_reads_by_the_batch_are_one_statement_each(queries_of):
    assets = [make_asset(content=bytes([65 + number])) for number in range(3)]
    ids = [asset.id for asset in assets]

    assert media.get_assets(ids=[*ids, uuid4()]) == {asset.id: asset for asset in assets}
    assert media.signed_urls(asset_ids=[*ids, uuid4()], now=now()).keys() == set(ids)
    assert queries_of(lambda: media.get_assets(ids=ids)) == 1
    assert queries_of(lambda: media.signed_urls(asset_ids=ids, now=now())) == 1
    with pytest.raises(AssetNotFound):
        media.get_asset(asset_id=uuid4())
