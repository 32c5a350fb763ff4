"""PostgreSQL, Redis and RabbitMQ: where they are looked for, and what to do where one is missing."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import kombu
import psycopg
import redis

from learninghub.redis.address import parse

POOL = 2  # connections of each process: all together stay within four fifths of PostgreSQL's 100 (R22)


@dataclass(frozen=True, slots=True)
class Needed:
    """A server: the setting that names it, where it is looked for otherwise, and how it is started."""

    name: str
    setting: str
    standard: str
    greet: Callable[[str], None]
    start: str


class Missing(Exception):
    """Not all servers answer; the words say which, and how to start them."""


def find() -> None:
    """Sets what the environment leaves unset to the standard address; raises Missing unless all of them answer."""
    os.environ.setdefault("DATABASE_POOL", str(POOL))
    words = []
    for server in NEEDED:
        url = os.environ.setdefault(server.setting, server.standard)
        try:
            server.greet(url)
        except Exception as why:  # noqa: BLE001  three libraries, each with errors of its own
            place = urlsplit(url)
            where = f"{place.hostname}:{place.port or ''}{place.path}"
            words.append(f"{server.name} does not answer at {where}: {str(why).strip() or type(why).__name__}")
            words.append(f"  Set {server.setting}, or start it: {server.start}")
    if words:
        raise Missing("\n".join(words))


def _greet_postgresql(url: str) -> None:
    with psycopg.connect(url, connect_timeout=3) as connection:
        connection.execute("select 1")


def _greet_redis(url: str) -> None:
    address = parse(url)
    kind = redis.RedisCluster if address.is_cluster else redis.Redis
    with kind.from_url(address.url, socket_timeout=3, socket_connect_timeout=3) as client:
        client.ping()


def _greet_rabbitmq(url: str) -> None:
    with kombu.Connection(url, connect_timeout=3) as connection:
        connection.connect()


NEEDED = (
    Needed(
        "PostgreSQL",
        "DATABASE_URL",
        "postgres://hub:hub@127.0.0.1:5432/hub",
        _greet_postgresql,
        "apt-get install postgresql, then as the user postgres: psql -c \"create role hub login password 'hub'\""
        ' -c "create database hub owner hub"',
    ),
    Needed("Redis", "REDIS_URL", "redis://127.0.0.1:6379/0", _greet_redis, "apt-get install redis-server"),
    Needed(
        "RabbitMQ",
        "AMQP_URL",
        "amqp://guest:guest@127.0.0.1:5672//",
        _greet_rabbitmq,
        "apt-get install rabbitmq-server",
    ),
)
