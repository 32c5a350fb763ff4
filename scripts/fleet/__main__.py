"""Starts the fleet and ends it in order, or has the running one restart one of its members."""

import argparse
import os
import sys
import time
from importlib import import_module

import django

from learninghub.registry import SERVICES
from scripts import played_stripe, ports
from scripts.fleet import servers
from scripts.terminal import foreground


def main() -> int:
    began = time.monotonic()
    wanted = argparse.ArgumentParser(prog="make fleet", description=__doc__)
    wanted.add_argument("--host", default="127.0.0.1", help="where the proxy listens")
    wanted.add_argument("--inner-host", default="127.0.0.1", help="where the services listen, for the proxy alone")
    wanted.add_argument("--without-demo", action="store_true", help="start with whatever the database holds")
    wanted.add_argument("--starter", type=int, help="stop when this process, our parent, is gone")
    wanted.add_argument(
        "--restart", metavar="NAME", help="have the running fleet restart this member; with an empty name, list them"
    )
    given = wanted.parse_args()
    if given.restart is not None:
        _restart(given.restart)
        return 0
    try:
        servers.find()
    except servers.Missing as why:
        sys.exit(str(why))
    for service in SERVICES:
        host = given.host if service.app == "gateway" else given.inner_host
        ports.demand_free(host, service.port, otherwise="end the fleet that runs already.")
    site = f"http://{f'[{given.host}]' if ':' in given.host else given.host}:{SERVICES[0].port}"
    os.environ.setdefault("SITE_URL", site)
    part = played_stripe.cast(host=given.host, beside=SERVICES[0].port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    running = import_module("scripts.fleet.running")  # only now: it needs settings and models
    with foreground():
        running.run(
            host=given.host,
            inner_host=given.inner_host,
            site=site,
            part=part,
            with_demo=not given.without_demo,
            starter=given.starter,
            began=began,
        )
    print("Stopped.")
    return 0


def _restart(name: str) -> None:
    control = import_module("scripts.fleet.control")
    try:
        print(control.ask_restart(name))
    except control.NoFleet as why:
        sys.exit(str(why))


if __name__ == "__main__":
    sys.exit(main())
