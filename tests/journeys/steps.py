"""The steps of the journeys, each as a person takes it: over HTTP, with the mail in hand."""

import io
import re
import tarfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from apps.users import actions as users
from apps.users.types import Role
from learninghub.clock import now
from tests.support import stores, uploads
from tests.support.assessments import pass_quiz
from tests.support.http import Answer, Client, Mail

PASSWORD = "a long enough one"
Deliver = Callable[[], object]
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


def join(
    client: Client, deliver_all: Deliver, mails_to: MailsTo, *, email: str, display_name: str, role: Role | None = None
) -> Client:
    """Registers, confirms the address and signs in; staff are made so by those who run the house."""
    fresh = register(client, email=email, display_name=display_name)
    open_mailed_link(client, deliver_all, mails_to, email=email)
    if role:
        user_id = UUID(fresh.get("users/me/").json["id"])
        users.grant_role(user_id=user_id, role=role, by=user_id, now=now())
    return log_in(client, email=email)


def kinds_of_news(person: Client) -> Counter[str]:
    """How often the person was told of what, within the house."""
    return Counter(news["kind"] for news in person.get("notifications/", page_size=100).json["results"])


def fetch(client: Client, url: str, **headers: str) -> Answer:
    """What a browser gets at the address, which may be led on to the store: there it says nothing of who it is."""
    answer = client.get(url, headers=headers)
    if answer.status != 302:
        return answer
    assert urlsplit(answer.headers["Location"]).hostname == "localhost"
    return stores.follow(answer.headers["Location"], **headers)


@dataclass(frozen=True)
class Course:
    """A published course of one lesson."""

    id: str
    lesson: str
    title: str


def publish_course(teacher: Client, *, title: str, **fields: Any) -> Course:
    """Writes a course of one lesson, and publishes it."""

    def write(method: str, path: str, told: Any = None) -> Any:
        answer = teacher.request(method, path, json=told)
        assert answer.status in {200, 201}, answer.text
        return answer.json

    course_id = write("POST", "courses/", {"title": title, "summary": f"All about {title}.", **fields})["id"]
    module_id = write("POST", f"courses/{course_id}/modules/", {"title": "At the start"})["id"]
    lesson_id = write("POST", f"courses/modules/{module_id}/lessons/", {"title": "The first lesson"})["id"]
    write("PUT", f"content/lessons/{lesson_id}/", {"source": f"# {title}"})
    write("POST", f"courses/{course_id}/publish/")
    return Course(course_id, lesson_id, title)


def packed(folder: Path) -> bytes:
    """The folder as a tar.gz, as course authors export it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.add(folder, arcname=folder.name)
    return stream.getvalue()


def import_course(teacher: Client, folder: Path, deliver_all: Deliver) -> dict[str, Any]:
    """Uploads the packed folder and has it imported; the finished import with its report."""
    packing = {"filename": f"{folder.name}.tar.gz", "media_type": "application/gzip"}
    asset_id = uploads.upload(teacher, teacher, packed(folder), **packing)
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
