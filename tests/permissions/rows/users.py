"""People and their sessions."""

from tests.permissions.row import row

REGISTER = {
    "email": "new@example.org",
    "password": "a long enough one",
    "display_name": "New",
    "terms_version": "2026-11",
}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("POST", "auth/register/", "201 201 201 201 201 201", REGISTER),
    row("POST", "auth/token/", "401 401 401 401 401 401", {"email": "a@b.cd", "password": "wrong"}, counts_tries=True),
    row("POST", "auth/token/refresh/", "401 401 401 401 401 401", {"refresh": "unknown"}),
    row("POST", "auth/logout/", "401 204 204 204 204 204"),
    row("GET", "auth/sessions/", "401 200 200 200 200 200"),
    row("GET", "/internal/sessions/", "401 404 404 404 404 404"),
    row("DELETE", "auth/sessions/{nobody}/", "401 404 404 404 404 404"),
    row("GET", "/.well-known/jwks.json", "200 200 200 200 200 200"),
    row("GET", "users/me/", "401 200 200 200 200 200"),
    row("PATCH", "users/me/", "401 200 200 200 200 200", {"display_name": "Other"}),
    row("GET", "users/me/preferences/", "401 200 200 200 200 200"),
    row("PUT", "users/me/preferences/", "401 200 200 200 200 200", {"locale": "de", "time_zone": "Europe/Berlin"}),
    row("POST", "users/me/password/", "401 400 400 400 400 400", {"current_password": "x", "new_password": "y"}),
    row("POST", "users/me/email/", "401 400 400 400 400 400", {"email": "other@example.org", "password": "x"}),
    row("POST", "users/me/teaching/", "401 200 200 200 200 200"),
    row("POST", "users/verify-email/", "400 400 400 400 400 400", {"token": "forged"}),
    row("POST", "users/verify-email/resend/", "401 409 409 409 409 409"),
    row("POST", "users/password-reset/", "202 202 202 202 202 202", {"email": "anyone@example.org"}),
    row(
        "POST", "users/password-reset/confirm/", "400 400 400 400 400 400", {"token": "x", "password": "long enough 1"}
    ),
    row("GET", "users/{teacher_id}/", "200 200 200 200 200 200"),
    row("GET", "users/{nobody}/", "404 404 404 404 404 404"),
]
