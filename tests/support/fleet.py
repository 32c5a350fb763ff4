"""The fleet of processes, started as `make fleet` starts it, on servers of its own; and what a story needs of it."""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ
import kombu
import psycopg
import redis
from django.db import connections

from config.env import ROOT
from learninghub.registry import QUEUES, SERVICES
from sandbox import s3
from sandbox.stripe import StripeServer, stripe_server
from scripts.fleet.memory import processes_of
from tests.support.http import Mail
from tests.support.instances import Postgres, Rabbit, postgres, rabbitmq, redis_server
from tests.support.instances.server import until
from tests.support.mails import mails_in

_OURS = (
    *("AMQP_", "DATABASE_", "DJANGO_", "EMAIL_URL", "LEARNINGHUB_VAR"),
    *("REDIS_", "S3_", "SELLER_", "SITE_URL", "STRIPE_"),
)
_KEPT = "django_migrations", "learninghub_scheduledrun"  # what stands there is not of a story's making
# A job that was asked for later is nothing to wait for: one that looks, half a minute on, whether all went well.
_WAITING = "select \
(select count(*) from learninghub_outboxmessage where published_at is null and available_at <= now()), \
(select count(*) from learninghub_queuedmessage) \
+ (select count(*) from notifications_mail where state in ('queued', 'sending')), \
(select coalesce(max(id), 0) from learninghub_outboxmessage)"
VHOST = "fleet"
SELLER = {"name": "Example Learning GmbH", "address": "Lernweg 7, 10115 Berlin", "tax_id": "DE123456789"}
TAX_RATE = 1900
PATIENCE_S = 180.0  # it takes a few seconds, and half a minute on a machine that is busy with other tests


