"""The database and the files."""

import environ

from config.env import ROOT, env

_address = environ.Env.db_url_config(env.database_url())
DATABASES = {
    "default": {
        **_address,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **_address.get("OPTIONS", {}),  # the embedded one's socket, sslmode and the like
            "pool": {"min_size": 2, "max_size": 12, "timeout": 5},
            # statement_timeout and the like guard every request (R21); long jobs raise them for themselves.
            "options": "-c statement_timeout=30s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
        },
    }
}
REPLICA_URLS = env["DATABASE_REPLICA_URL"]
REDIS_URL = env["REDIS_URL"] or ""
AMQP_URL = env["AMQP_URL"] or ""

STORAGES = {
    "default": {
        "BACKEND": "learninghub.storage.WholeFiles",
        "OPTIONS": {"location": env.var / "files"},
    },
    # Without a manifest: `make run` serves the packages' files as they are, with nothing collected beforehand.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
