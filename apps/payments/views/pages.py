"""The page on which buyers arrive who come back from paying."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.payments.queries import orders
from apps.payments.types import OrderState

_CLOSED = (_("This order is closed"), _("The money that was paid for it has gone back. A mail has told you why."))
_SAID = {
    OrderState.PENDING: (
        _("Thank you"),
        _("As soon as your payment is confirmed, which takes a moment, the course is yours, and a mail tells you so."),
    ),
    OrderState.PAID: (_("The course is yours"), _("Your payment has arrived. The invoice comes by mail.")),
    OrderState.RETURNING: (
        _("Your money comes back"),
        _("Your payment has arrived, but the course could not be given to you. All of it goes back by itself."),
    ),
    OrderState.EXPIRED: (
        _("This order has run out"),
        _("It was not paid in time, and nothing was charged. You can check out again at any time."),
    ),
    OrderState.REFUNDED: _CLOSED,
    OrderState.LOST: _CLOSED,
}
_LEFT = (
    _("You have not paid"),
    _("Nothing was charged. For half an hour your place is kept: check out again, and the same page opens."),
)
_UNKNOWN = (_("There is no such order"), _("Perhaps the address was cut off. All your orders are in your account."))


@require_safe
def show_order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    # Nobody signs in between Stripe and here: whoever has the address learns how the order stands, not whose it is.
    state = orders.find_state(order_id=order_id)
    is_open = state == OrderState.PENDING
    heading, text = _LEFT if is_open and "left" in request.GET else _SAID[state] if state else _UNKNOWN
    page = {"heading": heading, "text": text, "again": request.path if is_open else ""}
    response = render(request, "payments/after_checkout.html", page, status=200 if state else 404)
    response["Referrer-Policy"] = "no-referrer"
    return response
