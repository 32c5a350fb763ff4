"""News, and what one wants to be told."""

from tests.permissions.row import row

WISH = {"preferences": [{"kind": "badge", "channel": "mail", "is_on": False}]}
LOCKED = {"preferences": [{"kind": "password_changed", "channel": "mail", "is_on": False}]}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "notifications/", "401 200 200 200 200 200"),
    row("GET", "notifications/unread-count/", "401 200 200 200 200 200"),
    row("POST", "notifications/{news}/read/", "401 404 204 404 404 404"),
    row("POST", "notifications/read-all/", "401 200 200 200 200 200"),
    row("GET", "notifications/preferences/", "401 200 200 200 200 200"),
    row("PUT", "notifications/preferences/", "401 200 200 200 200 200", WISH),
    row("PUT", "notifications/preferences/", "401 400 400 400 400 400", LOCKED),
]
