"""Every metric of the house: its name, labels, meaning, and when somebody must look. Nothing else names one.

docs/runbooks/metrics.md is this table (`python -m scripts.metrics_table`). Labels take few values: a route is its
template, never a path; nobody's id is ever a label.
"""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(namespace="learninghub", registry=REGISTRY)

_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LONG = (0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of the table; `alarm` is empty where the figure only explains another."""

    name: str
    labels: tuple[str, ...]
    meaning: str
    alarm: str = ""


DEFINITIONS: list[Definition] = []


def _enter(name: str, labels: tuple[str, ...], meaning: str, alarm: str) -> Definition:
    definition = Definition(f"learninghub_{name}", labels, meaning, alarm)
    DEFINITIONS.append(definition)
    return definition


def _counter(name: str, *labels: str, meaning: str, alarm: str = "") -> Counter:
    definition = _enter(f"{name}_total", labels, meaning, alarm)
    return Counter(definition.name, meaning, labels, registry=REGISTRY)


def _gauge(name: str, *labels: str, meaning: str, alarm: str = "") -> Gauge:
    definition = _enter(name, labels, meaning, alarm)
    return Gauge(definition.name, meaning, labels, registry=REGISTRY)


def _histogram(name: str, *labels: str, buckets: tuple[float, ...], meaning: str, alarm: str = "") -> Histogram:
    definition = _enter(name, labels, meaning, alarm)
    return Histogram(definition.name, meaning, labels, registry=REGISTRY, buckets=buckets)


def _read(name: str, *labels: str, meaning: str, alarm: str = "") -> Definition:
    """A figure that `reading` looks up, in the processes that can tell."""
    return _enter(name, labels, meaning, alarm)


# HTTP
REQUESTS = _counter(
    "requests",
    "method",
    "route",
    "status",
    meaning="Requests answered, by route template and class of status (2xx).",
    alarm="5xx above 1 % of all for 5 min",
)
REQUEST_SECONDS = _histogram(
    "request_seconds",
    "method",
    "route",
    buckets=_SHORT,
    meaning="From the first byte of the request to the last of the answer's head.",
    alarm="p95 above 0.5 s for 10 min",
)
PROBLEMS = _counter(
    "problems",
    "code",
    "status",
    meaning="Errors answered, by their stable code.",
    alarm="unavailable or internal_server_error above 1/s for 5 min",
)
REFUSALS = _counter("refusals", "code", meaning="What the gateway answered itself: bad token, too many, upstream away.")
LIMITS_ALONE = _gauge(
    "limits_alone",
    meaning="1 while the proxy limits by itself, at half the rate, for want of Redis.",
    alarm="above 0 for 5 min",
)

# Database
POOL_CONNECTIONS = _read("database_pool_connections", "database", "state", meaning="Connections: free or used.")
POOL_MAX = _read("database_pool_max", "database", meaning="The most connections this process may hold.")
POOL_WAITING = _read(
    "database_pool_waiting", "database", meaning="Threads that wait for a connection.", alarm="above 0 for 5 min"
)
POOL_TIMEOUTS = _read(
    "database_pool_timeouts_total",
    "database",
    meaning="Threads that waited in vain (5 s); each was a 503.",
    alarm="any within 5 min",
)
POOL_LOST = _read("database_pool_lost_total", "database", meaning="Connections found broken and replaced.")
REPEATS = _counter(
    "database_repeats",
    "sqlstate",
    "outcome",
    meaning="Writes that clashed (deadlock, serialization failure): repeated, done, given_up.",
    alarm="given_up, any within 5 min",
)
REPLICA_LAG = _gauge(
    "replica_lag_seconds",
    "replica",
    meaning="How far the replica is behind, as last measured; infinite where it does not answer.",
    alarm="above 5 s for 5 min",
)
READS = _counter(
    "replica_reads",
    "source",
    "reason",
    meaning="Reads a replica may serve, by who served them (replica, primary) and why (fresh, pinned, none is fresh).",
)

# Caches and Redis
CACHE_READS = _counter(
    "cache_reads",
    "level",
    "outcome",
    meaning="Look-ups by level (edge, process, redis) and outcome (hit, miss, stale, down).",
)
BREAKER = _gauge(
    "breaker_open",
    "breaker",
    meaning="1 open, 0.5 half open, 0 closed.",
    alarm="above 0 for 5 min",
)

# Facts and jobs: by the process that does them
RELAYED = _counter(
    "relayed", "outcome", meaning="Messages the relay handed on: sent or unconfirmed; and rounds that failed."
)
RECEIVED = _counter(
    "received",
    "target",
    "outcome",
    meaning="Handlers and jobs run: done, again (already done), later, failed, dead.",
    alarm="dead, any within 5 min",
)
RECEIVED_SECONDS = _histogram(
    "received_seconds", "target", buckets=_LONG, meaning="How long a handler or job took, whatever came of it."
)
WAITED_SECONDS = _histogram(
    "waited_seconds",
    "queue",
    buckets=_LONG,
    meaning="From when a fact was stated or a job due until its work began.",
    alarm="p95 above 60 s for 10 min",
)
SCHEDULED = _counter("scheduled", "job", meaning="Times the schedule asked for the job.")

# Facts and jobs: by the state of the tables, measured by the relay alone
OUTBOX_LAG = _read(
    "outbox_lag_seconds", meaning="Age of the oldest message due and not sent.", alarm="above 30 s for 5 min"
)
OUTBOX_DEPTH = _read("outbox_depth", meaning="Messages due and not sent.", alarm="above 10,000 for 5 min")
OUTBOX_PARKED = _read("outbox_parked", meaning="Messages nobody can send; those behind them wait.", alarm="above 0")
QUEUE_DEPTH = _read("queue_depth", "queue", meaning="Messages due in the queue.", alarm="above 10,000 for 10 min")
QUEUE_OLDEST = _read(
    "queue_oldest_seconds", "queue", meaning="How long the oldest due row has waited.", alarm="above 300 s"
)
QUEUE_WAITING = _read("queue_waiting", "queue", meaning="Messages that wait for another try, or for their time.")
DEAD_LETTERS = _read("dead_letters", "queue", meaning="Messages given up.", alarm="above 0 for 5 min")
SCHEDULE_LATE = _read(
    "schedule_late_seconds", "job", meaning="How overdue the scheduled job is.", alarm="above 120 s: nobody schedules"
)
MAILS_UNKNOWN = _read(
    "mails_unknown", meaning="Mails that may or may not have left (R31).", alarm="above 0: nobody sends them again"
)
MEASURED_AT = _read(
    "measured_timestamp_seconds", meaning="When the figures of the tables were measured.", alarm="older than 60 s"
)
