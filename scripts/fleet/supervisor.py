"""Keeps the members of the fleet running: forks them, shows their lines, starts again what dies, ends all in order."""

import multiprocessing
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from config import serving
from scripts.fleet import control
from scripts.fleet.memory import processes_of

WORDS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_S = 45.0  # longer than a running request and a task's warm stop may take
_SETTLED_S = 5.0  # who lived this long is started again at once
_LONGEST_WAIT_S = 30.0

_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the fleet: what it runs, and when it ends: the lowest stage first."""

    name: str
    stage: int
    run: Callable[[], object]


@dataclass(slots=True)
class Running:
    """A member's process; `asked_by` waits for its restart."""

    member: Member
    process: BaseProcess
    lines: "Lines"
    began: float
    is_ending: bool = False
    asked_by: list[socket.socket] = field(default_factory=list)


class Lines:
    """What a member writes, passed on line by line under its name."""

    def __init__(self, name: str, output: int, show: Callable[[str, str], None]) -> None:
        self.output = output
        self._name = name
        self._show = show
        self._rest = b""
        os.set_blocking(output, False)

    def pass_on(self) -> bool:
        """Shows what has come; False at the end."""
        while True:
            try:
                more = os.read(self.output, 65536)
            except BlockingIOError:
                return True
            *whole, self._rest = (self._rest + more).split(b"\n")
            for line in whole + ([self._rest] if not more and self._rest else []):
                self._show(self._name, line.decode(errors="replace"))
            if not more:
                return False


class Supervisor:
    """The parent of the fleet: one thread and no connection, so that a fork of it is clean at any time."""

    def __init__(self, members: Sequence[Member], *, show: Callable[[str, str], None]) -> None:
        self._members = {member.name: member for member in members}
        self._show = show
        self._running: dict[str, Running] = {}
        self._due: dict[str, float] = {}  # when to start again who died, by the monotonic clock
        self._failures: dict[str, int] = {}
        self._selector = selectors.DefaultSelector()
        self._asked = 0
        self._door = control.listen()
        self._selector.register(self._door, selectors.EVENT_READ, self._greet)
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        self._selector.register(self._woken, selectors.EVENT_READ, lambda: os.read(self._woken, 4096))

    def processes(self) -> dict[str, int]:
        """The process id of each running member, which is its session's too."""
        return {name: running.process.pid or 0 for name, running in self._running.items()}

    def run(self, *, starter: int | None, once_started: Callable[[], None]) -> None:
        """Starts all, keeps them running until asked to end or until `starter`, our parent, is gone; ends all."""
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for word in WORDS_TO_END:
            signal.signal(word, self._hear)
        parent = os.getppid()
        try:
            for member in self._members.values():
                self._start(member)
            once_started()
            while not self._asked and (starter is None or starter != parent or os.getppid() == parent):
                self._look(0.5)
        finally:
            self._end_all()
            control.close(self._door)

    def _hear(self, *_: object) -> None:
        self._asked += 1

    def _start(self, member: Member) -> None:
        output, writing = os.pipe()
        process = _fork.Process(target=self._become, args=(member, writing), name=member.name)
        process.start()
        os.close(writing)
        lines = Lines(member.name, output, self._show)
        self._running[member.name] = Running(member, process, lines, time.monotonic())
        self._selector.register(output, selectors.EVENT_READ, lambda: self._pass_on(lines))

    def _become(self, member: Member, writing: int) -> None:
        signal.set_wakeup_fd(-1)
        for word in (*WORDS_TO_END, signal.SIGCHLD):
            signal.signal(word, signal.SIG_DFL)
        parent = os.getppid()
        os.setsid()  # Ctrl-C reaches the supervisor alone, and what we start is known by our session
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        for asker in [asker for running in self._running.values() for asker in running.asked_by]:
            asker.close()
        os.close(self._wake)
        self._selector.close()
        for standard in (1, 2):
            os.dup2(writing, standard)
        os.close(writing)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        serving.end_with(parent, end=lambda: os.kill(os.getpid(), signal.SIGTERM))
        member.run()

    def _look(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            key.data()
        for running in list(self._running.values()):
            if running.process.exitcode is not None:
                self._bury(running)
        for name, due in list(self._due.items()):
            if time.monotonic() >= due and not self._asked:
                del self._due[name]
                self._start(self._members[name])

    def _pass_on(self, lines: Lines) -> None:
        if not lines.pass_on():
            self._selector.unregister(lines.output)
            os.close(lines.output)

    def _bury(self, running: Running) -> None:
        name = running.member.name
        _kill_rest(running)
        del self._running[name]
        if self._asked:
            return
        if running.is_ending:
            for asker in running.asked_by:
                control.answer(asker, f"{name} has ended and is started again")
            self._show("fleet", f"{name} has ended and is started again, as asked")
            self._start(running.member)
            return
        lived = time.monotonic() - running.began
        failures = self._failures[name] = 0 if lived > _SETTLED_S else self._failures.get(name, 0) + 1
        wait = min(_LONGEST_WAIT_S, 2.0 ** (failures - 1)) if failures > 1 else 0.0
        code = running.process.exitcode or 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self._show("fleet", f"{name} {how}; started again" + (f" in {wait:.0f} s" if wait else ""))
        self._due[name] = time.monotonic() + wait

    def _greet(self) -> None:
        asker, name = control.accept(self._door)
        if not name:
            control.answer(asker, "\n".join(f"{name} {process}" for name, process in self.processes().items()))
            return
        running = self._running.get(name)
        if running is None:
            control.answer(asker, f"No process is called {name}; there are: {', '.join(self._running)}")
            return
        running.asked_by.append(asker)
        running.is_ending = True
        running.process.terminate()

    def _end_all(self) -> None:
        self._asked = max(self._asked, 1)
        for stage in sorted({member.stage for member in self._members.values()}):
            mine = [running for running in self._running.values() if running.member.stage == stage]
            for running in mine:
                running.process.terminate()
            end = time.monotonic() + PATIENCE_S
            while self._asked < 2 and time.monotonic() < end and any(run.process.exitcode is None for run in mine):
                self._look(0.1)
            for running in mine:
                if running.process.exitcode is None:
                    self._show("fleet", f"{running.member.name} does not end; killed")
                    running.process.kill()
                running.process.join()
                _kill_rest(running)
        self._look(0.0)


def spawn(work: Callable[[], None]) -> None:
    """Does something beside the supervisor, in a process that may write to its screen and ends with it."""

    def alone() -> None:
        signal.set_wakeup_fd(-1)
        for word in (*WORDS_TO_END, signal.SIGCHLD):
            signal.signal(word, signal.SIG_DFL)
        work()

    _fork.Process(target=alone, daemon=True).start()


def _kill_rest(running: Running) -> None:
    """What a dead member has started and left behind goes too."""
    for process in processes_of(running.process.pid or 0):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
