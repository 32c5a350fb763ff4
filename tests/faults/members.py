"""The processes of a fleet under test: started, killed, frozen, struck at a crash point, and started again."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.support.instances.server import tell_guard, until

ROOT = Path(__file__).resolve().parents[2]
KILLED = 137  # as a crash point ends a process


@dataclass
class Member:
    """One process. `deaths` are the statuses of its ends that we did not ask for by `stop`."""

    name: str
    words: Sequence[str]
    orders: Path
    log: Path
    environment: dict[str, str] = field(default_factory=dict)  # besides the fleet's; only where it starts from nothing
    pid: int = 0
    kept: bool = True  # started again when it dies, as a pod is
    expected: int = 0  # deaths we have arranged and that have not come yet
    deaths: list[int] = field(default_factory=list)
    surprises: list[int] = field(default_factory=list)
    born_at: float = 0.0

    @property
    def lives(self) -> bool:
        return self.pid > 0

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Members:
    """All of them, with the nursery that forks them."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.by_name: dict[str, Member] = {}
        self._folder = folder
        self._lock = threading.RLock()
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        self._by_pid: dict[int, Member] = {}
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"], cwd=ROOT, env=dict(environment), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=(folder / "nursery.log").open("ab"), text=True, bufsize=1,
            start_new_session=True,
        )  # fmt: skip
        tell_guard(f"+process {self._nursery.pid} {int(signal.SIGKILL)}")
        assert self._nursery.stdout is not None
        assert self._nursery.stdout.readline() == '{"ready": true}\n', (folder / "nursery.log").read_text()
        self._ear = threading.Thread(target=self._listen, daemon=True, name="nursery")
        self._ear.start()

    def add(self, name: str, *words: str) -> Member:
        member = Member(name, words, self._folder / f"{name}.orders", self._folder / f"{name}.log")
        self.by_name[name] = member
        self.start(member)
        return member

    def start(self, member: Member, *, delay: float = 0.0) -> None:
        member.kept = True
        member.born_at = time.monotonic()
        words = ("-m", "manage") if member.environment else ()
        order = {
            "name": member.name, "words": [*words, *member.words], "orders": str(member.orders), "log": str(member.log),
            "delay": delay, "environment": member.environment,
        }  # fmt: skip
        assert self._nursery.stdin is not None
        with self._lock:
            self._nursery.stdin.write(json.dumps(order) + "\n")

    def kill(self, *members: Member, parent_only: bool = False) -> None:
        """kill -9 of the process and all it has started, or of its first process alone."""
        for member in members:
            until(lambda m=member: m.lives, f"{member.name} does not start")  # type: ignore[misc]
            with self._lock:
                member.expected += 1
                every = [psutil.Process(member.pid)] if parent_only else _all(member.pid)
            _kill(every)

    def kill_child(self, member: Member, *, choose: int = 0) -> bool:
        """kill -9 of one of the processes that it has started; says whether there was one."""
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(member.pid).children()
            if children:
                children[choose % len(children)].kill()
                return True
        return False

    def swell_children(self, member: Member, *, room_mb: int | None = None) -> list[psutil.Process]:
        """Each process that it has started takes 350 MB as soon as it runs; or dies where there is not so much room.

        Gives those processes.
        """
        children = psutil.Process(member.pid).children()
        for child in children:
            if room_mb is not None:
                most = child.memory_info().vms + room_mb * 2**20
                child.rlimit(psutil.RLIMIT_AS, (most, most))
            child.send_signal(signal.SIGUSR2)
        return children

    def freeze(self, *members: Member) -> None:
        self._signal(members, signal.SIGSTOP)

    def thaw(self, *members: Member) -> None:
        self._signal(members, signal.SIGCONT)

    def freeze_children(self, member: Member) -> None:
        """What the member started stands still; the member itself does not."""
        for process in _all(member.pid)[1:]:
            process.suspend()

    def strike(self, member: Member, point: str, *, seconds: float = 60) -> None:
        """Has it die at the crash point when it next comes there; returns once it did and is being started again."""
        before = len(member.deaths)
        with self._lock:
            member.expected += 1
            member.orders.write_text(point)
        try:
            until(lambda: len(member.deaths) > before, f"{member.name} lives on, past {point}", seconds=seconds)
        finally:
            member.orders.write_text("")
        assert member.deaths[-1] == KILLED, (member.name, member.deaths, member.said()[-2000:])

    def strike_child(self, member: Member, point: str, *, seconds: float = 60) -> None:
        """Has a process that the member started die at the crash point; returns once it did."""
        words = f"crash point {point}\n"
        before = member.said().count(words)
        member.orders.write_text(point)
        try:
            until(lambda: member.said().count(words) > before, f"{member.name} lives on, past {point}", seconds=seconds)
        finally:
            member.orders.write_text("")

    def stop(self, *members: Member, seconds: float = 60) -> float:
        """SIGTERM, and waits for the end; gives the seconds it took."""
        self.ask_to_end(*members)
        return self.await_end(*members, seconds=seconds)

    def ask_to_end(self, *members: Member) -> None:
        """SIGTERM; who ends of it is not started again."""
        for member in members:
            member.kept = False
            with contextlib.suppress(ProcessLookupError):
                os.kill(member.pid, signal.SIGTERM)

    def await_end(self, *members: Member, seconds: float = 60) -> float:
        """Returns when all of them have ended; gives the seconds it took."""
        began = time.monotonic()
        for member in members:
            until(lambda m=member: not m.lives, f"{member.name} does not end", seconds=seconds)  # type: ignore[misc]
        return time.monotonic() - began

    def evict(self, member: Member, *, grace_s: float) -> bool:
        """SIGTERM, and kill -9 at the end of its grace, as a kubelet does; says whether it came to that."""
        self.ask_to_end(member)
        try:
            self.await_end(member, seconds=grace_s)
        except TimeoutError:
            _kill(_all(member.pid))
            self.await_end(member)
            return True
        return False

    def end(self) -> None:
        for member in self.by_name.values():
            member.kept = False
        _kill(_all(self._nursery.pid))
        self._nursery.wait()
        self._ear.join(5)
        for end in (self._nursery.stdin, self._nursery.stdout):
            with contextlib.suppress(OSError):
                end.close()  # type: ignore[union-attr]
        tell_guard(f"-process {self._nursery.pid}")

    def _listen(self) -> None:
        assert self._nursery.stdout is not None
        for line in self._nursery.stdout:
            word = json.loads(line)
            with self._lock:
                if "name" in word:
                    member = self.by_name[word["name"]]
                    member.pid = word["pid"]
                    self._by_pid[member.pid] = member
                else:
                    self._bury(self._by_pid.pop(word["pid"]), word["status"])

    def _bury(self, member: Member, status: int) -> None:
        _sweep(member.pid)
        member.pid = 0
        if not member.kept:
            return
        member.deaths.append(status)
        if member.expected:
            member.expected -= 1
        else:
            member.surprises.append(status)
        hurried = time.monotonic() - member.born_at < 2 and bool(member.surprises)
        self.start(member, delay=1.0 if hurried else 0.0)

    def _signal(self, members: Sequence[Member], word: signal.Signals) -> None:
        for member in members:
            for process in _all(member.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(word)


def _all(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _sweep(session: int) -> None:
    """What a dead one leaves behind of its session goes with it, as when a container ends."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == session:
                process.kill()
