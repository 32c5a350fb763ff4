"""Distrusting tokens while someone ends sessions one after another, with a control that locks in another order."""

from typing import Any

import pytest
from django.db import OperationalError, transaction

from apps.auth import actions
from apps.auth.models import Session, SessionQuerySet
from apps.auth.types import Origin
from apps.users import api as users
from learninghub.clock import now
from tests.support.meeting import begin
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def meet() -> list[Any]:
    """Someone holds the first session, and wants the second one while the tokens of both are distrusted."""
    person = make_person()
    for _ in range(2):
        actions.start_session(credentials=users.get_credentials(user_id=person.id), origin=Origin(), now=now())
    first, second = Session.objects.values_list("id", flat=True).filter(user_id=person.id)
    first, second = sorted((first, second))
    with transaction.atomic():
        Session.objects.select_for_update().get(id=first)
        end = begin(lambda: actions.distrust_tokens(user_id=person.id, now=now()))
        try:
            Session.objects.select_for_update(nowait=True).get(id=second)
        except OperationalError as error:
            taken: Any = error
        else:
            taken = None
    return [taken, end(), *Session.objects.values_list("generation", flat=True)]


def test_nobody_holds_the_second_session_who_waits_for_the_first() -> None:
    before = Session._meta.get_field("generation").default
    assert meet() == [None, None, before + 1, before + 1]


def test_would_hold_it_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = SessionQuerySet.order_by
    monkeypatch.setattr(SessionQuerySet, "order_by", lambda rows, *_: in_order(rows, "-id"))
    taken, *_ = meet()
    assert isinstance(taken, OperationalError)
