"""Taking a course, and seeing who does."""

from tests.permissions.row import row

MINE = "enrollments/{enrollment}/"
DONE = {"completed": True, "position_seconds": 10}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "enrollments/", "401 200 200 200 200 200"),
    row("POST", "enrollments/", "401 201 409 201 201 201", {"course_id": "{course}"}),
    row("POST", "enrollments/", "401 402 402 402 402 402", {"course_id": "{paid}"}),
    row("POST", "enrollments/", "401 404 404 404 404 404", {"course_id": "{draft}"}),
    row("GET", "enrollments/recommendations/", "401 200 200 200 200 200"),
    row("GET", MINE, "401 404 200 404 404 404"),
    row("GET", MINE + "progress/", "401 404 200 404 404 404"),
    row("POST", MINE + "withdraw/", "401 404 200 404 404 404"),
    row("PUT", MINE + "lessons/{lesson}/", "401 404 200 404 404 404", DONE),
    row("PUT", MINE + "lessons/{draft_lesson}/", "401 404 404 404 404 404", DONE),
    row("GET", "enrollments/courses/{course}/roster/", "401 404 404 200 404 200"),
    row("GET", "enrollments/courses/{course}/figures/", "401 404 404 200 404 200"),
]
