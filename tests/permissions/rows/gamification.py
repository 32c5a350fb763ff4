"""Points, badges and ranks."""

from tests.permissions.row import row

BOARD = "gamification/leaderboard/"
HIDDEN = {"on_leaderboard": False}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "gamification/me/", "401 200 200 200 200 200"),
    row("PUT", "gamification/me/settings/", "401 200 200 200 200 200", HIDDEN),
    row("GET", "gamification/badges/", "401 200 200 200 200 200"),
    row("GET", BOARD, "401 200 200 200 200 200"),
    row("GET", BOARD + "?course_id={course}", "401 404 200 200 404 404"),
    row("GET", BOARD + "?course_id={nobody}", "401 404 404 404 404 404"),
]
