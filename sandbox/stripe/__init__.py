"""A Stripe-shaped server on localhost: what a shop that sells once, by card, asks of Stripe.

By hand: `python -m sandbox.stripe --port 4242 --webhook-url http://127.0.0.1:3000/api/v1/payments/webhooks/stripe/`.
"""

from sandbox.stripe.buyer import Seen, look, pay
from sandbox.stripe.server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, stripe_server

__all__ = ["SECRET_KEY", "WEBHOOK_SECRET", "Seen", "StripeServer", "look", "pay", "stripe_server"]
