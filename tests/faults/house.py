"""The platform as `make run` starts it: started, struck down, started again, and looked into."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg

from config import embedded
from tests.faults import asking
from tests.faults.asking import Answer, Down
from tests.support.mails import mails_in

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "EMAIL_URL", "LEARNINGHUB_CRASH", "LEARNINGHUB_VAR", "SITE_URL")

# Due facts and jobs, and everything on a queue: one statement, so that nothing slips by between two looks.
OPEN = """
select (select count(*) from learninghub_outboxmessage
        where published_at is null and parked_at is null and available_at <= now())
     + (select count(*) from learninghub_queuedmessage where dead_at is null)
"""
# A mail that a dead worker had claimed may be sent again after two minutes, which these statements let pass.
PASS_THE_LEASES = """
update notifications_mail set leased_until = now() - interval '1 second'
where state = 'sending' and leased_until < %s + interval '2 minutes'
"""
PASS_THE_WAITS = """
update learninghub_queuedmessage set available_at = now()
where (target = 'notifications.send' or starts_with(target, 'payments.'))
  and dead_at is null and leased_until is null and available_at > now()
"""


class House:
    """One variable folder and one port; a process at a time lives there."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.orders = folder / "crash-point"
        self.starts = 0
        self._log = folder / "log"
        self._said_before = 0
        self._program: subprocess.Popen[bytes] | None = None
        self._database: psycopg.Connection | None = None
        self._began_at: Any = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    def start(self, *, strike_at: str = "") -> None:
        self.orders.write_text(strike_at)
        self._said_before = self._log.stat().st_size if self._log.exists() else 0
        environment = {name: value for name, value in os.environ.items() if name not in OURS} | {
            "LEARNINGHUB_VAR": str(self.var),
            "LEARNINGHUB_CRASH": str(self.orders),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
        }
        with self._log.open("ab") as log:
            self._program = subprocess.Popen(
                [sys.executable, "-m", "scripts.run", "--port", str(self.port), "--starter", str(os.getpid())],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.starts += 1

    def wait_until_up(self) -> None:
        self._until(self._answers, "it does not answer", seconds=240)
        (self._began_at,) = self.ask("select now()")[0]

    def kill(self) -> float:
        """Kills the main process, and nothing else; gives the seconds until port and database are free."""
        assert self._program is not None
        began = time.monotonic()
        os.kill(self._program.pid, signal.SIGKILL)
        self._program.wait()
        self._until(self._is_free, "it is not free")
        return time.monotonic() - began

    def wait_until_dead(self, *, of: str) -> None:
        """Waits until the process has died of the crash point and all is free."""
        program = self._program
        assert program is not None
        self._until(lambda: program.poll() is not None, f"it lives on, past {of}")
        self._until(self._is_free, "port and database are not free")
        assert (program.returncode, f"crash point {of}\n" in self.said()) == (1, True), self.said()

    def said(self) -> str:
        """What the last process wrote."""
        return self._log.read_bytes()[self._said_before :].decode(errors="replace")

    def stop(self) -> None:
        self._hang_up()
        if self._program is not None and self._program.poll() is None:
            self._program.terminate()
            self._program.wait(30)

    def request(self, method: str, path: str, body: Any = None, **more: str | None) -> Answer:
        return asking.ask(("127.0.0.1", self.port), method, path, body, **more)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Asks the database itself."""
        try:
            if self._database is None:
                self._database = psycopg.connect(embedded.address(self.var), autocommit=True)
            cursor = self._database.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError as error:
            self._hang_up()
            raise Down from error

    def _hang_up(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def settle(self) -> float:
        """Waits until no fact, no job and no message is left to do; gives the seconds it took."""
        began = time.monotonic()
        self._until(self._is_idle, "it does not come to rest")
        return time.monotonic() - began

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Every mail to the address that is under way, and those that have come."""
        self.settle()
        return [mail for mail in self.mails() if mail["To"] == address]

    def mails(self) -> list[EmailMessage]:
        """Every mail that was handed over."""
        return mails_in(self.var / "mail")

    def _until(self, holds: Callable[[], Any], lack: str, *, seconds: float = 120) -> bool:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"{lack}\n{self.said()[-4000:]}"
            time.sleep(0.05)
        return True

    def _answers(self) -> bool:
        try:
            return self.request("GET", "/healthz").status == 200
        except Down:
            return False

    def _is_free(self) -> bool:
        self._hang_up()
        try:
            self.ask("select 1")
        except Down:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) != 0
        return False

    def _is_idle(self) -> bool:
        self.ask(PASS_THE_LEASES, self._began_at)
        self.ask(PASS_THE_WAITS)
        return self.ask(OPEN) == [(0,)]
