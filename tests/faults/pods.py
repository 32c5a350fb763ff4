"""Two processes of one service, and what leads to whichever of them is ready, as a Service of Kubernetes does."""

import threading
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Self

from sandbox.tcp import TcpProxy

Place = tuple[str, int]

LOOK_EVERY_S = 0.2


class Balancer(TcpProxy):
    """Leads each new connection to a pod that was ready when last looked at; open ones stay where they are."""

    def __init__(self, pods: Sequence[Place], *, at: Place) -> None:
        host, port = at
        super().__init__(port=port, listen=port, at=host)
        self.ready: list[Place] = []
        self._pods = pods
        self._turn = count()
        self._ended = threading.Event()
        self._eye = threading.Thread(target=self._keep_looking, name="balancer", daemon=True)

    def __enter__(self) -> Self:
        super().__enter__()
        self._eye.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._eye.join()
        super().__exit__()

    def choose(self) -> Place:
        ready = self.ready
        if not ready:
            raise ConnectionRefusedError
        return ready[next(self._turn) % len(ready)]

    def _keep_looking(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            self.ready = [pod for pod in self._pods if is_ready(pod)]


def is_ready(pod: Place) -> bool:
    """What its probe says."""
    line = HTTPConnection(*pod, timeout=1)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()
