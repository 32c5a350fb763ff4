"""Uploads as clients make them: announced, sent where the form says, said to be complete."""

import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.support.forms import CONTENT_TYPE, multipart


@dataclass(frozen=True)
class Sent:
    """What the store itself answered."""

    status: int


def announce(me, content, *, filename="a.png", media_type="image/png", **more):
    return me.post("media/uploads/", {"filename": filename, "size": len(content), "media_type": media_type, **more})


def send(client, form: dict[str, Any], content: bytes, **changed: str):
    """Posts the file to the form's address: ours through the client, another one over the network."""
    body = multipart({**form["fields"], **changed}, file=content)
    if form["url"].startswith("/"):
        return client.request("POST", form["url"], body=body, content_type=CONTENT_TYPE)
    request = urllib.request.Request(form["url"], body, {"Content-Type": CONTENT_TYPE})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return Sent(answer.status)


def upload(me, client, content, **announced):
    """The id of an upload that a job is yet to look at."""
    form = announce(me, content, **announced)
    assert form.status == 201, form.text
    assert send(client, form.json, content).status == 204
    completed = me.post(f"media/uploads/{form.json['asset_id']}/complete/", {})
    assert completed.status == 202, completed.text
    return completed.json["id"]
