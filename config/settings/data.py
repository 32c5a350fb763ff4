"""The database and the files."""

import environ

from config.env import ROOT, env

# A network that has gone dead is noticed by the client alone: the server's own limits (learninghub/db/roles.py) do not
# reach it. Ignored on a socket file.
_NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 11_000,  # milliseconds; as long as the keepalives take
}
_address = environ.Env.db_url_config(env.database_url())
DATABASES = {
    "default": {
        **_address,
        "ENGINE": "learninghub.db.postgresql",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **_NETWORK,
            **_address.get("OPTIONS", {}),  # the embedded one's socket, sslmode and the like
            # After a restart of PostgreSQL a pool that went on trying by itself would wait ever longer between two
            # tries: it gives up soon, and the next request tries anew.
            "pool": {
                "min_size": min(2, env["DATABASE_POOL"]),
                "max_size": env["DATABASE_POOL"],
                "timeout": 5,
                "max_idle": 60,  # what a burst has opened is given back: the bound is all processes' together (R22)
                "reconnect_timeout": 2,
            },
        },
    }
}
REPLICA_URLS = env["DATABASE_REPLICA_URL"]
for _number, _url in enumerate(REPLICA_URLS, 1):
    _options = DATABASES["default"]["OPTIONS"]
    _own = environ.Env.db_url_config(_url)
    DATABASES[f"replica_{_number}"] = DATABASES["default"] | {
        **_own,
        "ENGINE": "learninghub.db.postgresql",
        "OPTIONS": _NETWORK | _own.get("OPTIONS", {}) | {"pool": _options["pool"] | {"timeout": 1}},
    }
DATABASE_ROUTERS = ["learninghub.db.replica.Router"]
REDIS_URL = env["REDIS_URL"] or ""
AMQP_URL = env["AMQP_URL"] or ""
CLAMD_URL = env["CLAMD_URL"] or ""

_FILES = {"BACKEND": "learninghub.storage.WholeFiles", "OPTIONS": {"location": env.var / "files"}}
_OBJECTS = {
    "BACKEND": "learninghub.storage.s3.Objects",
    "OPTIONS": {
        "bucket": env["S3_BUCKET"],
        "endpoint_url": env["S3_ENDPOINT_URL"] or "",
        "public_url": env["S3_PUBLIC_URL"] or "",
        "region": env["S3_REGION"] or "",
        "access_key": env["S3_ACCESS_KEY"] or "",
        "secret_key": env["S3_SECRET_KEY"] or "",
    },
}
S3 = {
    "endpoint_url": env["S3_ENDPOINT_URL"],
    "region_name": env["S3_REGION"],
    "aws_access_key_id": env["S3_ACCESS_KEY"],
    "aws_secret_access_key": env["S3_SECRET_KEY"],
}
BACKUP_BUCKET = env["S3_BACKUP_BUCKET"] or ""
STORAGES = {
    "default": _OBJECTS if env["S3_BUCKET"] else _FILES,
    # Without a manifest: `make run` serves the packages' files as they are, with nothing collected beforehand.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
