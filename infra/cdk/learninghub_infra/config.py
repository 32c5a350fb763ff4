"""What differs between one installation and another: typed, checked when made, given to every construct by hand."""

import re
from dataclasses import dataclass
from ipaddress import ip_network

BURSTABLE_REDIS = re.compile(r"^cache\.[a-z0-9]+\.[a-z0-9]+$")
DOMAIN = re.compile(r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")
MAIL = re.compile(r"^[^@\s]+@[^@\s]+$")


class BadConfig(ValueError):
    """A setting that no installation can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvConfig:
    """One installation. Optional parts of the drawing are flags; everything else is always built."""

    account: str
    environment: str = "prod"
    region: str = "us-east-1"
    zones: tuple[str, str, str] = ("us-east-1a", "us-east-1b", "us-east-1c")
    domain: str = "learninghub.com"
    alarm_mail: str = "operations@learninghub.com"
    chat_webhook: str = "https://chat.learninghub.com/hooks/alarms"

    database_class: str = "db.t3.medium"
    database_gib: int = 100
    database_max_gib: int = 500
    replica_count: int = 1
    redis_node: str = "cache.t3.medium"
    redis_shards: int = 1
    redis_replicas: int = 1
    broker_instance: str = "mq.m7g.large"
    web_node: str = "t3.large"
    web_nodes: tuple[int, int] = (2, 3)
    spot_nodes: tuple[int, int] = (1, 3)
    nat_gateways: int = 3

    frontend_release: str = "first"
    # The drawing's total in US dollars a month, and what the parts come to on demand (docs/costs.md).
    drawn_costs: tuple[int, int] = (520, 1190)
    monthly_budget: int = 2000

    bastion: bool = False
    staging: bool = True
    shield_advanced: bool = False
    # The region of the copies: backups, vault and a replica of the database. Empty: none.
    second_region: str = ""
    # A load balancer in the second region; with it, Europe is answered from there. Needs second_region.
    second_origin: str = ""

    def __post_init__(self) -> None:
        for holds, complaint in self._rules():
            if not holds:
                raise BadConfig(complaint)

    def _rules(self) -> list[tuple[bool, str]]:
        return [
            (re.fullmatch(r"\d{12}", self.account) is not None, f"account: twelve digits, not {self.account!r}"),
            (self.environment in {"prod", "staging"}, f"environment: prod or staging, not {self.environment!r}"),
            (
                self.region == "us-east-1",
                "region: WAF and certificate of CloudFront live in us-east-1, and so does all else",
            ),
            (len(set(self.zones)) == 3, "zones: three different ones"),
            (all(zone.startswith(self.region) for zone in self.zones), f"zones: of {self.region}"),
            (DOMAIN.match(self.domain) is not None, f"domain: not a domain: {self.domain!r}"),
            (MAIL.match(self.alarm_mail) is not None, f"alarm_mail: not an address: {self.alarm_mail!r}"),
            (self.chat_webhook.startswith("https://"), "chat_webhook: an https address"),
            (self.database_class.startswith("db."), "database_class: begins with db."),
            (20 <= self.database_gib < self.database_max_gib, "database_gib: at least 20, below database_max_gib"),
            (1 <= self.replica_count <= 5, "replica_count: 1 to 5; courses and reviews read from one"),
            (BURSTABLE_REDIS.match(self.redis_node) is not None, "redis_node: such as cache.t3.medium"),
            (1 <= self.redis_shards <= 90, "redis_shards: 1 to 90"),
            (1 <= self.redis_replicas <= 5, "redis_replicas: failover needs one at least"),
            (not self.broker_instance.startswith("mq.t3"), "broker_instance: mq.t3 cannot form a cluster"),
            (self._counts_nodes(), "web_nodes and spot_nodes: lowest to highest, 3 to 6 nodes together"),
            (1 <= self.nat_gateways <= 3, "nat_gateways: 1 to 3, one a zone at most"),
            (re.fullmatch(r"[a-z0-9.-]+", self.frontend_release) is not None, "frontend_release: a folder's name"),
            (self.second_region != self.region, "second_region: another region"),
            (not self.second_origin or bool(self.second_region), "second_origin: needs second_region"),
        ]

    def _counts_nodes(self) -> bool:
        (web_low, web_high), (spot_low, spot_high) = self.web_nodes, self.spot_nodes
        return (
            2 <= web_low <= web_high
            and 0 <= spot_low <= spot_high
            and web_low + spot_low >= 3
            and web_high + spot_high <= 6
        )

    @property
    def origin(self) -> str:
        """The name under which CloudFront finds the load balancer."""
        return f"origin.{self.domain}"

    @property
    def parameters(self) -> str:
        return f"/learninghub/{self.environment}"

    def bucket(self, what: str) -> str:
        """S3 names are the world's: the account makes them ours."""
        return f"learninghub-{what}-{self.account}"

    @property
    def backup_copies(self) -> str:
        """The bucket in the second region that backups are replicated to."""
        return self.bucket(f"backup-copies-{self.second_region}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A row of the address plan; `zone` counts from 0."""

    tier: str
    zone: int
    cidr: str
    drawn: bool = False


VPC_CIDR = "10.0.0.0/16"
SERVICE_CIDR = "10.96.0.0/12"
SUBNETS = (
    Subnet(tier="public", zone=0, cidr="10.0.1.0/24", drawn=True),
    Subnet(tier="public", zone=1, cidr="10.0.2.0/24"),
    Subnet(tier="public", zone=2, cidr="10.0.3.0/24"),
    Subnet(tier="app", zone=0, cidr="10.0.10.0/24", drawn=True),
    Subnet(tier="app", zone=1, cidr="10.0.30.0/24", drawn=True),
    Subnet(tier="app", zone=2, cidr="10.0.40.0/24"),
    Subnet(tier="data", zone=0, cidr="10.0.20.0/24", drawn=True),
    Subnet(tier="data", zone=1, cidr="10.0.21.0/24"),
    Subnet(tier="data", zone=2, cidr="10.0.22.0/24"),
)


def cidrs(tier: str) -> tuple[str, ...]:
    return tuple(subnet.cidr for subnet in SUBNETS if subnet.tier == tier)


if not all(ip_network(subnet.cidr).subnet_of(ip_network(VPC_CIDR)) for subnet in SUBNETS):  # type: ignore[arg-type]
    raise BadConfig("a subnet lies outside the VPC")
