"""Writes docs/runbooks/metrics.md: every metric, what it means, and when somebody must look."""

from pathlib import Path

from learninghub.metrics import DEFINITIONS

PLACE = Path("docs/runbooks/metrics.md")
_HEAD = """# Metrics

Every process tells its own at `/metrics`: a service on the port it serves (the gateway sends nobody there); worker,
relay, schedule and the one process on `LEARNINGHUB_METRICS_PORT`, beside `/healthz`. The state of tables and queues is
measured by the relay alone. `learninghub/metrics/` makes this page: `python -m scripts.metrics_table`.

| metric | labels | meaning | alarm |
|---|---|---|---|
"""


def table() -> str:
    """The page as it should be."""
    rows = [
        f"| `{row.name}` | {', '.join(row.labels)} | {row.meaning} | {row.alarm} |\n"
        for row in sorted(DEFINITIONS, key=lambda row: (not row.alarm, row.name))
    ]
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PLACE.write_text(table())
