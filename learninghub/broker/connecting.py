"""The line to RabbitMQ: short deadlines on everything, and no waiting for a goodbye that may never come."""

from collections.abc import Callable
from typing import Any

from kombu import Connection

CONNECT_TIMEOUT_S = 2
ANSWER_TIMEOUT_S = 5
HEARTBEAT_S = 15
_GOODBYE_S = 1


def connect(url: str, *, on_blocked: Callable[[str], None] | None = None) -> Any:
    """A py-amqp connection, open; its owner must see to heartbeats, and to `hang_up` or `say_goodbye`.

    Every wait on it ends: raises OSError or amqp's errors. `on_blocked` hears that the broker takes no more messages.
    """
    tls = {"server_hostname": None} if url.startswith("amqps:") else None  # None: kombu checks against the url's name
    client = Connection(
        url,
        ssl=tls,
        connect_timeout=CONNECT_TIMEOUT_S,
        heartbeat=HEARTBEAT_S,
        transport_options={"on_blocked": on_blocked},
    )
    connection = client.transport.establish_connection()
    connection.sock.settimeout(ANSWER_TIMEOUT_S)
    return connection


def hang_up(connection: Any) -> None:
    """Closes the socket without a word: what the broker did not confirm stays unconfirmed."""
    connection.collect()


def say_goodbye(connection: Any) -> None:
    """Closes as the protocol wishes, or after a second without that."""
    try:
        connection.sock.settimeout(_GOODBYE_S)
        connection.close()
    except Exception:  # noqa: BLE001  a line that breaks on parting is a line that is closed
        hang_up(connection)