@dataclass
class Fleet:
    """A running fleet. All its ports are the registry's, on a loopback address of its own."""

    host: str
    var: Path
    database: str
    redis: str
    broker: Rabbit
    amqp: str
    stripe: StripeServer
    variables: Mapping[str, str]
    program: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    @property
    def site(self) -> str:
        return f"http://{self.host}:{SERVICES[0].port}"

    def application(self, asked: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The fleet as a WSGI application: what is asked of it goes to the proxy by HTTP."""
        line = http.client.HTTPConnection(self.host, SERVICES[0].port, timeout=60)
        names = {key: key.removeprefix("HTTP_").replace("_", "-").title() for key in asked if key.startswith("HTTP_")}
        headers = {names[key]: asked[key] for key in names if key != "HTTP_HOST"}
        if "CONTENT_TYPE" in asked:
            headers["Content-Type"] = asked["CONTENT_TYPE"]
        target = http_target(asked)
        line.request(asked["REQUEST_METHOD"], target, body=asked["wsgi.input"].read(), headers=headers)
        answer = line.getresponse()
        body = answer.read()
        line.close()
        start_response(f"{answer.status} {answer.reason}", answer.getheaders())
        return [body]

    def settle(self) -> int:
        """Returns once Stripe has told all, facts are heard and jobs done; raises when one had to be put off."""
        until(self._is_settled, "the fleet does not come to rest", seconds=PATIENCE_S)
        return 0

    def mails_to(self, address: str) -> list[Mail]:
        """The mails to this address, oldest first."""
        return [
            Mail(
                str(letter["Subject"]),
                letter.get_body(("plain",)).get_content(),
                {str(part.get_filename()): part.get_content() for part in letter.iter_attachments()},
            )
            for letter in mails_in(self.var / "mail")
            if letter["To"] == address
        ]

    def empty(self) -> None:
        """Forgets what the last story did."""
        self.settle()
        self.stripe.reset()
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(f"truncate {', '.join(self.tables)}")
        with redis.Redis.from_url(self.redis) as client:
            client.flushdb()
        for path in (self.var / "mail").glob("*"):
            path.unlink()

    def consumers(self) -> dict[str, int]:
        """How many consumers each queue of the registry has, and how many messages none of them has yet taken."""
        return {name: declared.consumer_count for name, declared in self._queues().items()}

    def ask(self, name: str) -> str:
        """What `make fleet-restart NAME=` says."""
        return self.run("-m", "scripts.fleet", "--restart", name)

    def run(self, *words: str, may_end_with: Container[int] = (0,)) -> str:
        """What Python says that is started with these words where the fleet was."""
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=ROOT, env=self.variables, capture_output=True, text=True, check=False)
        assert done.returncode in may_end_with, done.stdout + done.stderr
        return done.stdout

    def processes(self) -> dict[str, int]:
        """The process of each member, which leads a session of its own."""
        return {name: int(process) for name, process in map(str.split, self.ask("").splitlines())}

    def end(self) -> None:
        """One Ctrl-C, which a terminal sends to the whole group: all end in order, and nothing stays."""
        members = self.processes()
        os.killpg(self.program.pid, signal.SIGINT)
        assert self.program.wait(PATIENCE_S) == 0
        assert {name: left for name, process in members.items() if (left := processes_of(process))} == {}

    def _is_settled(self) -> bool:
        before = self._waiting()
        if before[:2] != (0, 0) or any(declared.message_count for declared in self._queues().values()):
            return False
        # What was under way when we asked shows here, or is done; had it asked for more, there would be a newer row.
        unacked = self.broker.control("list_channels", "messages_unacknowledged", "--silent")
        self.stripe.settle(PATIENCE_S)
        return not any(map(int, unacked.split())) and self._waiting() == before

    def _waiting(self) -> tuple[int, int, int]:
        with psycopg.connect(self.database) as connection:
            row = connection.execute(_WAITING).fetchone()
        assert row
        return row

    def _queues(self) -> dict[str, Any]:
        with kombu.Connection(self.amqp) as connection, connection.channel() as channel:
            return {name: channel.queue_declare(name, passive=True) for name in QUEUES}


def http_target(asked: dict[str, Any]) -> str:
    """The request target that a server reads as this path and query."""
    path = quote(asked["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~")
    return f"{path}?{asked['QUERY_STRING']}" if asked["QUERY_STRING"] else path


@contextmanager
def servers() -> Iterator[tuple[Postgres, str, Rabbit]]:
    """A database server, the address of a Redis, and a broker, all of them for the tests alone."""
    with postgres() as database, redis_server() as cache, rabbitmq("fleet") as broker:
        yield database, cache.url, broker


@contextmanager
def running(folder: Path) -> Iterator[Fleet]:
    """The fleet without the demo, ready, with a store and Stripe beside it."""
    with servers() as (database, cache, broker), s3.serve() as store, stripe_server() as stripe:
        url, amqp, host = database.make_database(VHOST), broker.vhost(VHOST), free_host()
        variables = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        variables |= {"DATABASE_URL": url, "REDIS_URL": cache, "AMQP_URL": amqp, "LEARNINGHUB_VAR": str(folder)}
        variables |= {"SITE_URL": f"http://{host}:{SERVICES[0].port}", **_store(store), **_shop(stripe)}
        stripe.deliver_to(f"{variables['SITE_URL']}/api/v1/payments/webhooks/stripe/")
        command = [
            sys.executable,
            "-m",
            "scripts.fleet",
            "--host",
            host,
            "--inner-host",
            host,
            "--without-demo",
            "--starter",
            str(os.getpid()),
        ]
        program = subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        fleet = Fleet(host, folder, url, cache, broker, amqp, stripe, variables, program)
        is_ready = threading.Event()
        reader = threading.Thread(target=_read, args=(fleet, is_ready))
        reader.start()
        try:
            is_ready.wait(PATIENCE_S)
            assert any("Ctrl-C stops it" in line for line in fleet.said), "".join(fleet.said[-40:])
            fleet.tables = _story_tables(url)
            yield fleet
            fleet.end()
        finally:
            program.kill()  # the members of a fleet that has been killed end themselves
            program.wait()
            reader.join()
            assert program.stdout
            program.stdout.close()


def _read(fleet: Fleet, is_ready: threading.Event) -> None:
    assert fleet.program.stdout
    for line in fleet.program.stdout:
        fleet.said.append(line)
        if "Ctrl-C stops it" in line:
            is_ready.set()
    is_ready.set()


def _store(port: int) -> dict[str, str]:
    """Files lie in the store, and clients come to it by another name than the house does."""
    options = s3.options(port)
    return {
        "S3_BUCKET": s3.BUCKET,
        "S3_ENDPOINT_URL": options["endpoint_url"],
        "S3_PUBLIC_URL": f"http://localhost:{port}",
        "S3_REGION": options["region_name"],
        "S3_ACCESS_KEY": options["aws_access_key_id"],
        "S3_SECRET_KEY": options["aws_secret_access_key"],
    }


def _shop(stripe: StripeServer) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": stripe.secret_key,
        "STRIPE_WEBHOOK_SECRET": stripe.webhook_secret,
        "STRIPE_API_URL": stripe.url,
        "SELLER_TAX_RATE": str(TAX_RATE),
        **{f"SELLER_{name.upper()}": said for name, said in SELLER.items()},
    }


def _story_tables(url: str) -> list[str]:
    """The tables that are empty, which is to say that migrations have put nothing into them."""
    with psycopg.connect(url) as connection:
        named = connection.execute("select tablename from pg_tables where schemaname = 'public' order by 1").fetchall()
        return [
            name
            for (name,) in named
            if name not in _KEPT
            and (name.startswith("learninghub_") or not connection.execute(f'select from "{name}" limit 1').fetchone())
        ]


@contextmanager
def looking_into(url: str) -> Iterator[None]:
    """Models are read from this database meanwhile: a story knows some answers that no learner is told."""
    ours = connections["default"]
    options = {name: value for name, value in ours.settings_dict["OPTIONS"].items() if name != "pool"}
    theirs = type(ours)({**ours.settings_dict, **environ.Env.db_url_config(url), "OPTIONS": options}, "default")
    connections["default"] = theirs
    try:
        yield
    finally:
        theirs.close()
        connections["default"] = ours


def free_host() -> str:
    """An address of this machine on which nobody has the registry's ports."""
    while True:
        host = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}.1"  # noqa: S311
        with socket.socket() as probe:
            if probe.connect_ex((host, SERVICES[0].port)) != 0:
                return host
