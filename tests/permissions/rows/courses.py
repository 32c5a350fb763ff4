"""The catalogue and its makers."""

from tests.permissions.row import row

NEW = {"title": "A new course", "summary": "Of something."}
ORDER = {"modules": [{"id": "{module}", "lessons": ["{lesson2}", "{lesson}"]}]}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("GET", "courses/", "200 200 200 200 200 200"),
    row("POST", "courses/", "401 403 403 201 201 403", NEW),
    row("GET", "courses/teaching/", "401 403 403 200 200 403"),
    row("GET", "categories/", "200 200 200 200 200 200"),
    row("GET", "courses/{course}/", "200 200 200 200 200 200"),
    row("GET", "courses/{draft}/", "404 404 404 200 404 200"),
    row("GET", "courses/{nobody}/", "404 404 404 404 404 404"),
    row("PATCH", "courses/{course}/", "401 404 404 200 404 200", {"title": "Another"}),
    row("PATCH", "courses/{draft}/", "401 404 404 200 404 200", {"title": "Another"}),
    row("DELETE", "courses/{draft}/", "401 404 404 204 404 204"),
    row("DELETE", "courses/{course}/", "401 404 404 409 404 409"),
    row("POST", "courses/{draft}/publish/", "401 404 404 200 404 200"),
    row("POST", "courses/{course}/archive/", "401 404 404 200 404 200"),
    row("POST", "courses/{course}/instructors/", "401 404 404 200 404 200", {"user_id": "{colleague_id}"}),
    row("DELETE", "courses/{course}/instructors/{colleague_id}/", "401 404 404 204 404 204"),
    row("GET", "courses/{course}/outline/", "200 200 200 200 200 200"),
    row("GET", "courses/{draft}/outline/", "404 404 404 200 404 200"),
    row("POST", "courses/{course}/reorder/", "401 404 404 200 404 200", ORDER),
    row("POST", "courses/{course}/modules/", "401 404 404 201 404 201", {"title": "More"}),
    row("POST", "courses/{draft}/modules/", "401 404 404 201 404 201", {"title": "More"}),
    row("PATCH", "courses/modules/{module}/", "401 404 404 200 404 200", {"title": "Other"}),
    row("DELETE", "courses/modules/{draft_module}/", "401 404 404 204 404 204"),
    row("POST", "courses/modules/{module}/lessons/", "401 404 404 201 404 201", {"title": "More"}),
    row("PATCH", "courses/lessons/{lesson}/", "401 404 404 200 404 200", {"title": "Other"}),
    row("DELETE", "courses/lessons/{lesson2}/", "401 404 404 204 404 204"),
]
