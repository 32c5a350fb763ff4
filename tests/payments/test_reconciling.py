"""The hourly run as a whole: what webhooks did not tell is learnt, what was left half done is finished, books agree."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from apps.payments import tasks
from apps.payments.actions import checkout
from apps.payments.actions.reconciling import BATCH, reconcile
from apps.payments.errors import StripeUnavailable
from apps.payments.events import OrderExpired, OrderPaid, OrderRefunded
from apps.payments.models import DayTotal, EventCursor, Order, StripeEvent
from apps.payments.types import EventState, OrderState
from apps.users.types import Person
from learninghub.clock import now
from learninghub.jobs import Later
from learninghub.outbox.models import OutboxMessage
from tests.support.courses import make_course
from tests.support.facts import deliver_all, published
from tests.support.payments import PRICE, Shop, balances, documents_of, has_access, odd_sums
from tests.support.people import make_person
from tests.support.stripe import client_of

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sold(shop: Shop, buyer: Person, course: Any) -> Order:
    """An order that was paid and that Stripe has told of."""
    return shop.buy(buyer, course)


def read_until() -> datetime | None:
    return EventCursor.objects.values_list("read_until", flat=True).first()


def asked_for(event_id: str) -> int:
    """How often a look into the event was asked for."""
    return OutboxMessage.objects.filter(name="payments.look_into", payload={"event_id": event_id}).count()


def count(facts: type) -> int:
    return len(published(facts))


class TestWhatNoWebhookTold:
    def test_of_a_payment_gives_the_course_once(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.pay(shop.check_out(buyer, course))
        for _ in range(2):
            reconcile(now=now())
            deliver_all()
        assert (Order.objects.get().state, has_access(buyer, course)) == (OrderState.PAID, True)
        assert (count(OrderPaid), StripeEvent.objects.filter(state=EventState.DONE).count()) == (1, 4)
        before = balances()
        shop.settle()  # and then they come after all
        assert (count(OrderPaid), balances(), StripeEvent.objects.count()) == (1, before, 4)
        assert odd_sums() == []

    def test_of_a_refund_takes_the_course_back_once(self, shop: Shop, buyer: Person, course: Any, sold: Order) -> None:
        shop.refund_at_stripe(sold, PRICE)
        for _ in range(2):
            reconcile(now=now())
            deliver_all()
        sold.refresh_from_db()
        assert (sold.state, has_access(buyer, course), count(OrderRefunded)) == (OrderState.REFUNDED, False, 1)
        assert documents_of(sold) == [("invoice", PRICE), ("credit_note", PRICE)]
        assert odd_sums() == []

    def test_of_a_checkout_that_ran_out_lets_the_seat_go_once(self, shop: Shop, buyer: Person, course: Any) -> None:
        shop.check_out(buyer, course)
        reconcile(now=now())
        assert Order.objects.get().state == OrderState.PENDING
        shop.stripe.advance(32 * 60)
        for _ in range(2):
            reconcile(now=now() + 32 * MINUTE)
            deliver_all()
        assert (Order.objects.get().state, count(OrderExpired)) == (OrderState.EXPIRED, 1)
        assert odd_sums() == []

    def test_is_said_in_the_log_by_its_number(self, shop: Shop) -> None:
        shop.customer_at_stripe()
        with capture_logs() as logs:
            for _ in range(2):
                reconcile(now=now())
        assert logs == [{"event": "payments.events_missed", "count": 1, "log_level": "warning"}]


class TestTheCursor:
    def test_is_set_to_the_moment_of_the_run(self, shop: Shop) -> None:
        moment = now()
        for later in (moment, moment + HOUR):
            reconcile(now=later)
            assert read_until() == later
        assert EventCursor.objects.count() == 1

    @pytest.mark.parametrize(("read_before", "heard"), [(59 * MINUTE, 1), (61 * MINUTE, 0)], ids=["within", "beyond"])
    def test_goes_back_an_hour_for_what_comes_late(self, shop: Shop, read_before: timedelta, heard: int) -> None:
        shop.customer_at_stripe()
        EventCursor.objects.create(id=1, read_until=now() + read_before)
        reconcile(now=now() + 2 * HOUR)
        assert StripeEvent.objects.count() == heard

    def test_is_not_needed_at_first(self, shop: Shop) -> None:
        shop.customer_at_stripe()
        shop.stripe.advance(29 * DAY.total_seconds())
        shop.customer_at_stripe()
        shop.stripe.advance(2 * DAY.total_seconds())
        reconcile(now=now() + 31 * DAY)  # Stripe remembers for thirty days
        assert StripeEvent.objects.count() == 1


class TestWhileStripeIsAway:
    @pytest.mark.parametrize("path", ["/v1/events", "/v1/checkout/sessions/*", "/v1/charges", "/v1/refunds"])
    def test_the_run_is_put_off_and_the_next_one_misses_nothing(
        self, shop: Shop, buyer: Person, course: Any, path: str
    ) -> None:
        shop.pay(shop.check_out(buyer, course))
        shop.stripe.fault("fail_before", method="GET", path=path, times=1)
        with pytest.raises(StripeUnavailable):
            reconcile(now=now())
        reconcile(now=now() + HOUR)
        deliver_all()
        assert (Order.objects.get().state, count(OrderPaid), StripeEvent.objects.count()) == (OrderState.PAID, 1, 4)
        assert odd_sums() == []

    def test_nothing_is_written_and_the_cursor_stays(self, shop: Shop, buyer: Person, course: Any) -> None:
        reconcile(now=now())
        before = read_until()
        shop.pay(shop.check_out(buyer, course))
        shop.stripe.fault("cut_before", path="/v1/events")
        with pytest.raises(StripeUnavailable):
            reconcile(now=now() + HOUR)
        assert (read_until(), StripeEvent.objects.count()) == (before, 0)
        assert Order.objects.get().state == OrderState.PENDING

    def test_the_job_comes_back_within_a_minute(self, shop: Shop) -> None:
        shop.stripe.fault("fail_before", path="/v1/events")
        with pytest.raises(Later) as later:
            tasks.reconcile(now())
        assert timedelta(0) <= later.value.wait <= MINUTE

    def test_a_shop_without_stripe_has_nothing_to_do(self, shop: Shop, settings: Any) -> None:
        settings.STRIPE_SECRET_KEY = ""
        reconcile(now=now())
        assert (read_until(), shop.stripe.calls()) == (None, 0)


class TestTheBooks:
    def test_of_the_last_whole_days_are_compared_and_written_down(self, shop: Shop, sold: Order) -> None:
        assert sold.paid_at
        shop.refund_at_stripe(sold, 900)
        shop.settle()
        day = sold.paid_at.date()
        reconcile(now=sold.paid_at)
        assert DayTotal.objects.count() == 0  # the day is not over
        for days in (1, 2, 3):
            with capture_logs() as logs:
                reconcile(now=sold.paid_at + days * DAY)
            assert logs == []
        total = DayTotal.objects.get()
        assert (total.day, total.currency) == (day, "EUR")
        assert (total.sold, total.sold_at_stripe, total.refunded, total.refunded_at_stripe) == (PRICE, PRICE, 900, 900)
        assert total.compared_at == sold.paid_at + 2 * DAY

    def test_that_differ_are_told_every_time(self, shop: Shop, sold: Order) -> None:
        assert sold.paid_at
        by_hand = {"amount": 700, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
        client_of(shop.stripe).v1.payment_intents.create(by_hand)
        shop.settle()
        figures = {"sold": PRICE, "sold_at_stripe": PRICE + 700, "refunded": 0, "refunded_at_stripe": 0}
        for _ in range(2):
            with capture_logs() as logs:
                reconcile(now=sold.paid_at + DAY)
            day = sold.paid_at.date().isoformat()
            told = {"event": "payments.day_disagrees", "log_level": "error", "day": day, "currency": "EUR", **figures}
            assert logs == [told]
        assert DayTotal.objects.values(*figures).get() == figures

    def test_are_compared_by_currency(self, shop: Shop, buyer: Person, sold: Order) -> None:
        assert sold.paid_at
        shop.buy(buyer, make_course(price_amount=800, currency="USD", lessons=1))
        reconcile(now=sold.paid_at + DAY)
        rows = DayTotal.objects.order_by("currency").values_list("currency", "sold", "sold_at_stripe")
        assert list(rows) == [("EUR", PRICE, PRICE), ("USD", 800, 800)]


class TestAnEventThatIsStuck:
    def test_is_looked_into_again_after_ten_minutes(self, shop: Shop) -> None:
        shop.customer_at_stripe()
        shop.tell()
        kept = StripeEvent.objects.get()
        OutboxMessage.objects.all().delete()  # and its job is lost
        reconcile(now=kept.received_at + 9 * MINUTE)
        assert (asked_for(kept.id), kept.state) == (0, EventState.RECEIVED)
        reconcile(now=kept.received_at + 10 * MINUTE)
        assert asked_for(kept.id) == 1
        deliver_all()
        kept.refresh_from_db()
        assert (kept.state, kept.attempts) == (EventState.DONE, 1)
        reconcile(now=kept.received_at + HOUR)
        assert asked_for(kept.id) == 1

    def test_waits_behind_the_longest_waiting(self, shop: Shop) -> None:
        long_ago = now() - HOUR
        StripeEvent.objects.bulk_create(
            StripeEvent(
                id=f"evt_{number:03}",
                type="a.kind",
                created=long_ago,
                object_id="x",
                received_at=long_ago + timedelta(seconds=number),
            )
            for number in range(BATCH + 1)
        )
        reconcile(now=now())
        assert [asked_for(f"evt_{number:03}") for number in (0, BATCH - 1, BATCH)] == [1, 1, 0]


class TestACheckoutLeftHalfOpen:
    @pytest.mark.parametrize(
        "goes_on", [lambda order: None, checkout._open], ids=["before Stripe was asked", "after it had answered"]
    )
    def test_is_opened_once(self, shop: Shop, buyer: Person, course: Any, goes_on: Callable[[Order], object]) -> None:
        begun = checkout.begin(user_id=buyer.id, course_id=course.id, now=now())
        assert isinstance(begun, Order)
        goes_on(begun)
        for _ in range(2):
            reconcile(now=now())
        (session,) = shop.stripe.objects("checkout.session")
        begun.refresh_from_db()
        assert (begun.state, begun.session_id, begun.checkout_url) == ("pending", session["id"], session["url"])
        shop.stripe.pay(begun.checkout_url)
        shop.settle()
        assert has_access(buyer, course)
        assert odd_sums() == []

    def test_is_given_up_where_it_is_too_late(self, shop: Shop, buyer: Person, course: Any) -> None:
        checkout.begin(user_id=buyer.id, course_id=course.id, now=now())
        shop.stripe.advance(5 * 60)  # what is left of it is less than Stripe opens a checkout for
        reconcile(now=now() + 5 * MINUTE)
        assert (Order.objects.count(), shop.stripe.objects("checkout.session")) == (0, [])
        assert odd_sums() == []


def test_an_order_that_cannot_be_true_is_told_and_keeps_no_other_from_its_turn(
    shop: Shop, buyer: Person, course: Any
) -> None:
    other = make_person()
    for person in (buyer, other):
        shop.pay(shop.check_out(person, course))
    odd = Order.objects.get(user_id=buyer.id)
    Order.objects.filter(id=odd.id).update(amount=PRICE + 1, expires_at=now())  # the longest waiting
    with capture_logs() as logs:
        reconcile(now=now())
    told = [(log["event"], log["order_id"]) for log in logs if log["log_level"] == "error"]
    assert told == [("payments.order_is_odd", str(odd.id))]
    assert [has_access(person, course) for person in (buyer, other)] == [False, True]
