"""Every hostile file over HTTP, and then through a worker: refused, or harmless to who is given it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from PIL import Image

from apps.media.models import Asset
from config.env import ROOT
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from learninghub.storage import arrivals
from tests.media.hostile.corpus import CORPUS, Hostile, Redrawn, Refused, Rejected, Saved, Shown
from tests.media.hostile.pictures import CANARY
from tests.support import stores
from tests.support.database import address_of_the_test_database
from tests.support.http import Client
from tests.support.media import written
from tests.support.people import access_token, make_person
from tests.support.uploads import announce, upload

MEMORY = 512 * 2**20
REFUSED = [hostile for hostile in CORPUS if isinstance(hostile.fate, Refused)]
TAKEN = [hostile for hostile in CORPUS if not isinstance(hostile.fate, Refused)]
# The largest pictures that are taken: no harm is meant, but they want the most memory.
LARGEST = [
    Hostile(
        f"largest: {mode}",
        lambda mode=mode, kind=kind: written(Image.new(mode, (5000, 5000)), kind.upper(), progressive=True),
        f"image/{kind}",
        Shown(f"image/{kind}"),
    )
    for mode, kind in (("RGBA", "png"), ("CMYK", "jpeg"))
]


@dataclass(frozen=True)
class LookedAt:
    """What one worker has looked at, bytes and uploads' ids by the names of the files, and its peaks of memory."""

    contents: dict[str, bytes]
    ids: dict[str, str]
    owner: Client
    memory: dict[str, int]


@pytest.fixture(scope="module")
def looked_at(
    application: Any, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LookedAt]:
    """All that is taken goes the real way at once: uploaded and committed here, worked on in a process of its own."""
    var = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), stores.files(var / "files"):
        try:
            owner = Client(application, token=access_token(make_person(roles={"instructor"})))
            anyone = Client(application)
            contents = {hostile.name: hostile.make() for hostile in TAKEN + LARGEST}
            ids = {
                hostile.name: upload(owner, anyone, contents[hostile.name], **announced(hostile))
                for hostile in TAKEN + LARGEST
            }
            yield LookedAt(contents, ids, owner, work(var))
        finally:
            call_command("flush", interactive=False, verbosity=0)


def announced(hostile: Hostile) -> dict[str, str]:
    return {"filename": hostile.filename, "media_type": hostile.said, "purpose": hostile.purpose}


def work(var: Path) -> dict[str, int]:
    """Has a worker do all that waits; its peaks of memory."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.media.hostile.worker"],
        env=os.environ | {
            "DATABASE_URL": address_of_the_test_database(), "DJANGO_SETTINGS_MODULE": "config.settings",
            "LEARNINGHUB_VAR": str(var),
        },
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )  # fmt: skip
    return json.loads(told.stdout)


def by_name(hostiles: list[Hostile]) -> Callable[..., Any]:
    return pytest.mark.parametrize("hostile", hostiles, ids=lambda hostile: hostile.name)


def test_the_corpus_is_large_and_names_each_file_once():
    assert len({hostile.name for hostile in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.django_db
@by_name(REFUSED)
def test_a_hostile_file_is_not_even_taken(as_user, instructor, hostile: Hostile):
    before = Asset.objects.count()
    refusal = announce(as_user(instructor), hostile.make(), **announced(hostile))
    assert (refusal.status, refusal.json["code"]) == (hostile.fate.status, hostile.fate.code)
    assert Asset.objects.count() == before


@pytest.mark.django_db
@by_name(TAKEN)
def test_a_hostile_file_is_rejected_or_made_harmless(client, looked_at: LookedAt, hostile: Hostile):
    asset_id = looked_at.ids[hostile.name]
    asset = looked_at.owner.get(f"media/{asset_id}/").json
    assert arrivals.size(asset_id) is None
    if isinstance(hostile.fate, Rejected):
        assert (asset["state"], asset["reason"]) == ("rejected", hostile.fate.reason)
        assert (asset["url"], asset["sha256"]) == (None, "")  # nothing of it is kept
        assert client.get(f"media/{asset_id}/file/").status == 404
        return
    assert asset["state"] == "ready"
    _is_harmless(client.get(asset["url"]), hostile, looked_at.contents[hostile.name])


def _is_harmless(served, hostile, content):
    kind, place = served.headers["Content-Type"].split(";")[0], served.headers["Content-Disposition"]
    assert (served.status, served.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert served.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not set(place) & {"\r", "\n", "\0", "\u202e"}
    if isinstance(hostile.fate, Redrawn):
        with Image.open(io.BytesIO(served.body)) as picture:
            ratio = hostile.fate.width / hostile.fate.height
            assert (picture.format, picture.width / picture.height / ratio) == ("WEBP", pytest.approx(1, abs=0.1))
            assert (dict(picture.getexif()), picture.info.get("xmp")) == ({}, None)
        assert (kind, place.split(";")[0], CANARY in served.body) == ("image/webp", "inline", False)
        return
    assert served.body == content
    if isinstance(hostile.fate, Saved):
        assert (kind, place) == (hostile.fate.kind, f'attachment; filename="{hostile.fate.name}"')
        assert "sandbox" in served.headers["Content-Security-Policy"]
    else:
        assert (kind, place.split(";")[0]) == (hostile.fate.kind, "inline")


@pytest.mark.django_db
def test_a_worker_looks_at_all_of_them_within_its_memory(looked_at: LookedAt):
    """And at the largest pictures that are taken; nothing fails, waits or is left to be looked at."""
    assert not QueuedMessage.objects.exists()
    assert not OutboxMessage.objects.filter(published_at=None).exists()
    assert not Asset.objects.filter(state="pending").exists()
    for largest in LARGEST:
        asset = looked_at.owner.get(f"media/{looked_at.ids[largest.name]}/").json
        assert (asset["state"], asset["width"], asset["height"]) == ("ready", 5000, 5000)
    assert min(looked_at.memory.values()) > 0
    assert looked_at.memory["worker"] + looked_at.memory["darkroom"] < MEMORY, looked_at.memory
