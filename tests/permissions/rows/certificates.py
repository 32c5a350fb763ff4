"""Certificates: one's own, and what anyone with the code may know."""

from tests.permissions.row import row

MINE = "certificates/{certificate}/"
WHY = {"reason": "mistake", "note": "Issued to the wrong person."}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "certificates/", "401 200 200 200 200 200"),
    row("GET", MINE, "401 404 200 404 404 200"),
    row("GET", MINE + "pdf/", "401 404 200 404 404 200"),
    row("GET", "certificates/{nobody}/", "401 404 404 404 404 404"),
    row("POST", MINE + "revoke/", "401 403 403 403 403 200", WHY),
    row("GET", "certificates/verify/{code}/", "200 200 200 200 200 200"),
    row("GET", "certificates/verify/{nobody}/", "404 404 404 404 404 404"),
]
