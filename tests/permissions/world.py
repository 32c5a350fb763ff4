"""A small world with something of every kind in it, made through the doors."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from apps.assessments.actions.attempts import start_attempt
from apps.content import api as content
from apps.content.actions.imports import request_import
from apps.courses import api as courses
from apps.gamification.actions import redeem
from learninghub.clock import now
from tests.support import bills
from tests.support.assessments import make_quiz, numbered, right_answers
from tests.support.certificates import add_file, issue_certificate
from tests.support.courses import lesson_ids, make_course, module_ids
from tests.support.enrollments import complete_course, enrol
from tests.support.gamification import award, make_reward
from tests.support.media import make_asset
from tests.support.notifications import make_news
from tests.support.payments import make_order
from tests.support.people import make_person
from tests.support.reviews import review


@dataclass(frozen=True)
class World:
    """The callers by name, and the ids that rows refer to."""

    people: dict[str, Any]
    ids: dict[str, str]

    def fill(self, text: Any) -> Any:
        """The path or body with the world's ids in place."""
        if isinstance(text, str):
            return text.format_map(self.ids) if "{" in text else text
        if isinstance(text, dict):
            return {name: self.fill(value) for name, value in text.items()}
        return [self.fill(value) for value in text] if isinstance(text, list) else text


def spend_points(learner: Any, course: Any) -> dict[str, Any]:
    """A reward that the learner has redeemed once, and can once more."""
    for _ in range(2):
        award(learner, course)
    reward = make_reward(cost=10)
    return {"reward": reward, "redemption": redeem(reward_id=reward, by=learner.id, now=now())}


def build() -> World:
    people = {
        "stranger": make_person(),
        "learner": make_person(),
        "teacher": make_person(roles={"instructor"}),
        "colleague": make_person(roles={"instructor"}),
        "staff": make_person(roles={"staff"}),
    }
    teacher = people["teacher"]
    course = make_course(author=teacher, lessons=2)
    draft = make_course(author=teacher, published=False, lessons=1)
    paid = make_course(author=teacher, lessons=1, price_amount=900)
    asset = make_asset(owner_id=teacher.id)
    completed, reviewed = (make_course(author=teacher, lessons=1) for _ in range(2))
    certificate = issue_certificate(people["learner"], completed)
    complete_course(enrol(people["learner"], reviewed))
    add_file(certificate, b"%PDF-1.7")
    invoice = bills.make_invoice(buyer=people["learner"], course=paid)
    bills.add_file(invoice, b"%PDF-1.7")
    ids = {
        "nobody": uuid4(),
        "course": course.id,
        "module": module_ids(course.id)[0],
        "lesson": lesson_ids(course.id)[0],
        "lesson2": lesson_ids(course.id)[1],
        "draft": draft.id,
        "draft_module": module_ids(draft.id)[0],
        "draft_lesson": lesson_ids(draft.id)[0],
        "paid": paid.id,
        "asset": asset.id,
        "spare_asset": make_asset(owner_id=teacher.id).id,
        "completed": completed.id,
        "reviewed": reviewed.id,
        "review": review(people["learner"], reviewed),
        "enrollment": enrol(people["learner"], course).id,
        "certificate": certificate.id,
        "code": certificate.code,
        "invoice": invoice.id,
        "order": make_order(people["learner"], make_course(author=teacher, lessons=1, price_amount=900)).id,
        "news": make_news(people["learner"]),
        **spend_points(people["learner"], course),
        **{f"{name}_id": person.id for name, person in people.items()},
    }
    quiz = make_quiz(lesson_ids(course.id)[0], *numbered(1), time_limit_s=600)
    started = start_attempt(quiz_id=quiz.id, user_id=people["learner"].id)
    ids |= {"quiz": quiz.id, "question": right_answers(quiz.id)[0]["question_id"], "attempt": started.attempt_id}
    notes = make_asset(owner_id=teacher.id, content=b"Notes.", filename="notes.txt")
    offered = {"lesson_id": lesson_ids(course.id)[0], "asset_id": notes.id, "title": "Notes"}
    ids |= {
        "download": content.add_resource(**offered, by=teacher.id, now=now()),
        "import": request_import(asset_id=asset.id, by=teacher.id, now=now()).id,
    }
    courses.add_category(slug="shelf", name="Shelf", by=people["staff"].id, now=now())
    return World(people, {name: str(value) for name, value in ids.items()})
