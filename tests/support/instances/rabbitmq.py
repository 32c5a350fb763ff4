"""RabbitMQ under a node name, with a cookie, an epmd and folders of its own."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.instances.server import Server, folder, free_port, needs

SCRIPTS = Path("/usr/lib/rabbitmq/bin")  # Debian's in the path want to be the user rabbitmq


class Epmd(Server):
    """Erlang's port mapper, which a node would otherwise leave running."""

    at_our_death = signal.SIGKILL

    def command(self) -> Sequence[str | Path]:
        return ["epmd", "-port", str(self.port), "-address", "127.0.0.1"]

    def answers(self) -> bool:
        return _listens(self.port)


class Rabbit(Server):
    """One node. It takes some seconds to start: let many tests share one, each with a vhost of its own."""

    at_our_death = signal.SIGKILL

    def __init__(self, folder: Path, name: str, epmd: Epmd) -> None:
        super().__init__(folder)
        self.node = f"{name}@localhost"
        self._epmd = epmd
        self._words_to_erlang = free_port()
        (folder / "enabled_plugins").write_text("[].\n")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self.port}\nvm_memory_high_watermark.absolute = 2GB\n"
            "disk_free_limit.absolute = 50MB\nlog.file = false\nlog.console = true\nlog.console.level = warning\n"
        )

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def vhost(self, name: str) -> str:
        """Makes the vhost where it is not there yet; gives its address."""
        if name not in self.control("list_vhosts", "--silent").split():
            self.control("add_vhost", name)
            self.control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{name}"

    def control(self, *words: str) -> str:
        """rabbitmqctl; takes a second."""
        done = subprocess.run(
            [SCRIPTS / "rabbitmqctl", *words], env=dict(self.environment()), cwd=self.folder, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def evaluate(self, erlang: str) -> str:
        return self.control("eval", erlang).strip()

    def stop_app(self) -> None:
        """The broker stops and its connections close; the process lives on."""
        self.control("stop_app")

    def start_app(self) -> None:
        self.control("start_app")

    def close_connections(self) -> None:
        self.control("close_all_connections", "--global", "as by an operator")

    def raise_alarm(self) -> None:
        """As when memory runs out: whoever publishes is blocked."""
        self.evaluate("rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []}).")

    def clear_alarm(self) -> None:
        self.evaluate("rabbit_alarm:clear_alarm({resource_limit, memory, node()}).")

    def command(self) -> Sequence[str | Path]:
        return [SCRIPTS / "rabbitmq-server"]

    def environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        return kept | {
            "HOME": str(self.folder),  # where Erlang keeps the cookie
            "ERL_EPMD_PORT": str(self._epmd.port),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._words_to_erlang),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            "RABBITMQ_CTL_ERL_ARGS": "+S 1:1",
        }

    def answers(self) -> bool:
        return _speaks_amqp(self.port)


@contextmanager
def rabbitmq(name: str = "hub") -> Iterator[Rabbit]:
    needs("epmd", SCRIPTS / "rabbitmq-server", SCRIPTS / "rabbitmqctl")
    with folder("rabbitmq") as place:
        (place / ".erlang.cookie").write_text("a-cookie-for-tests")
        (place / ".erlang.cookie").chmod(0o400)
        with Epmd(place) as epmd, Rabbit(place, name, epmd) as server:
            yield server


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _speaks_amqp(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(b"AMQP\x00\x00\x09\x01")
        return line.recv(1) == b"\x01"
    return False
