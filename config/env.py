"""The only reader of the environment: every setting, what it is for, and a clear word when it does not fit."""

import contextlib
import difflib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import embedded, readers

ROOT = Path(__file__).resolve().parent.parent

# A variable that begins like ours but is none of ours is a slip of the pen.
_FAMILIES = ("LEARNINGHUB_", "DATABASE_", "EMAIL_", "JWT_", "REDIS_", "AMQP_", "S3_", "SELLER_", "STRIPE_")


class BadSetting(SystemExit):
    """The environment holds something we cannot start with."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"Setting {name}: {expected}")


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: how it is read, what stands for it when it is unset, and what it means."""

    name: str
    read: Callable[[str], Any]
    expected: str
    meaning: str
    default: str | None = None


SETTINGS = (
    Setting(
        "DATABASE_URL",
        readers.url("postgres", "postgresql"),
        "postgres://user:password@host:5432/name",
        "PostgreSQL 15 or newer. Unset: the embedded one.",
    ),
    Setting(
        "DATABASE_REPLICA_URL",
        readers.addresses,
        "postgres://user:password@replica:5432/name, several parted by commas",
        "Copies of the database that courses and reviews may be read from. Unset: the database itself.",
        "",
    ),
    Setting(
        "DATABASE_POOL",
        readers.at_least_one,
        "a number such as 8",
        "The most connections a process holds; all processes together: at most 80 % of what PostgreSQL allows.",
        "12",
    ),
    Setting(
        "REDIS_URL",
        readers.url("redis", "rediss", "redis+cluster", "rediss+cluster"),
        "redis://host:6379/0, or redis+cluster://host:6379",
        "Redis 7: second cache, rate limits, a copy of sessions, word between processes. Unset: each keeps its own.",
    ),
    Setting(
        "AMQP_URL",
        readers.url("amqp", "amqps"),
        "amqp://user:password@host:5672/vhost",
        "RabbitMQ: facts and jobs go to workers. Unset: threads of the one process do them.",
    ),
    Setting("S3_BUCKET", str, "a bucket's name", "Where files are kept in S3. Unset: in the variable folder."),
    Setting(
        "S3_BACKUP_BUCKET", str, "a bucket's name", "Where `backup` puts dumps of the database. Unset: it refuses."
    ),
    Setting(
        "S3_ENDPOINT_URL",
        readers.url("http", "https"),
        "https://s3.example.org",
        "Another server that speaks as S3 does. Unset: that of AWS.",
    ),
    Setting(
        "S3_PUBLIC_URL",
        readers.url("http", "https"),
        "http://localhost:9000",
        "Where clients reach S3_ENDPOINT_URL, which must see this host. Unset: files pass through us.",
    ),
    Setting("S3_REGION", str, "eu-central-1", "The bucket's region. Unset: as boto3 finds it."),
    Setting("S3_ACCESS_KEY", str, "an access key's id", "Unset: boto3 finds the credentials, as those of a role."),
    Setting("S3_SECRET_KEY", str, "its secret", "Belongs to S3_ACCESS_KEY."),
    Setting("STRIPE_SECRET_KEY", str, "sk_live_…", "Our key at Stripe. Unset: nothing is sold.", ""),
    Setting("STRIPE_WEBHOOK_SECRET", str, "whsec_…", "Signs what Stripe tells us. Unset: nothing is heard.", ""),
    Setting(
        "STRIPE_API_URL",
        readers.url("http", "https"),
        "http://127.0.0.1:4242",
        "Another server that speaks as Stripe does. Unset: Stripe.",
    ),
    Setting("SELLER_NAME", str, "a name", "Who sells; stands on invoices.", "Learning Hub (demo)"),
    Setting("SELLER_ADDRESS", str, "lines, parted by commas", "Stands on invoices.", "1 Example Street, Exampletown"),
    Setting("SELLER_TAX_ID", str, "DE123456789", "The seller's tax number; stands on invoices.", ""),
    Setting(
        "SELLER_TAX_RATE",
        readers.tax_rate,
        "basis points such as 1900",
        "The tax that every price contains: 1900 is 19 %.",
        "0",
    ),
    Setting(
        "CLAMD_URL",
        readers.url("tcp", "unix"),
        "tcp://clamd:3310, unix:///run/clamav/clamd.ctl",
        "A clamd that looks through uploads for malware. Unset: only the test file that all scanners know is found.",
    ),
    Setting(
        "SITE_URL",
        readers.url("http", "https"),
        "https://learn.example.org",
        "Where people reach the site; links in mails begin with it.",
        "http://127.0.0.1:3000",
    ),
    Setting(
        "ALLOWED_HOSTS",
        readers.words,
        "learn.example.org,10.0.0.7",
        "Host names the site answers to, besides its own address.",
        "",
    ),
    Setting(
        "SECRET_KEY",
        readers.secret,
        "at least 32 random characters",
        "Signs links and callers. Unset: made once and kept in the variable folder.",
    ),
    Setting(
        "JWT_SIGNING_KEYS",
        readers.keys,
        "RSA private keys in PEM, parted by commas; the first signs",
        "Sign access tokens. Unset: made once and kept in the variable folder.",
    ),
    Setting(
        "EMAIL_URL",
        readers.url("smtp", "smtps", "smtp+tls"),
        "smtp+tls://user:password@host:587",
        "The SMTP server. Unset: mails are files in the folder mail of the variable folder.",
    ),
    Setting(
        "EMAIL_FROM",
        str,
        "Learning Hub <hello@example.org>",
        "The sender of every mail.",
        "Learning Hub <hello@learninghub.example>",
    ),
    Setting(
        "SENTRY_DSN",
        readers.url("https", "http"),
        "https://key@host/1",
        "Where errors are reported. Unset: nowhere.",
    ),
    Setting(
        "CORS_ORIGINS",
        readers.origins,
        "https://app.example.org,https://other.example.org",
        "Web pages that may call the API from a browser.",
        "",
    ),
    Setting(
        "TRUSTED_PROXIES",
        readers.count,
        "a number such as 2",
        "How many proxies of ours stand in front (2 behind CloudFront and a load balancer).",
        "0",
    ),
    Setting("LOG_FORMAT", readers.one_of("text", "json"), "text or json", "How log lines are written.", "text"),
    Setting(
        "LEARNINGHUB_SERVICES",
        readers.address_of_services,
        "http://{dns}:{port}, http://{name}:{port} or http://127.0.0.1:{port}",
        "Where the gateway finds a service, by its names and port in the registry.",
        "http://{dns}:{port}",
    ),
    Setting(
        "LEARNINGHUB_VAR",
        Path,
        "a folder",
        "The variable folder: database, files, mails, keys.",
        str(ROOT / "var"),
    ),
    Setting(
        "LEARNINGHUB_RATE",
        readers.count,
        "requests a minute",
        "How many requests one person or address may make in a minute.",
        "1200",
    ),
    Setting(
        "LEARNINGHUB_METRICS_PORT",
        readers.count,
        "a port, or 0",
        "Where a process tells its metrics and health besides the port it serves. 0: nowhere.",
        "0",
    ),
    Setting(
        "LEARNINGHUB_CRASH",
        str,
        "a file",
        "Fault tests only: die at the crash point it names, as soon as it names one. "
        "Refused where SITE_URL is https or AMQP_URL set.",
        "",
    ),
    Setting(
        "LEARNINGHUB_DRAIN",
        readers.count,
        "seconds",
        "How long a service that is to end serves on, unready, until nobody sends it requests any more.",
        "15",
    ),
)


