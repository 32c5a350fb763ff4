"""The steps of the journeys, each as a person takes it: over HTTP, with the mail in hand."""

import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.assessments import pass_quiz
from tests.support.forms import CONTENT_TYPE, multipart
from tests.support.http import Client, Mail

PASSWORD = "a long enough one"
Deliver = Callable[[], int]
MailsTo = Callable[[str], list[Mail]]


def register(client: Client, *, email: str, display_name: str, locale: str = "en") -> Client:
    """Registers and comes back signed in."""
    person = {
        "email": email,
        "password": PASSWORD,
        "display_name": display_name,
        "locale": locale,
        "terms_version": "2026-11",
    }
    answer = client.post("auth/register/", person)
    assert answer.status == 201, answer.text
    return Client(client.application, token=answer.json["access"])


def open_mailed_link(client: Client, deliver_all: Deliver, mails_to: MailsTo, *, email: str) -> None:
    """Confirms the address by the link in the newest mail to it."""
    deliver_all()
    link = re.search(r"/verify-email/\?token=(\S+)", mails_to(email)[-1].body)
    assert link
    assert client.get(f"/verify-email/?token={link[1]}").status == 200
    assert client.post("users/verify-email/", {"token": link[1]}).status == 204
    deliver_all()


def log_in(client: Client, *, email: str) -> Client:
    """A client with a fresh token, which knows what has been confirmed and granted meanwhile."""
    answer = client.post("auth/token/", {"email": email, "password": PASSWORD})
    assert answer.status == 200, answer.text
    return Client(client.application, token=answer.json["access"])


def packed(folder: Path) -> bytes:
    """The folder as a tar.gz, as course authors export it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.add(folder, arcname=folder.name)
    return stream.getvalue()


def upload(client: Client, content: bytes, *, filename: str, media_type: str) -> str:
    """Sends a file the way a browser does: ask for a form, post it, say that it is complete. Returns its id."""
    asked = client.post("media/uploads/", {"filename": filename, "size": len(content), "media_type": media_type})
    assert asked.status == 201, asked.text
    form = multipart(asked.json["fields"], file=content, filename=filename)
    sent = client.request("POST", asked.json["url"], body=form, content_type=CONTENT_TYPE)
    assert sent.status == 204, sent.text
    asset_id: str = asked.json["asset_id"]
    assert client.post(f"media/uploads/{asset_id}/complete/").status == 202
    return asset_id


def import_course(teacher: Client, folder: Path, deliver_all: Deliver) -> dict[str, Any]:
    """Uploads the packed folder and has it imported; the finished import with its report."""
    asset_id = upload(teacher, packed(folder), filename=f"{folder.name}.tar.gz", media_type="application/gzip")
    deliver_all()
    asked = teacher.post("content/imports/", {"asset_id": asset_id})
    assert asked.status == 202, asked.text
    deliver_all()
    finished: dict[str, Any] = teacher.get(f"content/imports/{asked.json['id']}/").json
    assert finished["state"] == "finished", finished
    return finished


def take_course(learner: Client, enrollment: dict[str, Any]) -> list[int]:
    """Works through every lesson, passing its quiz first where there is one; the percentage after each lesson."""
    outline = learner.get(f"courses/{enrollment['course_id']}/outline/").json
    percents = []
    for lesson in [lesson for module in outline["modules"] for lesson in module["lessons"]]:
        page = learner.get(f"content/lessons/{lesson['id']}/")
        assert page.status == 200, page.text
        done = f"enrollments/{enrollment['id']}/lessons/{lesson['id']}/"
        if lesson["needs_quiz"]:
            early = learner.put(done, {"completed": True})
            assert (early.status, early.json["code"]) == (409, "quiz_not_passed")
            pass_quiz(learner, page.json["quiz"]["id"])
        written = learner.put(done, {"completed": True, "position_seconds": 0})
        assert written.status == 200, written.text
        percents.append(written.json["percent"])
    return percents
