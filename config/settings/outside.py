"""The outside world: mail, payments, error reports, logs."""

from config import front
from config.env import env
from config.mail_server import mail_settings
from learninghub import observability

METRICS_PORT = env["LEARNINGHUB_METRICS_PORT"]
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env["EMAIL_FROM"]
EMAIL_TIMEOUT = 10  # for all of one mail (R19)
if env["EMAIL_URL"]:
    vars().update(mail_settings(env["EMAIL_URL"]))
    EMAIL_BACKEND = "apps.notifications.clients.SmtpBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = env.var / "mail"

STRIPE_SECRET_KEY = env["STRIPE_SECRET_KEY"]
STRIPE_WEBHOOK_SECRET = env["STRIPE_WEBHOOK_SECRET"]
STRIPE_API_URL = env["STRIPE_API_URL"] or ""
SELLER = {"name": env["SELLER_NAME"], "address": env["SELLER_ADDRESS"], "tax_id": env["SELLER_TAX_ID"]}
SELLER_TAX_RATE = env["SELLER_TAX_RATE"]

observability.configure(as_json=env["LOG_FORMAT"] == "json", sentry_dsn=env["SENTRY_DSN"] or "", release=front.RELEASE)
