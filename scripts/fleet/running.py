"""Prepares the database, imports everything once, and runs the members until the end."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

import kombu

from config import proxy
from config.env import env
from learninghub.registry import QUEUES, SERVICES
from scripts import house
from scripts.fleet import members, memory
from scripts.fleet.screen import Screen
from scripts.fleet.supervisor import Supervisor, spawn
from scripts.played_stripe import Part, played

_DEMO = env.var / "fleet-demo"  # what load_demo had to say, shown once all are ready
_STRIPE = env.var / "fleet-stripe.json"  # its own: what was sold in another database is not in this one's books
_PORTS = [service.port for service in SERVICES if service.name != members.GATEWAY]
_LOOK_EVERY_S = 0.05
_PATIENCE_S = 60.0


def run(
    *,
    host: str,
    inner_host: str,
    site: str,
    part: Part | None,
    with_demo: bool,
    starter: int | None,
    began: float,
) -> None:
    """Run the fleet until asked to end, or until `starter`, where that is our parent, is gone."""
    demo = _DEMO if with_demo else None
    with played(part, site=site, state=_STRIPE):
        house.prepare(demo=demo, is_known=False, part=part)
        forked = time.monotonic()
        everyone = members.members(host=host, inner_host=inner_host)
        members.import_all()
        screen = Screen([member.name for member in everyone])
        supervisor = Supervisor(everyone, show=screen.show)
        sites = [site] + [f"http://{inner_host}:{port}" for port in (proxy.PAGES_PORT, *_PORTS)]

        def welcome() -> None:
            _wait_until_ready(sites)
            now = time.monotonic()
            print(f"Learning Hub answers at {site} after {now - began:.1f} s, {now - forked:.1f} s after its tables.")
            print(_describe(supervisor.processes()))
            house.show_addresses(site, demo=demo)

        supervisor.run(starter=starter, once_started=lambda: spawn(welcome))


def _wait_until_ready(sites: list[str]) -> None:
    end = time.monotonic() + _PATIENCE_S
    waiting = _waiting(sites)
    while missing := next(waiting):
        if time.monotonic() > end:
            sys.exit(f"After {_PATIENCE_S:.0f} s still not ready: {missing}")
        time.sleep(_LOOK_EVERY_S)


def _waiting(sites: list[str]) -> Iterator[str]:
    """The one that is waited for, or an empty word at the end."""
    for site in sites:
        while not _is_ready(site):
            yield site
    with kombu.Connection(env["AMQP_URL"]) as connection:
        for queue in QUEUES:
            while not _consumers(connection, queue):
                yield f"a worker on the queue {queue}"
    while True:
        yield ""


def _is_ready(site: str) -> bool:
    try:
        urllib.request.urlopen(f"{site}/readyz", timeout=5).close()  # noqa: S310
    except OSError:
        return False
    return True


def _consumers(connection: kombu.Connection, queue: str) -> int:
    try:
        with connection.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).consumer_count)
    except connection.channel_errors:
        return 0


def _describe(processes: Mapping[str, int]) -> str:
    """How many processes there are and what they hold, by kind."""
    held: dict[str, list[int]] = {}
    count = 0
    for name, session in processes.items():
        mine = memory.processes_of(session)
        count += len(mine)
        kind = "services" if name.endswith("-service") else "workers" if name.startswith("work-") else name
        held.setdefault(kind, []).append(sum(map(memory.pss, mine)))
    parts = ", ".join(
        f"{kind} {sum(bytes_) / 2**20:.0f} MB" + (f" ({len(bytes_)})" if len(bytes_) > 1 else "")
        for kind, bytes_ in held.items()
    )
    total = sum(map(sum, held.values()))
    return f"  {count} processes hold {total / 2**20:.0f} MB: {parts}"
