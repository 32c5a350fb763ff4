"""The proxy of this environment, started without Django: `python -m config.proxy`."""

import argparse

from apps.gateway.dataplane.limits import rate_of
from apps.gateway.dataplane.server import run
from apps.gateway.dataplane.settings import OWN, Config
from config import front
from config.env import env
from learninghub import observability
from learninghub.registry import BY_NAME

PAGES_PORT = 2999  # of the gateway's own Django process, beside the proxy


def config_of(
    *,
    host: str,
    port: int,
    pages_address: str,
    service_address: str = env["LEARNINGHUB_SERVICES"],
    notice_seconds: float = env["LEARNINGHUB_DRAIN"],
) -> Config:
    """What the proxy is told here."""
    return Config(
        host=host,
        port=port,
        caller_key=front.CALLER_KEY,
        rate=rate_of(env["LEARNINGHUB_RATE"]),
        host_name=front.HOST,
        service_address=service_address,
        pages_address=pages_address,
        redis_url=env["REDIS_URL"] or "",
        trusted_proxies=env["TRUSTED_PROXIES"],
        allowed_origins=env["CORS_ORIGINS"],
        refusal_headers=front.REFUSAL_HEADERS,
        notice_seconds=notice_seconds,
    )


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--host", default="0.0.0.0", help="default: every address of this machine")  # noqa: S104  a pod's own
    wanted.add_argument("--port", type=int, default=BY_NAME[OWN].port)
    wanted.add_argument("--pages-port", type=int, default=PAGES_PORT, help="of the gateway's own pages, on 127.0.0.1")
    given = wanted.parse_args()
    env.demand_what_is_shared(["SECRET_KEY", "SITE_URL"])
    is_json, dsn = env["LOG_FORMAT"] == "json", env["SENTRY_DSN"] or ""
    observability.configure(as_json=is_json, sentry_dsn=dsn, release=front.RELEASE)
    run(config_of(host=given.host, port=given.port, pages_address=f"http://127.0.0.1:{given.pages_port}"))


if __name__ == "__main__":
    main()
