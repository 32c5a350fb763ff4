"""Stripe tells things twice, late, in the wrong order, or is not Stripe at all; it answers late, or with errors."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from sandbox.stripe import StripeServer
from sandbox.stripe.webhooks import Forgery
from tests.faults.buyers import EVENTS, arrive, look_at_books
from tests.faults.trial import Trial, fault
from tests.support.stripe import client_of

SESSIONS = "/v1/checkout/sessions"
THREADS = 8
DAYS_3 = 3 * 86400
STORM_S = 60
OPENS_AFTER = 30  # calls of one process, until its breaker has opened
MOST_CALLS_EACH = 1.2
PROCESSES = 2  # that ask Stripe: the service, and the worker of its queue


@fault("F12", "every event of Stripe's five times, by eight threads", is_quick=True)
def told_five_times(trial: Trial) -> Iterator[None]:
    stripe = trial.fleet.servers.stripe
    stripe.hold()
    buyers = arrive(trial, trial.times(8, 3))
    known = {event["id"] for event in stripe.events()}
    for buyer in buyers:
        buyer.buy()
    told = [event["id"] for event in stripe.events() if event["id"] not in known] * 5
    trial.chance.shuffle(told)
    with ThreadPoolExecutor(THREADS) as crowd:
        statuses = [status for found in crowd.map(stripe.redeliver, told) for status in found]
    trial.note(told=len(told))
    trial.expect(set(statuses) == {200}, f"answers: {sorted(set(statuses))}")
    _let_go(stripe)
    yield
    look_at_books(trial, buyers)
    trial.expect(trial.fleet.ask(EVENTS, told) == [(len(told) // 5,)], "events were kept twice or not at all")


@fault("F13", "a refund told before its payment, an event three days old, one of an object that is gone")
def told_late(trial: Trial) -> Iterator[None]:
    stripe = trial.fleet.servers.stripe
    stripe.hold()
    buyers = arrive(trial, 4)
    opened = []
    for buyer in buyers:
        buyer.buy()
        opened.append(stripe.objects("checkout.session")[-1])
    refunded = buyers[:2]
    for session in opened[:2]:
        client_of(stripe).v1.refunds.create({"payment_intent": session["payment_intent"]})
    gone = {"id": f"cs_test_{uuid4().hex}", "object": "checkout.session", "metadata": {"order_id": str(uuid4())}}
    odd = [
        stripe.invent("checkout.session.expired", opened[-1] | {"status": "expired"}, age=DAYS_3),
        stripe.invent("checkout.session.completed", gone, age=DAYS_3),
        stripe.invent("charge.refunded", {"id": "ch_gone", "object": "charge", "payment_intent": "pi_gone"}),
        stripe.invent("radar.unheard_of", {"id": "what_is_this", "object": "riddle"}),
    ]
    statuses = [status for event in odd for status in stripe.redeliver(event)]
    trial.expect(statuses == [200] * len(odd), f"answers: {statuses}")
    stripe.release("reversed")
    stripe.settle(60)
    yield
    look_at_books(trial, buyers, refunded=refunded)


@fault("F14", "webhooks that are forged, old, from the future, of another secret, not signed")
def told_by_others(trial: Trial) -> Iterator[None]:
    stripe = trial.fleet.servers.stripe
    (buyer,) = arrive(trial, 1)
    opened = buyer.check_out().json
    session = next(one for one in stripe.objects("checkout.session") if one["url"] == opened["url"])
    paid = session | {"status": "complete", "payment_status": "paid"}
    events = {forgery: stripe.invent("checkout.session.completed", paid) for forgery in Forgery}
    answers = {forgery.value: stripe.redeliver(event, forgery=forgery) for forgery, event in events.items()}
    trial.expect(all(statuses == [400] for statuses in answers.values()), f"answers: {answers}")
    trial.expect(trial.fleet.ask(EVENTS, list(events.values())) == [(0,)], "what was forged was kept")
    trial.expect([order["state"] for order in buyer.orders()] == ["pending"], f"{buyer.orders()}")
    client_of(stripe).v1.checkout.sessions.expire(session["id"])
    stripe.settle(60)
    yield
    trial.expect([order["state"] for order in buyer.orders()] == ["expired"], f"{buyer.orders()}")


@fault("F15", "Stripe falls silent once it has done what was asked: a checkout, a refund")
def silent_once_done(trial: Trial) -> Iterator[None]:
    stripe = trial.fleet.servers.stripe
    buyers = arrive(trial, 3)
    refunded, buyer, cut = buyers
    stripe.fault("cut_after", method="POST", path=SESSIONS)
    cut.buy()
    stripe.fault("hang_after", method="POST", path=SESSIONS)
    buyer.buy()
    first, again = buyer.check_out_again(), buyer.check_out_again()
    trial.expect(first.status == 201 and first.content == again.content, f"{first} and {again}")
    trial.expect(buyer.log[-1].unknown > 0 and cut.log[-1].unknown > 0, "Stripe was never silent")
    refunded.buy()
    trial.wait_for(lambda: refunded.orders()[0]["state"] == "paid", "a payment that is not heard of")
    stripe.fault("hang_after", method="POST", path="/v1/refunds")
    refunded.give_back()
    trial.wait_for(lambda: refunded.orders()[0]["state"] == "refunded", "the money does not go back")
    stripe.settle(60)
    yield
    look_at_books(trial, buyers, refunded=[refunded])


@fault("F16", "a minute of 500, 429 and 409 from Stripe")
def storm(trial: Trial) -> Iterator[None]:
    stripe, seconds = trial.fleet.servers.stripe, trial.times(STORM_S, 15)
    buyers = arrive(trial, trial.times(THREADS, 3))
    before, checkouts_before = stripe.calls(), stripe.calls("POST", SESSIONS)
    stripe.fault(["fail_before", "rate_limit", "lock_timeout"], seconds=seconds)
    with ThreadPoolExecutor(len(buyers)) as crowd:
        bought = [crowd.submit(buyer.buy) for buyer in buyers]
        trial.pass_time(seconds)
        calls, checkouts = stripe.calls() - before, stripe.calls("POST", SESSIONS) - checkouts_before
        asked = sum(len(buyer.log[-1].tries) for buyer in buyers)
        trial.note(asked=asked, checkouts_at_stripe=checkouts, calls_at_stripe=calls)
        for one in bought:
            one.result()
    trial.expect(checkouts <= OPENS_AFTER, f"{checkouts} checkouts reached Stripe before the breaker opened")
    trial.expect(calls <= PROCESSES * OPENS_AFTER, f"{calls} calls reached Stripe")
    trial.expect(calls <= MOST_CALLS_EACH * asked, f"{calls} calls for {asked} requests")
    stripe.settle(60)
    yield
    look_at_books(trial, buyers)


def _let_go(stripe: StripeServer) -> None:
    """What was held is told now, once more."""
    stripe.release()
    stripe.settle(60)
