"""Which service a path belongs to."""

from urllib.parse import unquote

from learninghub.registry import SERVICES, Service

_BY_PREFIX = sorted(
    ((path, service) for service in SERVICES for path in service.paths),
    key=lambda entry: len(entry[0]),
    reverse=True,
)


def route(path: str) -> tuple[str, Service] | None:
    """The longest prefix of the registry that the decoded path lies under, and its service.

    A prefix without its last slash belongs to the service too, which knows where to send such people.
    """
    return next(((prefix, service) for prefix, service in _BY_PREFIX if f"{path}/".startswith(prefix)), None)


def decoded(target: str) -> str | None:
    """The path of a request target as services will read it; None where it climbs with dots.

    Decoded before it is matched, and exactly once: what is matched here is what is answered there.
    """
    path = unquote(target.partition("?")[0], errors="surrogateescape")
    return None if {".", ".."} & set(path.split("/")) else path
