"""What the proxy is told when it starts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.gateway.dataplane.limits import Rate
from learninghub.registry import SERVICES

OWN = "api-gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that each part of an exchange may take."""

    head: float = 30.0  # a client's connection without a whole request head, or idle between two requests
    connect: float = 2.0  # to a service; waiting for a place in its pool included
    silence: float = 30.0  # of a service before its first byte and between two; of a client that sends or reads
    whole: float = 600.0
    own_question: float = 2.0  # keys and ended sessions
    redis: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that the proxy knows from outside.

    `service_address` tells where a service is found by its `{dns}`, `{name}` and `{port}`; `pages_address` is the
    gateway's own Django process for the documentation, the admin and static files. `host_name` is what services are
    called when the proxy asks for itself.
    """

    host: str
    port: int
    caller_key: bytes
    rate: Rate
    host_name: str = "localhost"
    service_address: str = "http://{dns}:{port}"
    pages_address: str = "http://127.0.0.1:2999"
    redis_url: str = ""
    trusted_proxies: int = 0
    allowed_origins: Sequence[str] = ()
    refusal_headers: Sequence[tuple[str, str]] = ()
    deadlines: Deadlines = field(default_factory=Deadlines)
    largest_head: int = 16 * 1024
    largest_body: int = 513 * 1024 * 1024  # the largest file that media takes, and its form
    largest_unannounced_body: int = 8 * 1024 * 1024  # without Content-Length
    connections_to_a_service: int = 100
    poll_seconds: float = 5.0  # how often auth-service is asked for ended sessions
    trust_seconds: float = 15.0  # how long tokens are believed without word of ended sessions
    notice_seconds: float = 0.0  # how long requests are still taken after /readyz says that we end
    drain_seconds: float = 30.0  # how long running requests may take then

    def address_of(self, name: str) -> str:
        """Where the service is found."""
        return self.addresses[name]

    @property
    def addresses(self) -> dict[str, str]:
        """Every service's address."""
        found = {
            service.name: self.service_address.format(dns=service.dns, name=service.name, port=service.port)
            for service in SERVICES
        }
        return found | {OWN: self.pages_address}
