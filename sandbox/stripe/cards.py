"""The test cards, by their number and by the names of payment methods that stand for them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decline:
    """What the bank says when it does not pay."""

    code: str
    reason: str
    message: str


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
UNAUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    "",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)


@dataclass(frozen=True, slots=True)
class Card:
    """A card and what it does."""

    number: str
    decline: Decline | None = None
    asks_holder: bool = False  # 3-D Secure

    @property
    def last4(self) -> str:
        return self.number[-4:]


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242"),
        Card("4000000000000002", decline=GENERIC),
        Card("4000000000009995", decline=INSUFFICIENT),
        Card("4000002500003155", asks_holder=True),
        Card("4000002760003184", asks_holder=True),
    )
}
BY_METHOD = {
    "pm_card_visa": CARDS["4242424242424242"],
    "pm_card_visa_chargeDeclined": CARDS["4000000000000002"],
    "pm_card_visa_chargeDeclinedInsufficientFunds": CARDS["4000000000009995"],
    "pm_card_authenticationRequiredOnSetup": CARDS["4000002500003155"],
    "pm_card_authenticationRequired": CARDS["4000002760003184"],
}
