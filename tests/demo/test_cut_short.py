"""A demo whose first start is cut short is gone on with; where Stripe is the real one, nothing is ordered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from apps.certificates.models import Certificate
from apps.courses.models import Course
from apps.enrollments.models import Enrollment, LessonProgress
from apps.gamification.models import Reward
from apps.payments.models import Order
from apps.reviews.models import Review
from apps.users.models import User
from config.demo import learning, loading, people, story
from learninghub.clock import now
from sandbox.stripe import StripeServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("undrawn")]
FIRST_DAYS = 31  # days ago: seven have joined by then, and one of them buys a course on that day


@pytest.fixture(autouse=True)
def _short_story(monkeypatch: pytest.MonkeyPatch) -> None:
    first = tuple(learner for learner in story.learners() if learner.joined >= FIRST_DAYS)
    monkeypatch.setattr(story, "learners", lambda: first)


class Killed(BaseException):
    """Nothing catches it."""


class DyingTill:
    """A till beside which the load dies, before or after the buyer has paid."""

    def __init__(self, till: StripeServer, *, pays: bool) -> None:
        self._till, self._pays = till, pays

    def set_clock(self, *, behind: float) -> None:
        self._till.set_clock(behind=behind)

    def pay(self, session_url: str, *, card: str) -> None:
        if self._pays:
            self._till.pay(session_url, card=card)
        raise Killed


def bought() -> list[tuple[str, str]]:
    return list(Order.objects.order_by("id").values_list("user__display_name", "state"))


@pytest.mark.parametrize(
    ("pays", "orders"),
    [(False, ["expired", "paid"]), (True, ["paid"])],
    ids=["before paying", "after paying"],
)
def test_an_order_that_was_cut_short_is_paid_once(till: StripeServer, pays: bool, orders: list[str]):
    with pytest.raises(Killed):
        call_command("load_demo", till=DyingTill(till, pays=pays))
    assert bought() == [("Дарья Кузнецова", "pending")]
    assert User.objects.filter(display_name="محمد الفاسي").count() == 0

    call_command("load_demo", till=till)
    assert bought() == [("Дарья Кузнецова", state) for state in orders]
    assert len(till.objects("charge")) == 1
    assert User.objects.filter(display_name="محمد الفاسي").count() == 1


def dying_after(done: int, deed: Callable[..., None]) -> Callable[..., None]:
    """The same, until it has been done so often."""
    left = [done]

    def do(*told: Any, **about: Any) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        deed(*told, **about)

    return do


@pytest.mark.parametrize(
    ("where", "done"),
    [
        pytest.param((loading, "add_course"), 3, id="while it opens"),
        pytest.param((learning, "spend_day"), 17, id="in the middle of a day"),
        pytest.param((learning, "spend_day"), 34, id="before somebody's deeds"),
        pytest.param((loading, "receive_all"), 4, id="before what follows"),
    ],
)
def test_a_story_that_was_cut_short_is_gone_on_with(
    till: StripeServer, where: tuple[Any, str], done: int, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patched:
        patched.setattr(*where, dying_after(done, getattr(*where)))
        with pytest.raises(Killed):
            call_command("load_demo", till=till)
    call_command("load_demo", till=till)
    assert bought() == [("Дарья Кузнецова", "paid")]
    assert (User.objects.count(), Enrollment.objects.count()) == (3 + 7, 8)
    assert LessonProgress.objects.filter(completed_at__isnull=False).count() == 18
    assert list(Course.objects.values_list("state", flat=True)) == ["published"] * 5
    assert (Review.objects.count(), Reward.objects.count(), Certificate.objects.count()) == (3, 3, 3)


def test_where_the_key_is_somebody_s_own_nothing_is_ordered(till: StripeServer):
    call_command("load_demo")
    assert (bought(), till.calls()) == ([], 0)
    assert User.objects.count() == 3 + 7
    assert Enrollment.objects.count() == 7


def test_a_demo_that_had_no_days_stays_as_it_is(till: StripeServer, capsys: pytest.CaptureFixture[str]):
    people.welcome(people.STAFF, now=now())
    till.set_clock(behind=60)
    call_command("load_demo", till=till)
    assert "here already" in capsys.readouterr().out
    assert (User.objects.count(), till.calls()) == (1, 0)
    assert abs(till.set_clock() - now().timestamp()) < 30
