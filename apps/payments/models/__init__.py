"""Tables of payments."""

from apps.payments.models.bills import Document, Series
from apps.payments.models.ledger import Entry, Posting
from apps.payments.models.orders import LIVE_STATES, Order, Refund
from apps.payments.models.stripe_events import DayTotal, EventCursor, StripeEvent

__all__ = [
    "LIVE_STATES",
    "DayTotal",
    "Document",
    "Entry",
    "EventCursor",
    "Order",
    "Posting",
    "Refund",
    "Series",
    "StripeEvent",
]
