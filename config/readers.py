"""How the text of a setting is read: each gives the value, or raises ValueError."""

from collections.abc import Callable
from urllib.parse import urlsplit


def url(*schemes: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path) or parts.port == 0:
            raise ValueError(value)
        return value.rstrip("/") if parts.scheme.startswith("http") else value

    return read


def address_of_services(value: str) -> str:
    try:
        url("http", "https")(value.format(dns="a.b", name="a", port=1))
    except (KeyError, IndexError) as unknown:
        raise ValueError(value) from unknown
    return value


def words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def origins(value: str) -> list[str]:
    return [url("http", "https")(word) for word in words(value)]


def addresses(value: str) -> list[str]:
    return [url("postgres", "postgresql")(word) for word in words(value)]


def tax_rate(value: str) -> int:
    rate = int(value)
    if not 0 <= rate < 10_000:  # basis points: less than the price itself
        raise ValueError(value)
    return rate


def count(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError(value)
    return number


def at_least_one(value: str) -> int:
    number = count(value)
    if number == 0:
        raise ValueError(value)
    return number


def one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(value)
        return value

    return read


def secret(value: str) -> str:
    if len(value) < 32:
        raise ValueError(value)
    return value


def keys(value: str) -> list[str]:
    keys = [key.strip() + "\n" for key in value.replace("\\n", "\n").split(",") if key.strip()]
    if not keys or not all(key.startswith("-----BEGIN") for key in keys):
        raise ValueError
    return keys
