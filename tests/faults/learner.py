"""A learner's way from registration to certificate over HTTP, with a log of every write as in Jepsen."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from tests.faults.asking import Answer, Down

Result = TypeVar("Result")

COURSE = "Learning to learn"
PASSWORD = "correct horse battery staple"
STAGES = ("register", "confirm", "enrol", "learn", "complete")  # and "end", when all is asked but not all done
RIGHT = """
select q.id, array_agg(c.id) filter (where c.is_correct), q.answers
from assessments_question q left join assessments_choice c on c.question_id = q.id
where q.quiz_id = %s and q.retired_at is null group by q.id
"""


class House(Protocol):
    """Where the platform runs, in one process or in many."""

    def request(self, method: str, path: str, body: Any = None, **more: str | None) -> Answer:
        """Asks the API; raises Down."""

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Asks the database itself; raises Down."""

    def settle(self) -> float:
        """Waits until nothing is left to do; gives the seconds it took. May raise Down."""

    def mails_to(self, address: str) -> Sequence[Message]:
        """The mails that came to this address, once they have. May raise Down."""


@dataclass(frozen=True, slots=True)
class Try:
    """One request of an operation. `status` is 0 where no answer came."""

    began: float
    seconds: float
    status: int


@dataclass
class Operation:
    """One write, invoked: ok, failed (refused), or for a while unknown, and then asked for again under the same key."""

    name: str
    key: str = field(default_factory=lambda: str(uuid4()))
    status: int = 0
    was_replayed: bool = False
    tries: list[Try] = field(default_factory=list)

    @property
    def unknown(self) -> int:
        """How many of its tries were left without an answer that tells."""
        return sum(one.status != self.status for one in self.tries)

    @property
    def is_acknowledged(self) -> bool:
        return 0 < self.status < 300

    @property
    def is_recovered(self) -> bool:
        """Unknown at first, it had taken effect: the answer that was kept came back, or the address was taken."""
        return self.unknown > 0 and self.was_replayed


class Learner:
    """One person with a client that asks again after `recover` where it got no answer."""

    def __init__(self, house: House, name: str, recover: Callable[[], None], *, place: str = "") -> None:
        self.house = house
        self.name = name
        self.email = f"{name.lower().replace(' ', '.').replace('_', '.')}@example.org"
        self.log: list[Operation] = []
        self.reads: list[Try] = []
        self.id = ""
        self._place = place
        self._recover = recover
        self._token: str | None = None

    def travel(self, at: Callable[[str], None]) -> None:
        """The whole journey; calls `at` before each of its stages, and at the end: nothing has come to rest then."""
        steps = (self._register, self._confirm, self._enrol, self._learn, self._complete)
        for stage, step in zip(STAGES, steps, strict=True):
            at(stage)
            step()
        at("end")

    def settle(self) -> float:
        return self._again(self.house.settle)

    def read(self, path: str) -> Answer:
        return self._again(lambda: self._try(self.reads, "GET", path))

    def _write(self, method: str, path: str, body: Any = None, *, expected: tuple[int, ...]) -> Answer:
        operation = Operation(f"{method} {path}")
        self.log.append(operation)
        answer = self._again(lambda: self._try(operation.tries, method, path, body, key=operation.key))
        operation.status = answer.status
        operation.was_replayed = answer.headers.get("Idempotency-Replayed") == "true"
        assert answer.status in expected, (operation, answer.content)
        return answer

    def _try(self, tries: list[Try], method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        began, status = time.monotonic(), 0
        try:
            answer = self.house.request(method, f"/api/v1/{path}", body, token=self._token, key=key, caller=self._place)
            status = answer.status
        except Down as error:
            status = error.status
            raise
        finally:
            tries.append(Try(began, time.monotonic() - began, status))
        return answer

    def _again(self, attempt: Callable[[], Result]) -> Result:
        while True:
            try:
                return attempt()
            except Down:
                self._recover()

    def _register(self) -> None:
        who = {"email": self.email, "password": PASSWORD}
        words = {"display_name": self.name, "terms_version": "2026-01"}
        registered = self._write("POST", "auth/register/", who | words, expected=(201, 409))
        if registered.status == 409:
            assert self.log[-1].unknown, "the address was taken although no registration was in doubt"
            self.log[-1].was_replayed = True
        self._token = self._write("POST", "auth/token/", who, expected=(200,)).json["access"]
        self.id = self.read("users/me/").json["id"]

    def _confirm(self) -> None:
        mails = self._again(lambda: self.house.mails_to(self.email))
        (token,) = {
            found
            for mail in mails
            for part in mail.walk()
            if part.get_content_type() == "text/plain"
            for found in re.findall(r"/verify-email/\?token=(\S+)", part.get_payload(decode=True).decode())
        }
        confirmed = self._write("POST", "users/verify-email/", {"token": token}, expected=(204, 400, 410))
        if confirmed.status != 204:
            assert self.log[-1].unknown, confirmed.content
        assert self.read("users/me/").json["is_verified"] is True

    def _enrol(self) -> None:
        found = self.read("courses/?q=learning").json["results"]
        (self._course,) = (course["id"] for course in found if course["title"] == COURSE)
        body = {"course_id": self._course}
        self._enrollment = self._write("POST", "enrollments/", body, expected=(201,)).json["id"]
        self._write("POST", "enrollments/", body, expected=(409,))

    def _learn(self) -> None:
        *lessons, self._last = self._lessons()
        for lesson in lessons:
            self._finish(lesson)

    def _complete(self) -> None:
        self._finish(self._last)
        taken = self.read(f"enrollments/{self._enrollment}/").json
        assert (taken["state"], taken["percent"]) == ("completed", 100)

    def _lessons(self) -> list[dict[str, Any]]:
        progress = self.read(f"enrollments/{self._enrollment}/progress/").json
        return [lesson for module in progress["modules"] for lesson in module["lessons"]]

    def _finish(self, lesson: dict[str, Any]) -> None:
        path, body = f"enrollments/{self._enrollment}/lessons/{lesson['id']}/", {"completed": True}
        if lesson["needs_quiz"]:
            self._write("PUT", path, body, expected=(409,))
            self._pass_quiz(lesson["id"])
        self._write("PUT", path, body, expected=(200,))

    def _pass_quiz(self, lesson_id: str) -> None:
        (quiz_id,) = self._again(
            lambda: self.house.ask("select id from assessments_quiz where lesson_id = %s", lesson_id)
        )[0]
        attempt = self._write("POST", f"assessments/quizzes/{quiz_id}/attempts/", expected=(200, 201)).json["id"]
        right = self._again(lambda: self.house.ask(RIGHT, quiz_id))
        answers = [
            {"question_id": str(question)}
            | ({"chosen": [str(one) for one in chosen]} if chosen else {"text": texts[0]})
            for question, chosen, texts in right
        ]
        self._write("PATCH", f"assessments/attempts/{attempt}/", {"answers": answers}, expected=(200,))
        graded = self._write("POST", f"assessments/attempts/{attempt}/submit/", expected=(200,)).json
        assert graded["is_passed"] is True, graded
