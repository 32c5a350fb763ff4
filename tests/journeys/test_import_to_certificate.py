"""A real course, from its archive to a certificate in a learner's hand."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.journeys import steps
from tests.support.http import Client
from tests.support.material import DEVOPS, LATEX2EDX, material
from tests.support.pdf import sizes_of, text_of

pytestmark = pytest.mark.django_db

LEARNER, STRANGER = "lin@example.org", "eve@example.org"


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("name", "search"), [(LATEX2EDX, "latex2edx"), (DEVOPS, "ops")], ids=["latex2edx", "devops"])
def test_from_the_archive_to_the_certificate(
    client: Client, teacher: Client, deliver_all: steps.Deliver, mails_to: steps.MailsTo, name: str, search: str
):
    folder = material(name)
    report = steps.import_course(teacher, folder, deliver_all)
    course_id = report["course_id"]
    assert {line["source"].partition("#")[0] for line in report["report"]} == files_of(folder)
    assert Counter(line["element"] for line in report["report"])["problem"] >= len(list(folder.glob("problem/*.xml")))
    assert all(line["detail"] for line in report["report"] if line["outcome"] != "imported")

    assert client.get("courses/", q=search).json["results"] == []
    summary = teacher.get(f"courses/{course_id}/").json["summary"] or "A course from elsewhere."
    assert teacher.patch(f"courses/{course_id}/", {"summary": summary}).status == 200
    assert teacher.post(f"courses/{course_id}/publish/").status == 200

    learner = steps.register(client, email=LEARNER, display_name="Lin 林")
    steps.open_mailed_link(client, deliver_all, mails_to, email=LEARNER)
    [found] = client.get("courses/", q=search).json["results"]
    assert found["id"] == course_id
    enrollment = learner.post("enrollments/", {"course_id": course_id}).json
    percents = steps.take_course(learner, enrollment)
    assert all(earlier <= later for earlier, later in pairwise(percents))
    assert percents[-1] == 100
    assert learner.get(f"enrollments/{enrollment['id']}/").json["state"] == "completed"
    deliver_all()

    [certificate] = learner.get("certificates/").json["results"]
    pdf = steps.fetch(learner, f"certificates/{certificate['id']}/pdf/").body
    assert [(round(width), round(height)) for width, height in sizes_of(pdf)] == [(842, 595)]
    for words in ("Lin 林", found["title"], "Inés Moreau"):
        assert words in " ".join(text_of(pdf).split())

    subjects = Counter(mail.subject for mail in mails_to(LEARNER))
    assert subjects["Confirm your e-mail address"] == 1
    for subject in ("You are enrolled", "Completed", "Your certificate"):
        assert subjects[f"{subject}: {found['title']}"] == 1
    assert max(subjects.values()) == 1
    kinds = Counter(news["kind"] for news in learner.get("notifications/", page_size=100).json["results"])
    assert (kinds["enrolment"], kinds["completion"], kinds["certificate"]) == (1, 1, 1)
    assert kinds["badge"] >= 1

    standing = learner.get("gamification/me/").json
    assert standing["points"] > 0
    assert (standing["rank"], standing["badges"]) == (1, kinds["badge"])
    board = learner.get("gamification/leaderboard/", course_id=course_id).json
    assert [row["name"] for row in board["results"]] == ["Lin 林"]

    code = certificate["code"].replace("-", "")
    assert client.get(f"certificates/verify/{code}/").json["learner_name"] == "Lin 林"
    page = client.get(f"/verify/{code}/")
    assert (page.status, "Lin 林" in page.text) == (200, True)
    changed = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert (client.get(f"/verify/{changed}/").status, client.get(f"certificates/verify/{changed}/").status) == (
        404,
        404,
    )


def test_a_stranger_can_do_none_of_it(client: Client, teacher: Client, deliver_all: steps.Deliver):
    course_id = steps.import_course(teacher, material(LATEX2EDX), deliver_all)["course_id"]
    teacher.patch(f"courses/{course_id}/", {"summary": "A course from elsewhere."})
    stranger = steps.register(client, email=STRANGER, display_name="Eve")
    assert stranger.get(f"courses/{course_id}/").status == 404
    assert stranger.post(f"courses/{course_id}/publish/").status == 404
    assert stranger.post("enrollments/", {"course_id": course_id}).status == 404
    teacher.post(f"courses/{course_id}/publish/")
    outline = stranger.get(f"courses/{course_id}/outline/").json
    lessons = [lesson for module in outline["modules"] for lesson in module["lessons"]]
    assert {stranger.get(f"content/lessons/{lesson['id']}/").status for lesson in lessons} == {403}
    learner = steps.register(client, email=LEARNER, display_name="Lin")
    enrollment = learner.post("enrollments/", {"course_id": course_id}).json
    steps.take_course(learner, enrollment)
    deliver_all()
    [certificate] = learner.get("certificates/").json["results"]
    assert stranger.get(f"enrollments/{enrollment['id']}/").status == 404
    assert stranger.get(f"certificates/{certificate['id']}/pdf/").status == 404
    assert stranger.get("certificates/").json["results"] == []
    assert stranger.get(f"enrollments/courses/{course_id}/roster/").status == 404
    assert stranger.get(f"assessments/courses/{course_id}/gradebook/").status == 404
    assert stranger.get("gamification/me/").json["points"] == 0
