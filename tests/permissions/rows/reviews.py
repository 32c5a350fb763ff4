"""Reviews: saying how a course is, answering, moderating, and what only instructors read."""

from tests.permissions.row import row

OF_COURSE = "?course_id={reviewed}"
ONE = "reviews/{review}/"
FEEDBACK = "reviews/courses/{course}/feedback/"
GOOD = {"course_id": "{completed}", "rating": 5, "text": "Good."}
AGAIN = {**GOOD, "course_id": "{reviewed}"}
HIDE = {"decision": "hide", "reason": "spam", "note": "An advert."}
RESTORE = {"decision": "restore", "note": "Only frank."}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "reviews/" + OF_COURSE, "200 200 200 200 200 200"),
    row("GET", "reviews/summary/" + OF_COURSE, "200 200 200 200 200 200"),
    row("POST", "reviews/", "401 403 201 403 403 403", GOOD),
    row("POST", "reviews/", "401 403 409 403 403 403", AGAIN),
    row("GET", "reviews/mine/", "401 200 200 200 200 200"),
    row("GET", "reviews/reports/", "401 403 403 403 403 200"),
    row("PATCH", ONE, "401 404 200 404 404 404", {"rating": 1}),
    row("DELETE", ONE, "401 404 204 404 404 404"),
    row("GET", ONE + "history/", "401 404 200 404 404 200"),
    row("POST", ONE + "reply/", "401 404 404 200 404 404", {"text": "Thanks."}),
    row("POST", ONE + "report/", "401 204 409 204 204 204", {"reason": "spam"}),
    row("POST", ONE + "moderate/", "401 403 403 403 403 200", HIDE),
    row("POST", ONE + "moderate/", "401 403 403 403 403 200", RESTORE),
    row("GET", FEEDBACK, "401 404 404 200 404 200"),
    row("POST", FEEDBACK, "401 403 409 403 403 403", {"text": "Too fast."}),
    row("POST", "reviews/courses/{reviewed}/feedback/", "401 403 201 403 403 403", {"text": "Too fast."}),
]
