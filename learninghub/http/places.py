"""What counts as one place."""

from ipaddress import ip_address, ip_network


def place_of(address: str) -> str:
    """The place of a client's address: an IPv4 address, or the /64 that one IPv6 customer holds."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(mapped) if mapped.version == 4 else str(ip_network((mapped, 64), strict=False))
