"""What somebody does on the pages: pays for a session, and answers the bank's question."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.stripe import checkout, html, payments
from sandbox.stripe.cards import CARDS, Card
from sandbox.stripe.errors import Refused
from sandbox.stripe.html import Filled
from sandbox.stripe.world import World

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EXPIRY = re.compile(r"(0[1-9]|1[0-2]) ?/ ?(\d{2})")
_CVC = re.compile(r"\d{3}")


@dataclass(frozen=True)
class Page:
    """An answer for a browser: a document, or another place to go to."""

    status: int
    text: str = ""
    location: str = ""


def show(world: World, path: str) -> Page:
    return _answer(world, path, None)


def take(world: World, path: str, form: Mapping[str, str]) -> Page:
    """What comes of the filled form."""
    return _answer(world, path, form)


def _answer(world: World, path: str, form: Mapping[str, str] | None) -> Page:
    _, what, name = path.split("/", 2)
    with world.lock:
        checkout.expire_due(world)
        try:
            if what == "pay":
                return _session(world, world.find("checkout.session", name), form)
            return _question(world, world.find("payment_intent", name), form)
        except Refused:
            return Page(404, html.notice_page("Nothing is here", "This page does not lead to a payment."))


def _session(world: World, session: dict[str, Any], form: Mapping[str, str] | None) -> Page:
    if session["status"] == "expired":
        return Page(410, _expired(session))
    if session["status"] == "complete":
        return Page(200, _paid(session))
    if form is None:
        return Page(200, html.session_page(session, Filled()))
    typed = {name: word.strip() for name, word in form.items()}
    if session["customer_email"]:
        typed["email"] = session["customer_email"]
    card, wrong = _read(world, typed)
    if card is None or wrong:
        return Page(400, html.session_page(session, Filled(typed, wrong)))
    decline = checkout.pay(world, session, card, holder=typed["email"])
    if decline:
        return Page(402, html.session_page(session, Filled(typed, alert=decline.message)))
    if session["status"] == "complete":
        return Page(303, location=checkout.after_paying(session))
    return Page(303, location=f"{world.url}/authenticate/{session['payment_intent']}")


def _question(world: World, intent: dict[str, Any], form: Mapping[str, str] | None) -> Page:
    session = checkout.of_intent(world, intent["id"])
    if session and session["status"] == "expired":
        return Page(410, _expired(session))
    if intent["status"] != "requires_action":
        return Page(409, html.notice_page("Nothing to answer", "Your bank does not ask about this payment."))
    if form is None:
        return Page(200, html.question_page(intent))
    decline = payments.authenticate(world, intent, is_holder=form.get("answer") == "complete")
    if session is None:
        return _to(intent["_return_url"])
    if decline:
        return Page(402, html.session_page(session, Filled(alert=decline.message)))
    checkout.complete_paid(world, session)
    return Page(303, location=checkout.after_paying(session))


def _to(url: str | None) -> Page:
    return Page(303, location=url) if url else Page(200, html.notice_page("Thank you", "You may close this page."))


def _expired(session: dict[str, Any]) -> str:
    return html.notice_page(
        "This session has expired", "Nothing was paid. Please start again.", session["cancel_url"], "Go back"
    )


def _paid(session: dict[str, Any]) -> str:
    return html.notice_page(
        "This order is paid", "There is nothing more to pay.", checkout.after_paying(session), "Go on"
    )


def _read(world: World, typed: Mapping[str, str]) -> tuple[Card | None, dict[str, str]]:
    """The card, and what is wrong by field."""
    wrong = {}
    if not _EMAIL.fullmatch(typed.get("email", "")):
        wrong["email"] = "Enter an e-mail address."
    card = CARDS.get(re.sub(r"[ -]", "", typed.get("number", "")))
    if card is None:
        wrong["number"] = "Enter the number of a test card: there is a list below."
    expiry = _EXPIRY.fullmatch(typed.get("expiry", ""))
    today = datetime.fromtimestamp(world.now(), UTC)
    if not expiry:
        wrong["expiry"] = "Enter month and year, as 12/34."
    elif (2000 + int(expiry[2]), int(expiry[1])) < (today.year, today.month):
        wrong["expiry"] = "This card has expired."
    if not _CVC.fullmatch(typed.get("cvc", "")):
        wrong["cvc"] = "Enter the three digits on the back."
    return card, wrong
