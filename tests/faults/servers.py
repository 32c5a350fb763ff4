"""What a fleet under test stands on, all thrown away: PostgreSQL and a copy, Redis, RabbitMQ, mail, S3, and Stripe."""

import os
import subprocess
import sys
import threading
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from learninghub.registry import BY_NAME
from sandbox import s3
from sandbox.smtp import SmtpSink
from sandbox.stripe import StripeServer, stripe_server
from sandbox.tcp import TcpProxy
from tests.faults.members import ROOT
from tests.support.instances import Postgres, Rabbit, RedisServer, Replica, postgres, rabbitmq, redis_server, replica

GATEWAY = "api-gateway"
FAMILIES = ("LEARNINGHUB_", "DATABASE_", "EMAIL_", "JWT_", "REDIS_", "AMQP_", "S3_", "STRIPE_", "DJANGO_")
FILL = """
import django
django.setup()
from django.core.management import call_command
from learninghub.clock import now
from learninghub.outbox.threads import work_until_idle
call_command("migrate", verbosity=0)
call_command("load_demo")
work_until_idle(clock=now)
"""


@dataclass(frozen=True)
class Servers:
    """What the fleet stands on. `line` leads to the broker, `files` to the store, whose own port is `store_port`."""

    database: Postgres
    replica: Replica
    cache: RedisServer
    broker: Rabbit
    line: TcpProxy
    mail: SmtpSink
    store_port: int
    files: TcpProxy
    stripe: StripeServer

    @classmethod
    @contextmanager
    def running(cls, place: Path) -> Iterator[Self]:
        """Starts them with the demo loaded, the slowest beside the others."""
        with ExitStack() as stack:
            broker_comes = _Beside(rabbitmq(f"faults{os.getpid()}"), stack)
            database = stack.enter_context(postgres())
            cache = stack.enter_context(redis_server())
            mail = stack.enter_context(SmtpSink())
            store_port = stack.enter_context(s3.serve())
            files = stack.enter_context(TcpProxy(port=store_port))
            stripe = stack.enter_context(stripe_server())
            database.make_database("hub")
            _fill(database, store_port, place)
            copy = stack.enter_context(replica(database))
            broker = broker_comes.result()
            line = stack.enter_context(TcpProxy(port=broker.port))
            yield cls(database, copy, cache, broker, line, mail, store_port, files, stripe)


class _Beside:
    """A context manager that is entered in a thread of its own."""

    def __init__(self, manager: Any, stack: ExitStack) -> None:
        self._manager, self._stack = manager, stack
        self._found: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._enter)
        self._thread.start()

    def result(self) -> Any:
        self._thread.join()
        if self._error:
            raise self._error
        self._stack.push(self._manager.__exit__)
        return self._found

    def _enter(self) -> None:
        try:
            self._found = self._manager.__enter__()
        except BaseException as error:  # noqa: BLE001  raised in `result`
            self._error = error


def _fill(database: Postgres, store_port: int, place: Path) -> None:
    """Tables and the demo, as the one process makes them that has no broker yet."""
    alone = {"DATABASE_URL": database.database("hub"), "LEARNINGHUB_VAR": str(place / "var")}
    python(["-c", FILL], _inherited() | alone | _files(store_port))


def _files(port: int) -> dict[str, str]:
    """Files are kept in the store that this port leads to."""
    options = s3.options(port)
    return {
        "S3_BUCKET": s3.BUCKET,
        "S3_ENDPOINT_URL": options["endpoint_url"],
        "S3_REGION": options["region_name"],
        "S3_ACCESS_KEY": options["aws_access_key_id"],
        "S3_SECRET_KEY": options["aws_secret_access_key"],
    }


def python(words: Sequence[str], environment: Mapping[str, str], *, may_end_with: Container[int] = (0,)) -> str:
    """Runs Python with these words in this environment; gives what it wrote."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode in may_end_with, done.stdout + done.stderr
    return done.stdout


def _inherited() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FAMILIES)}
    return kept | {"DJANGO_SETTINGS_MODULE": "config.settings"}


def environment_of(servers: Servers, place: Path, address: str) -> Mapping[str, str]:
    """What the fleet's processes are told: all of them the same."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _inherited() | {
        "DATABASE_URL": servers.database.database("hub"),
        "DATABASE_REPLICA_URL": servers.replica.database("hub"),
        "DATABASE_POOL": "3",  # of some 45 processes: within four fifths of the server's 200
        "REDIS_URL": servers.cache.url,
        "AMQP_URL": f"amqp://guest:guest@127.0.0.1:{servers.line.port}//",
        "EMAIL_URL": servers.mail.url,
        **_files(servers.files.port),
        "STRIPE_SECRET_KEY": servers.stripe.secret_key,
        "STRIPE_WEBHOOK_SECRET": servers.stripe.webhook_secret,
        "STRIPE_API_URL": servers.stripe.url,
        "SECRET_KEY": "of a fleet that lives for one run of tests only",
        "JWT_SIGNING_KEYS": key.decode(),
        "SITE_URL": f"http://{address}:{BY_NAME[GATEWAY].port}",
        "ALLOWED_HOSTS": address,
        "TRUSTED_PROXIES": "1",
        "LOG_FORMAT": "json",
        "LEARNINGHUB_VAR": str(place / "var"),
        "LEARNINGHUB_RATE": "1000000",
        "LEARNINGHUB_SERVICES": f"http://{address}:{{port}}",
    }
