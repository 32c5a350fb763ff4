"""Lessons, their downloads, imports."""

from tests.permissions.row import row

LESSON = "content/lessons/{lesson}/"
DRAFT = "content/lessons/{draft_lesson}/"
TEXT = {"format": "markdown", "source": "*Hello*"}
OFFER = {"asset_id": "{asset}", "title": "A picture"}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", LESSON, "401 403 200 200 403 200"),
    row("GET", DRAFT, "404 404 404 200 404 200"),
    row("PUT", LESSON, "401 404 404 200 404 200", TEXT),
    row("PUT", DRAFT, "401 404 404 200 404 200", TEXT),
    row("GET", LESSON + "versions/", "401 404 404 200 404 200"),
    row("GET", LESSON + "resources/", "401 403 200 200 403 200"),
    row("GET", DRAFT + "resources/", "404 404 404 200 404 200"),
    row("POST", LESSON + "resources/", "401 404 404 201 404 201", OFFER),
    row("DELETE", LESSON + "resources/{download}/", "401 404 404 204 404 204"),
    row("DELETE", "content/lessons/{lesson2}/resources/{download}/", "401 404 404 404 404 404"),
    row("POST", "content/imports/", "401 403 403 202 400 403", {"asset_id": "{asset}"}),
    row("GET", "content/imports/{import}/", "401 404 404 200 404 200"),
    row("GET", "content/imports/{nobody}/", "401 404 404 404 404 404"),
]
