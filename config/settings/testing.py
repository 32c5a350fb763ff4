"""The settings under test: a cheap password hash, throw-away files and mails, no polling of ended sessions."""

import atexit
import shutil
import tempfile
from pathlib import Path

from config.settings import *  # noqa: F403

_FOLDER = Path(tempfile.mkdtemp(prefix="learninghub-test-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {
        "BACKEND": "learninghub.storage.WholeFiles",
        "OPTIONS": {"location": _FOLDER / "files"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SESSION_POLL_SECONDS = float("inf")
REQUESTS_PER_MINUTE = 1_000_000
