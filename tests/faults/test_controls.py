"""The tests of faults can fail: without the inbox, and with one breach sown."""

import pytest

from apps.courses.models import Course
from learninghub.outbox import delivery
from learninghub.outbox.local_queue import LocalQueue, work_once
from learninghub.outbox.models import InboxEntry, OutboxMessage, QueuedMessage
from learninghub.outbox.relay import relay_once
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.facts import later_of_clocks
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def _enrol_and_deliver_twice() -> int:
    """The relay dies before it marks, so that all is sent again; gives the course's count of learners."""
    course = make_course(published=True, lessons=1)
    enrol(make_person(), course)
    for _ in range(2):
        OutboxMessage.objects.filter(name="enrollments.learner_enrolled.v1").update(published_at=None)
        relay_once(transport=LocalQueue(), now=later_of_clocks())
        while work_once(clock=later_of_clocks):
            pass
    assert QueuedMessage.objects.count() == 0
    return Course.objects.get(id=course.id).learners


def test_with_the_inbox_a_fact_sent_twice_counts_once() -> None:
    assert _enrol_and_deliver_twice() == 1
    assert InboxEntry.objects.filter(handler="courses.count_one_more").count() == 1


def test_without_the_inbox_a_fact_sent_twice_counts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_remember", lambda message_id, handler: True)
    assert _enrol_and_deliver_twice() == 2
