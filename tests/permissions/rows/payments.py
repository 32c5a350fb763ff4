"""Payments: one's own invoices."""

from tests.permissions.row import row

MINE = "payments/invoices/{invoice}/"

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "payments/invoices/", "401 200 200 200 200 200"),
    row("GET", MINE, "401 404 200 404 404 200"),
    row("GET", MINE + "pdf/", "401 404 200 404 404 200"),
    row("GET", "payments/invoices/{nobody}/", "401 404 404 404 404 404"),
]
