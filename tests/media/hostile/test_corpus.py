"""Every hostile file over HTTP, with the job that looks at it: refused, or harmless to who is given it."""

import io
import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from apps.media.models import Asset
from config.env import ROOT
from learninghub.storage import arrivals
from tests.media.hostile.corpus import CORPUS, JPEG, PNG, Hostile, Redrawn, Refused, Rejected, Saved
from tests.media.hostile.pictures import CANARY
from tests.support.uploads import announce, send

MEMORY = 512 * 2**20


def test_the_corpus_is_large_and_names_each_file_once():
    assert len({hostile.name for hostile in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.django_db
@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
def test_a_hostile_file_is_refused_or_made_harmless(as_user, client, instructor, deliver_all, hostile: Hostile):
    me, content = as_user(instructor), hostile.make()
    about = {"filename": hostile.filename, "media_type": hostile.said, "purpose": hostile.purpose}

    form = announce(me, content, **about)
    if isinstance(hostile.fate, Refused):
        assert (form.status, form.json["code"]) == (hostile.fate.status, hostile.fate.code)
        assert Asset.objects.count() == 0
        return
    assert form.status == 201, form.text
    asset_id = form.json["asset_id"]
    assert send(client, form.json, content).status == 204
    assert me.post(f"media/uploads/{asset_id}/complete/", {}).status == 202
    deliver_all()

    asset = me.get(f"media/{asset_id}/").json
    assert arrivals.size(asset_id) is None
    if isinstance(hostile.fate, Rejected):
        assert (asset["state"], asset["reason"]) == ("rejected", hostile.fate.reason)
        assert (asset["url"], asset["sha256"]) == (None, "")  # nothing of it is kept
        assert client.get(f"media/{asset_id}/file/").status == 404
        return
    assert asset["state"] == "ready"
    _is_harmless(client.get(asset["url"]), hostile, content)


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


def test_a_worker_looks_at_all_of_them_within_its_memory(tmp_path):
    """And at the largest pictures that are taken; the corpus is made here, so that the worker's peak is its work's."""
    taken = [hostile for hostile in CORPUS if not isinstance(hostile.fate, Refused)]
    brought = [(hostile.make(), hostile.said, hostile.purpose) for hostile in taken]
    for mode, kind in (("RGBA", PNG), ("CMYK", JPEG)):
        large = io.BytesIO()
        Image.new(mode, (5000, 5000)).save(large, kind.removeprefix("image/"), progressive=True)
        brought.append((large.getvalue(), kind, "resource"))
    arrived = [(tmp_path / str(number), *about) for number, (_, *about) in enumerate(brought)]
    for (path, *_), (content, *_) in zip(arrived, brought, strict=True):
        path.write_bytes(content)

    told = subprocess.run(
        [sys.executable, "-m", "tests.media.hostile.worker"],
        input=json.dumps(arrived, default=str),
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.testing"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    found = json.loads(told.stdout)
    rejected = sum(isinstance(hostile.fate, Rejected) for hostile in taken)
    assert (found["looked_at"], found["kept"]) == (len(arrived), len(arrived) - rejected)
    assert 0 < found["worker"] + found["darkroom"] < MEMORY
