"""Files."""

from tests.permissions.row import row

UPLOAD = {"filename": "notes.pdf", "size": 1000, "media_type": "application/pdf"}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("POST", "media/uploads/", "401 403 403 201 201 201", UPLOAD),
    row("GET", "media/", "401 200 200 200 200 200"),
    row("GET", "media/quota/", "401 200 200 200 200 200"),
    row("POST", "media/uploads/{asset}/form/", "404 404 404 404 404 404"),
    row("POST", "media/uploads/{asset}/complete/", "401 404 404 202 404 404"),
    row("GET", "media/{asset}/", "404 404 404 200 404 200"),
    row("DELETE", "media/{asset}/", "401 404 404 409 404 409"),
    row("DELETE", "media/{spare_asset}/", "401 404 404 204 404 204"),
    row("GET", "media/{asset}/file/", "403 403 403 403 403 403"),
]
