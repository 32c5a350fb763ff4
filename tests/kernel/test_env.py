"""Settings from the environment: what does not fit is named before anything starts."""

import stat
from pathlib import Path

import pytest
from django.conf import settings

from config.env import SETTINGS, BadSetting, Environment
from config.mail_server import mail_settings
from learninghub.outbox import crash

SERVICE = {
    "DATABASE_URL": "postgres://hub@db/hub",
    "SECRET_KEY": "x" * 40,
    "JWT_SIGNING_KEYS": "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----",
    "SITE_URL": "https://learn.example.org",
}


SELLER = {
    "SELLER_NAME": "Example Learning GmbH",
    "SELLER_ADDRESS": "Lernweg 7, 10115 Berlin",
    "SELLER_TAX_ID": "DE123456789",
    "SELLER_TAX_RATE": "1900",
}


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("DATABASE_URL", "mysql://hub@db/hub", "postgres://user:password@host:5432/name"),
        ("EMAIL_URL", "mail.example.org", "smtp"),
        ("EMAIL_URL", "smtp://mail.example.org:many", "smtp"),
        ("SITE_URL", "learn.example.org", "https://learn.example.org"),
        ("SECRET_KEY", "short", "32"),
        ("JWT_SIGNING_KEYS", "secret", "PEM"),
        ("TRUSTED_PROXIES", "-1", "a number"),
        ("TRUSTED_PROXIES", "two", "a number"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("LEARNINGHUB_DRAIN", "long", "seconds"),
        ("LEARNINGHUB_SERVICES", "http://{host}:{port}", "http://{dns}:{port}"),
        ("LEARNINGHUB_SERVICES", "{name}:{port}", "http://{dns}:{port}"),
        ("CORS_ORIGINS", "https://a.example, b.example", "https://app.example.org"),
    ],
)
def test_a_malformed_setting_is_named_with_what_is_expected(name: str, value: str, word: str):
    with pytest.raises(BadSetting, match=f"Setting {name}: expected .*{word}"):
        Environment({name: value})


@pytest.mark.parametrize(
    ("name", "word"),
    [("DATABASE_ULR", "did you mean DATABASE_URL"), ("EMAIL_PASSWORD", "unknown"), ("LEARNINGHUB_DEBUG", "unknown")],
)
def test_an_unknown_setting_is_named(name: str, word: str):
    with pytest.raises(BadSetting, match=f"Setting {name}: .*{word}"):
        Environment({name: "1"})


@pytest.mark.parametrize("missing", ["DATABASE_URL", "SECRET_KEY", "JWT_SIGNING_KEYS", "SITE_URL"])
def test_one_service_alone_needs_what_all_must_share(missing: str):
    Environment(SERVICE).demand_what_is_shared()
    alone = Environment({name: value for name, value in SERVICE.items() if name != missing})
    with pytest.raises(BadSetting, match=missing):
        alone.demand_what_is_shared()


@pytest.mark.parametrize(
    ("url", "host", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, False),
        ("smtp+tls://us:p%40ss%2Fword@mail.example.org", "mail.example.org", 587, True, False),
        ("smtps://us:p%40ss%2Fword@mail.example.org", "mail.example.org", 465, False, True),
        ("smtp+tls://us:p%40ss%2Fword@127.0.0.1:2525", "127.0.0.1", 2525, True, False),
    ],
)
def test_the_address_of_the_mail_server_says_how_to_speak_to_it(
    url: str, host: str, port: int, starttls: bool, tls: bool
):
    settings = mail_settings(Environment({"EMAIL_URL": url})["EMAIL_URL"])
    has_login = "@" in url
    assert settings == {
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "us" if has_login else "",
        "EMAIL_HOST_PASSWORD": "p@ss/word" if has_login else "",
        "EMAIL_USE_TLS": starttls,
        "EMAIL_USE_SSL": tls,
    }


def test_crash_points_cannot_be_armed_in_production():
    with pytest.raises(BadSetting, match="LEARNINGHUB_CRASH"):
        Environment(SERVICE | {"LEARNINGHUB_CRASH": "orders"})
    Environment(SERVICE | {"LEARNINGHUB_CRASH": "orders", "SITE_URL": "http://127.0.0.1:3000"})


def test_without_the_setting_no_process_obeys_anyone():
    assert Environment(SERVICE)["LEARNINGHUB_CRASH"] == ""
    assert (settings.CRASH_ORDERS, crash._orders) == ("", [])


def test_secrets_are_made_once_and_readable_by_us_alone(tmp_path: Path):
    first = Environment({"LEARNINGHUB_VAR": str(tmp_path)}).secret_key()
    assert Environment({"LEARNINGHUB_VAR": str(tmp_path)}).secret_key() == first
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "keys" / "secret_key").stat().st_mode) == 0o600


def test_every_setting_says_what_it_means():
    assert [setting.name for setting in SETTINGS if not (setting.meaning.endswith(".") and setting.expected)] == []


@pytest.mark.parametrize("name", SELLER)
def test_real_money_needs_a_real_seller(name: str):
    selling = SERVICE | SELLER | {"STRIPE_SECRET_KEY": "sk_live_1"}
    assert Environment(selling)["SELLER_TAX_RATE"] == 1900
    without = {known: value for known, value in selling.items() if known != name}
    with pytest.raises(BadSetting, match=f"Setting {name}: needed where money is real"):
        Environment(without)
    Environment(without | {"SITE_URL": "http://127.0.0.1:3000"})
    Environment({known: value for known, value in without.items() if known != "STRIPE_SECRET_KEY"})
