"""Points, badges and ranks."""

from tests.permissions.row import row

BOARD = "gamification/leaderboard/"
REWARD = {"name": "A mug", "cost": 10, "stock": 1}
HIDDEN = {"on_leaderboard": False}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "gamification/me/", "401 200 200 200 200 200"),
    row("PUT", "gamification/me/settings/", "401 200 200 200 200 200", HIDDEN),
    row("GET", "gamification/badges/", "401 200 200 200 200 200"),
    row("GET", "gamification/rewards/", "401 200 200 200 200 200"),
    row("POST", "gamification/rewards/", "401 403 403 403 403 201", REWARD),
    row("POST", "gamification/rewards/{reward}/redeem/", "401 409 201 409 409 409", keyed=True),
    row("POST", "gamification/rewards/{nobody}/redeem/", "401 404 404 404 404 404", keyed=True),
    row("GET", "gamification/redemptions/", "401 200 200 200 200 200"),
    row("POST", "gamification/redemptions/{redemption}/reverse/", "401 403 403 403 403 200", {"note": "Broken."}),
    row("GET", BOARD, "401 200 200 200 200 200"),
    row("GET", BOARD + "?course_id={course}", "401 404 200 200 404 404"),
    row("GET", BOARD + "?course_id={nobody}", "401 404 404 404 404 404"),
]
