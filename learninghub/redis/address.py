"""Addresses of Redis: `redis://`, `rediss://`, and either with `+cluster`; stdlib only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where Redis is, in the words of its own library, and whether several nodes share the keys out."""

    url: str
    is_cluster: bool


def parse(url: str) -> Address:
    """The address that a REDIS_URL names."""
    scheme, _, rest = url.partition("://")
    return Address(f"{scheme.removesuffix('+cluster')}://{rest}", scheme.endswith("+cluster"))
