"""The outside world: mail, error reports, logs."""

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

observability.configure(as_json=env["LOG_FORMAT"] == "json", sentry_dsn=env["SENTRY_DSN"] or "", release=front.RELEASE)
