"""A real browser without a library: Chromium, told over two pipes what to do (the DevTools protocol).

Nothing is ever slept for: a command is answered when it is done, and events are waited for up to a deadline.
"""

import fcntl
import json
import os
import select
import shutil
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.instances.server import folder

PATIENCE_S = 30.0
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""), " ": (32, " "), "ArrowDown": (40, "")}
_SHIFT = 8
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--window-size=1280,900", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
)
_WATCH = Path(__file__).with_name("browser.js").read_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where the focus is, as a screen reader tells it; `is_in_view` when nothing lies over its middle."""

    role: str
    name: str
    is_in_view: bool


class Browser:
    """A running Chromium. It ends when its pipes close: so it outlives nobody."""

    def __init__(self, program: str, profile: Path) -> None:
        (theirs_in, self._to), (self._from, theirs_out) = map(_high, (os.pipe(), os.pipe()))
        self._process = os.posix_spawn(
            program,
            [program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            os.environ | {"HOME": str(profile)},
            file_actions=[
                *((os.POSIX_SPAWN_OPEN, file, os.devnull, os.O_RDWR, 0) for file in (0, 1, 2)),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._numbers = count(1)
        self._unread = b""
        self._pages: dict[str, Page] = {}

    def send(self, method: str, *, session: str = "", **params: Any) -> dict[str, Any]:
        """What the browser answers; the events that come before its answer go to their pages."""
        number = next(self._numbers)
        said = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        self._write(json.dumps(said).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while (told := self.read(end, lack=f"{method} is not answered")).get("id") != number:
            pass
        assert "error" not in told, f"{method}: {told['error']}"
        return dict(told["result"])

    def read(self, end: float, *, lack: str) -> dict[str, Any]:
        """The next message, which its page has seen."""
        while b"\0" not in self._unread:
            if not select.select([self._from], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(lack)
            read = os.read(self._from, 1 << 16)
            assert read, "the browser has ended by itself"
            self._unread += read
        message, _, self._unread = self._unread.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        if "method" in told and told.get("sessionId") in self._pages:
            self._pages[told["sessionId"]].note(told["method"], told["params"])
        return told

    @contextmanager
    def page(self) -> Iterator["Page"]:
        """A page that shares no cookie with another."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        page.prepare()
        yield page
        self.send("Target.disposeBrowserContext", browserContextId=context)

    def end(self) -> None:
        os.close(self._to)
        os.close(self._from)
        os.waitpid(self._process, 0)

    def _write(self, message: bytes) -> None:
        while message:
            message = message[os.write(self._to, message) :]


