"""What the kernel forgets, asked for by the schedule."""

from datetime import timedelta

import pytest

from learninghub import jobs
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.http.idempotency.models import StoredAnswer
from learninghub.http.idempotency.once import KEEP, forget_answers

pytestmark = pytest.mark.django_db


def test_answers_are_kept_for_two_days():
    at = now()
    for key, age in (("old", KEEP + timedelta(minutes=1)), ("young", KEEP - timedelta(minutes=1))):
        made = StoredAnswer.objects.create(
            caller_id=uuid7(), key=key, request_hash="0" * 64, status=201, headers={}, body=b"{}"
        )
        StoredAnswer.objects.filter(id=made.id).update(created_at=at - age)
    assert forget_answers(now=at) == 1
    assert StoredAnswer.objects.get().key == "young"


def test_outbox_answers_sessions_and_links_are_tidied_by_the_schedule():
    scheduled = {job.name for job in jobs.all_scheduled()}
    assert scheduled >= {"learninghub.forget_published", "learninghub.forget_answers", "auth.tidy", "users.tidy"}
