"""HTTP: what stands in front of the views, and how they speak."""

from urllib.parse import urlsplit

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from apps.assessments.types import QuestionKind
from apps.enrollments.types import EnrollmentState
from apps.notifications.types import Kind
from apps.reviews.types import SAID_BY_PEOPLE, Reason, ReviewState
from config import front
from config.env import env
from learninghub.registry import SERVICES

SITE_URL = front.SITE_URL
ALLOWED_HOSTS = [*env["ALLOWED_HOSTS"], urlsplit(SITE_URL).hostname or "", "127.0.0.1", "localhost", "[::1]"]
TRUSTED_PROXIES = env["TRUSTED_PROXIES"]
REQUESTS_PER_MINUTE = env["LEARNINGHUB_RATE"]
CORS_ALLOWED_ORIGINS = env["CORS_ORIGINS"]
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "if-none-match", "traceparent", "x-request-id"]
CORS_EXPOSE_HEADERS = ["etag", "idempotency-replayed", "location", "retry-after", "x-request-id"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = front.HSTS_SECONDS
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = front.IS_HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = front.IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
REFUSAL_HEADERS = front.REFUSAL_HEADERS
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

MIDDLEWARE = [
    "learninghub.http.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "learninghub.http.middleware.SafeHeaders",
    "learninghub.http.health.Probes",
    "learninghub.http.middleware.StaticFiles",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["learninghub.http.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["learninghub.http.permissions.Rule"],
    "DEFAULT_RENDERER_CLASSES": ["learninghub.http.json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["learninghub.http.json.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "learninghub.http.openapi.Schema",
    "EXCEPTION_HANDLER": "learninghub.http.problem.answer",
    "UNAUTHENTICATED_USER": None,
    "UNICODE_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Learning Hub",
    "DESCRIPTION": "Courses, quizzes, progress and certificates.",
    "VERSION": "1",
    "SERVERS": [{"url": "/", "description": "The host this document came from."}],
    "TAGS": [{"name": service.app} for service in SERVICES if service.app != "gateway"],
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "AssetState": "apps.media.types.AssetState",
        "AttemptState": "apps.assessments.models.AttemptState",
        "CertificateState": "apps.certificates.types.CertificateState",
        "CourseState": "apps.courses.types.CourseState",
        "EnrollmentState": [*EnrollmentState],
        "ImportState": "apps.content.types.ImportState",
        "NotificationKind": [*Kind],
        "QuestionKind": [*QuestionKind],
        "ReportReason": [*SAID_BY_PEOPLE],
        "ReviewReason": [*Reason],
        "ReviewState": [*ReviewState],
        "RevocationReason": "apps.certificates.types.RevocationReason",
    },
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "learninghub.http.openapi_hooks.add_shared_answers",
    ],
}
