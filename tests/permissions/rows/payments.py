"""Buying, giving back, one's own invoices, and what courses bring in."""

from tests.permissions.row import row

ORDER = "payments/orders/{order}/"
MINE = "payments/invoices/{invoice}/"
PAID = {"course_id": "{paid}"}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("POST", "payments/checkout/", "401 400 400 400 400 400", PAID),
    # The learner has paid for it, so it is theirs again; for the others Stripe would have to be asked.
    row("POST", "payments/checkout/", "401 503 201 503 503 503", PAID, keyed=True, counts_tries=True),
    row(
        "POST", "payments/checkout/", "401 404 404 404 404 404", {"course_id": "{draft}"}, keyed=True, counts_tries=True
    ),
    row("POST", "payments/checkout/", "401 201 409 201 201 201", {"course_id": "{course}"}, keyed=True),
    row("GET", "payments/orders/", "401 200 200 200 200 200"),
    row("GET", ORDER, "401 404 200 404 404 200"),
    row("POST", ORDER + "refund/", "401 404 201 404 404 201", {}, keyed=True),
    row("POST", ORDER + "refund/", "401 404 403 404 404 201", {"amount": 100}, keyed=True, counts_tries=True),
    row("POST", "payments/webhooks/stripe/", "503 503 503 503 503 503", {"id": "evt_without_an_account"}),
    row("GET", "payments/invoices/", "401 200 200 200 200 200"),
    row("GET", MINE, "401 404 200 404 404 200"),
    row("GET", MINE + "pdf/", "401 404 200 404 404 200"),
    row("GET", "payments/invoices/{nobody}/", "401 404 404 404 404 404"),
    row("GET", "payments/revenue/", "401 403 403 200 200 200"),
]
