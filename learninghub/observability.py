"""Logs, traces and error reports: one request id from the edge through logs and facts to the job it caused."""

import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sentry_sdk
import structlog
from structlog.contextvars import bound_contextvars, get_contextvars

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_TRACED = ("request_id", "traceparent")
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, as_json: bool, sentry_dsn: str, release: str) -> None:
    """Sets up structlog, and Sentry where a DSN is given."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = [
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(
                renderer
                if as_json
                else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
            ),
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("django.request").addFilter(_failures_without_paths)
    if sentry_dsn:
        report_errors(dsn=sentry_dsn, release=release)


def report_errors(*, dsn: str, release: str, **more: Any) -> None:
    """Sends errors to Sentry: where they happened, and nothing that a person sent."""
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        max_request_body_size="never",
        include_local_variables=False,
        traces_sample_rate=0.0,
        before_send=_without_what_was_sent,
        **more,
    )


def _failures_without_paths(record: logging.LogRecord) -> bool:
    """Passes on failures alone, without their path: some paths are keys, and every request has a line of its own."""
    record.msg, record.args = record.getMessage().partition(":")[0], ()
    return record.levelno >= logging.ERROR


def _without_what_was_sent(event: Any, _: Any) -> Any:
    for part in ("url", "query_string", "headers", "cookies", "env"):
        event.get("request", {}).pop(part, None)
    event.pop("breadcrumbs", None)
    return event


def trace_from(*, request_id: str | None, traceparent: str | None) -> dict[str, str]:
    """The request id and W3C traceparent to go on with: the caller's where they are well formed, else new ones."""
    if request_id is None or not _REQUEST_ID.fullmatch(request_id):
        request_id = secrets.token_hex(16)
    if traceparent is None or not _TRACEPARENT.fullmatch(traceparent):
        traceparent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    return {"request_id": request_id, "traceparent": traceparent}


def trace_headers() -> dict[str, str]:
    """What a fact or job carries along of the request that caused it."""
    context = get_contextvars()
    return {name: context[name] for name in _TRACED if name in context}


@contextmanager
def follow(headers: Mapping[str, str], **bound: str) -> Iterator[None]:
    """Work done inside belongs to the trace in the headers."""
    with bound_contextvars(**{name: headers[name] for name in _TRACED if name in headers}, **bound):
        yield