class Page:
    """One page: keys go in, and all that it asks of anybody or is refused comes out."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self._events: deque[str] = deque()
        self.requests: dict[str, str] = {}  # the address of each, by its id
        self.answered: set[str] = set()  # ids
        self.refused: list[dict[str, str]] = []  # what broke the page's policy
        self.complaints: list[str] = []  # errors of scripts, and what the browser warns of
        self.unseen: list[str] = []  # what looked the same without the focus

    def prepare(self) -> None:
        for domain in ("Page", "Network", "Log", "Runtime", "Accessibility"):
            self.send(f"{domain}.enable")
        self.send("Runtime.addBinding", name="refused")
        self.send("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.send(method, session=self._session, **params)

    def note(self, event: str, told: dict[str, Any]) -> None:
        """An event of this page has come."""
        self._events.append(event)
        match event:
            case "Network.requestWillBeSent":
                self.requests[told["requestId"]] = told["request"]["url"]
            case "Network.webSocketCreated":
                self.requests[told["requestId"]] = told["url"]
            case "Network.responseReceived":
                self.answered.add(told["requestId"])
            case "Runtime.bindingCalled":
                self.refused.append(json.loads(told["payload"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(told["exceptionDetails"].get("exception", {}).get("description", "?"))
            case "Log.entryAdded" if told["entry"]["level"] in {"warning", "error"}:
                self.complaints.append(told["entry"]["text"])

    def wait_for(self, event: str) -> None:
        """Takes events up to the first of this name; raises TimeoutError when it does not come."""
        end = time.monotonic() + PATIENCE_S
        while True:
            while self._events:
                if self._events.popleft() == event:
                    return
            self._browser.read(end, lack=f"{event} does not come")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript; of a promise, what it comes to."""
        told = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait_until(self, expression: str) -> None:
        """Returns at the first frame at which the expression holds."""
        look = f"const look = () => {expression} ? done() : requestAnimationFrame(look)"
        self.evaluate(f"new Promise((done) => {{ {look}; look(); }})")

    def open(self, address: str) -> None:
        self._events.clear()
        self.send("Page.navigate", url=address)
        self.arrive()

    def arrive(self) -> None:
        """Returns when the next page has loaded, is drawn, and its scripts have put the focus where they want it."""
        self.wait_for("Page.loadEventFired")
        self.evaluate("desk.drawn()")

    def press(self, key: str, *, shift: bool = False) -> None:
        """A key goes down and up; returns when the page has dealt with it."""
        code, text = _KEYS[key] if key in _KEYS else (ord(key.upper()) if key.isalnum() else 0, key)
        said = {"key": key, "windowsVirtualKeyCode": code, "modifiers": _SHIFT if shift else 0}
        self.send("Input.dispatchKeyEvent", type="keyDown", **said, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **said)

    def type(self, words: str) -> None:
        for letter in words:
            self.press(letter)

    def follow(self, key: str = "Enter") -> None:
        """Presses the key on what has the focus, and arrives where it leads."""
        self._events.clear()
        self.press(key)
        self.arrive()

    def tab(self, *, back: bool = False) -> Stop | None:
        """The next stop of the Tab key; None where the page ends. What is left is held against how it looked."""
        self.evaluate("desk.remember()")
        self.press("Tab", shift=back)
        self.unseen += self.evaluate("desk.unseen()")
        return self.focus()

    def walk(self) -> list[Stop]:
        """All stops from here to where the page ends or begins anew."""
        stops: list[Stop] = []
        while (stop := self.tab()) is not None and stop not in stops[:1]:
            stops.append(stop)
        return stops

    def tab_to(self, role: str, name: str, *, back: bool = False) -> Stop:
        """Presses Tab until a stop of this role has this name. The page must not end before."""
        passed = []
        while (stop := self.tab(back=back)) is not None:
            passed.append(f"{stop.role} {stop.name!r}")
            if (stop.role, stop.name) == (role, name):
                return stop
        raise AssertionError(f"no {role} {name!r} among {', '.join(passed)}")

    def focus(self) -> Stop | None:
        """What has the focus; None where it is the page as a whole."""
        here = self.send("Runtime.evaluate", expression="desk.focused()")["result"]
        if "objectId" not in here:
            return None
        node = self.send("Accessibility.getPartialAXTree", objectId=here["objectId"], fetchRelatives=False)["nodes"][0]
        said = {part: node.get(part, {}).get("value", "") for part in ("role", "name")}
        return Stop(**said, is_in_view=self.evaluate("desk.isInView()"))

    def unreached(self) -> list[str]:
        """What the mouse may click and the Tab key has not come to since the page was loaded."""
        return list(self.evaluate("desk.unreached()"))

    def text(self) -> str:
        """All that stands on the page."""
        return str(self.evaluate("document.body.innerText"))

    def path(self) -> str:
        return str(self.evaluate("location.pathname"))

    def elsewhere(self, site: str) -> list[str]:
        """What was asked of anybody but the site."""
        ours = urlsplit(site).netloc
        return [one for one in self.requests.values() if urlsplit(one).netloc not in {ours, ""}]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with an empty profile; where there is none the test is skipped."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed")
    with folder("chromium") as profile:
        browser = Browser(program, profile)
        try:
            yield browser
        finally:
            browser.end()


def _high(pair: tuple[int, int]) -> list[int]:
    """The same two ends under numbers that the browser's own, 3 and 4, cannot meet."""
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in pair]
    for end in pair:
        os.close(end)
    return high
