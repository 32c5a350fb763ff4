"""PostgreSQL as processes meet it: limits, clashes, a restart, and what errors give away."""

import dataclasses
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, connection, connections, transaction

from apps.users.models import User
from learninghub.db import repeating, roles
from learninghub.db.postgresql.base import TransactionTooLong, open_pools
from learninghub.limits.models import LimitedUse
from tests.support import instances
from tests.support.instances import Postgres


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"show {name}")
        return cursor.fetchone()[0]


class TestLimits:
    @pytest.mark.parametrize(
        ("role", "limits"),
        [
            (roles.WEB, ("5s", "2s", "10s")),
            (roles.WORKER, ("1min", "5s", "30s")),
            (roles.MIGRATION, ("0", "2s", "1min")),
        ],
        ids=lambda value: getattr(value, "name", ""),
    )
    def test_come_with_the_connection(self, transactional_db: None, role: roles.Role, limits: tuple[str, ...]):
        with roles.taken(role):
            names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
            assert tuple(shown(name) for name in names) == limits

    def test_a_transaction_may_not_go_on_for_ever(self, transactional_db: None, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(roles, "_current", [dataclasses.replace(roles.WEB, transaction_s=1)])

        @transaction.atomic
        def dawdle() -> None:
            LimitedUse.objects.create(key="a", claims=[], expires_at="2030-01-01T00:00Z")
            connections["default"]._began_at -= 2
            LimitedUse.objects.count()

        with pytest.raises(TransactionTooLong):
            dawdle()
        assert not LimitedUse.objects.exists()

    def test_a_migration_gives_way_and_comes_again(self, transactional_db: None):
        waits: list[float] = []
        holder = threading.Event(), threading.Event()

        def hold() -> None:
            with psycopg.connect(**own_address()) as other:
                other.execute("lock table learninghub_limiteduse")
                holder[0].set()
                holder[1].wait(20)

        def change() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '50ms'")
                cursor.execute("lock table learninghub_limiteduse")

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                holder[1].set()
                thread.join()

        thread = threading.Thread(target=hold)
        thread.start()
        holder[0].wait(20)
        roles.patiently(change, sleep=sleep)
        assert len(waits) == 2


def own_address() -> dict[str, object]:
    named = connection.get_connection_params()
    return {name: value for name, value in named.items() if isinstance(value, str | int)}


class TestAClash:
    """Two writes take the same two rows in opposite orders: PostgreSQL ends one of them."""

    def clash(self, race: Callable) -> list[object]:
        for key in "ab":
            LimitedUse.objects.create(key=key, claims=[], expires_at="2030-01-01T00:00Z")
        both_hold_one = threading.Barrier(2)

        def write(keys: str, tries: list[int]) -> int:
            with transaction.atomic():
                self.add(keys[0])
                tries.append(1)
                if len(tries) == 1:
                    both_hold_one.wait(20)
                self.add(keys[1])
            return len(tries)

        def run(number: int) -> int:
            tries: list[int] = []
            return repeating.repeated(lambda: write(("ab", "ba")[number], tries))

        return race(run, 2)

    def add(self, key: str) -> None:
        row = LimitedUse.objects.select_for_update().get(key=key)
        row.claims.append(row.expires_at)
        row.save()

    def test_is_repeated_and_both_are_done_once(self, transactional_db: None, race: Callable):
        assert sorted(self.clash(race)) == [1, 2]
        assert [len(row.claims) for row in LimitedUse.objects.order_by("key")] == [2, 2]

    def test_without_the_repetition_one_is_lost(
        self, transactional_db: None, race: Callable, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(repeating, "TRIES", 1)
        outcomes = self.clash(race)
        assert [type(outcome) for outcome in outcomes].count(OperationalError) == 1
        assert [len(row.claims) for row in LimitedUse.objects.order_by("key")] == [1, 1]

    def test_a_write_of_which_a_part_stands_is_not_repeated(self, transactional_db: None):
        tries: list[int] = []

        def write() -> None:
            LimitedUse.objects.create(key=str(len(tries)), claims=[], expires_at="2030-01-01T00:00Z")
            tries.append(1)
            with connection.cursor() as cursor:
                cursor.execute("do $$ begin raise exception sqlstate '40P01'; end $$")

        with pytest.raises(OperationalError):
            repeating.repeated(write)
        assert len(tries) == 1

    def test_within_a_transaction_it_is_the_callers_to_repeat(self, db: None):
        assert repeating.repeated(lambda: 1) == 1


class TestErrors:
    def test_do_not_quote_rows_or_statements(self, db: None):
        address = "canary@example.org"
        row = dict(User.objects.create(email=address, display_name="x").__dict__)
        told: list[BaseException | None] = []
        for change in ({"email": address}, {"id": row["id"], "email": "other@example.org"}):
            with pytest.raises(IntegrityError) as caught, transaction.atomic():
                User.objects.create(**{"display_name": "x"} | change)
            told += [caught.value, caught.value.__cause__]
        with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select nothing from users_user where email = %s", [address])
        told += [caught.value, caught.value.__cause__]
        assert [error for error in told if "canary" in repr(error) or "\n" in str(error)] == []
        assert "unique constraint" in str(told[0])


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with instances.postgres() as server:
        yield server


class TestADeadNetwork:
    KEEPALIVE = {
        socket.TCP_KEEPIDLE: 5,
        socket.TCP_KEEPINTVL: 2,
        socket.TCP_KEEPCNT: 3,
        socket.TCP_USER_TIMEOUT: 11_000,
    }

    def test_is_noticed_by_the_client_within_eleven_seconds(self, server: Postgres):
        said = settings.DATABASES["default"]["OPTIONS"]
        network = {name: said[name] for name in said if name.startswith(("connect", "keepalives", "tcp"))}
        with psycopg.connect(server.database("postgres"), **network) as line:
            with socket.socket(fileno=os.dup(line.fileno())) as twin:
                asked = {name: twin.getsockopt(socket.IPPROTO_TCP, name) for name in self.KEEPALIVE}
            assert (asked, line.info.get_parameters()["connect_timeout"]) == (self.KEEPALIVE, "5")


class TestAfterARestart:
    @pytest.fixture
    def pooled(self, server: Postgres, django_db_blocker: object) -> Iterator[Callable[[], int]]:
        address = urlsplit(server.url)
        connections.settings["restarted"] = connections.settings["default"] | {
            "NAME": "postgres",
            "HOST": address.hostname,
            "PORT": address.port,
            "USER": "postgres",
        }
        options = connections.settings["default"]["OPTIONS"]
        connections.settings["restarted"]["OPTIONS"] = options | {"pool": options["pool"] | {"timeout": 3}}

        def ask() -> int:
            own = connections["restarted"]
            try:
                with own.cursor() as cursor:
                    cursor.execute("select pg_backend_pid()")
                    return cursor.fetchone()[0]
            finally:
                own.close()

        with django_db_blocker.unblock():
            yield ask
            open_pools().pop("restarted").close()
            del connections["restarted"]
            del connections.settings["restarted"]

    @pytest.mark.parametrize("mode", ["fast", "immediate"])
    def test_no_dead_connection_is_handed_out(self, server: Postgres, pooled: Callable[[], int], mode: str):
        before = pooled()
        server.restart(mode)
        began = time.monotonic()
        assert pooled() != before
        assert time.monotonic() - began < 3

    def test_the_pool_heals_soon_after_a_long_absence(self, server: Postgres, pooled: Callable[[], int]):
        pooled()
        server.stop()
        with pytest.raises(OperationalError):
            pooled()
        server.start()
        began = time.monotonic()
        pooled()
        assert time.monotonic() - began < 5
