"""What stands in front of the views, said once: for Django's settings, and for the proxy, which knows no Django."""

import hashlib
from urllib.parse import urlsplit

from config.env import env

RELEASE = "0.1.0"
SITE_URL = env["SITE_URL"]
IS_HTTPS = SITE_URL.startswith("https://")
HSTS_SECONDS = 2 * 365 * 24 * 3600 if IS_HTTPS else 0
CALLER_KEY = hashlib.sha256(b"caller:" + env.secret_key().encode()).digest()
HOST = urlsplit(SITE_URL).netloc
# What the gateway answers by itself is as safe as what Django answers.
REFUSAL_HEADERS = [
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    *([("Strict-Transport-Security", f"max-age={HSTS_SECONDS}; includeSubDomains; preload")] if IS_HTTPS else []),
]