class Environment:
    """The environment, read and checked once."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        _refuse_strangers(variables)
        self._values = {setting.name: _read(setting, variables) for setting in SETTINGS}
        self._given = {name for name, value in variables.items() if value}
        if self["LEARNINGHUB_CRASH"] and (self["AMQP_URL"] or self["SITE_URL"].startswith("https:")):
            raise BadSetting("LEARNINGHUB_CRASH", "for fault tests only, not where SITE_URL is https or AMQP_URL set")
        if self["STRIPE_SECRET_KEY"] and self["SITE_URL"].startswith("https:"):
            sellers = [setting.name for setting in SETTINGS if setting.name.startswith("SELLER_")]
            self._demand(sellers, "needed where money is real; stands on invoices")

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def demand_what_is_shared(
        self, names: Sequence[str] = ("DATABASE_URL", "SECRET_KEY", "JWT_SIGNING_KEYS", "SITE_URL")
    ) -> None:
        """Refuses to go on alone as one process of many with what only this machine knows."""
        self._demand(names, "needed for a single service; every process must share it")

    @property
    def var(self) -> Path:
        """The variable folder, made when needed."""
        folder: Path = self["LEARNINGHUB_VAR"].absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def database_url(self) -> str:
        """The database's address: the one given, or the embedded one's."""
        return self["DATABASE_URL"] or embedded.address(self["LEARNINGHUB_VAR"].absolute())

    def secret_key(self) -> str:
        return self["SECRET_KEY"] or self._kept("secret_key", lambda: secrets.token_urlsafe(48))

    def signing_keys(self, make: Callable[[], str]) -> list[str]:
        """The PEM keys that sign access tokens; `make` gives the first one where none are set."""
        keys: list[str] = self["JWT_SIGNING_KEYS"] or [self._kept("signing_key.pem", make)]
        return keys

    def _demand(self, names: Sequence[str], why: str) -> None:
        for name in names:
            if name not in self._given:
                raise BadSetting(name, why)

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """A secret of our own making: written once, readable by us alone, the same for every process here."""
        path = self.var / "keys" / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            draft = path.with_suffix(f".{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(make())
            with contextlib.suppress(FileExistsError):  # another process was first: its secret counts
                os.link(draft, path)
            draft.unlink()
        return path.read_text()


def _read(setting: Setting, variables: Mapping[str, str]) -> Any:
    value = variables.get(setting.name) or setting.default
    if value is None:
        return None
    try:
        return setting.read(value)
    except ValueError:
        raise BadSetting(setting.name, f"expected {setting.expected}") from None


def _refuse_strangers(variables: Mapping[str, str]) -> None:
    known = {setting.name for setting in SETTINGS} | {"LEARNINGHUB_DATA"}
    for name in sorted(variables):
        if name.startswith(_FAMILIES) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise BadSetting(
                name, f"unknown; did you mean {near[0]}?" if near else "unknown; the README lists them all"
            )


env = Environment(os.environ)
