"""What this process tells of itself: `metrics.REQUESTS.labels(...).inc()`. Needs no Django; nothing here raises."""

from learninghub.metrics.definitions import (
    BREAKER,
    CACHE_READS,
    DEAD_LETTERS,
    DEFINITIONS,
    LIMITS_ALONE,
    MAILS_UNKNOWN,
    PROBLEMS,
    QUEUE_DEPTH,
    READS,
    RECEIVED,
    RECEIVED_SECONDS,
    REFUSALS,
    RELAYED,
    REPEATS,
    REPLICA_LAG,
    REQUEST_SECONDS,
    REQUESTS,
    SCHEDULED,
    WAITED_SECONDS,
    Definition,
)
from learninghub.metrics.listener import listen
from learninghub.metrics.page import CONTENT_TYPE, page
from learninghub.metrics.reading import add

__all__ = [
    "BREAKER",
    "CACHE_READS",
    "CONTENT_TYPE",
    "DEAD_LETTERS",
    "DEFINITIONS",
    "LIMITS_ALONE",
    "MAILS_UNKNOWN",
    "PROBLEMS",
    "QUEUE_DEPTH",
    "READS",
    "RECEIVED",
    "RECEIVED_SECONDS",
    "REFUSALS",
    "RELAYED",
    "REPEATS",
    "REPLICA_LAG",
    "REQUESTS",
    "REQUEST_SECONDS",
    "SCHEDULED",
    "WAITED_SECONDS",
    "Definition",
    "add",
    "listen",
    "page",
]
