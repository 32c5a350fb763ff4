"""Message heads: what may be in one, and what is passed on (RFC 9110, RFC 9112)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from apps.gateway.dataplane.gate import Refusal
from learninghub.http.identity import ADDRESS_HEADER, HEADER, SCOPE_HEADER

Pairs = list[tuple[str, str]]

BAD_REQUEST = Refusal(400, "bad_request")
HEAD_TOO_LARGE = Refusal(431, "head_too_large")
METHOD_NOT_ALLOWED = Refusal(405, "method_not_allowed", ("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
EXPECTATION_FAILED = Refusal(417, "expectation_failed")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OURS = frozenset(name.lower() for name in (HEADER, ADDRESS_HEADER, SCOPE_HEADER))
_TRACE = frozenset({"x-request-id", "traceparent"})
# Where a request came from is said by us; the token has become a signed caller; framing and invitation are ours.
_NOT_PASSED_ON = (
    _HOP_BY_HOP
    | _OURS
    | _TRACE
    | {
        "authorization",
        "content-length",
        "expect",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-server",
        "x-real-ip",
    }
)
_NOT_GIVEN_OUT = _HOP_BY_HOP | _OURS | _TRACE | {"server"}
_SINGLE = ("host", "content-length", "transfer-encoding", "authorization", "expect")
_VISIBLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]+")


def fault(method: str, target: str, headers: Pairs, *, is_http_11: bool, largest: int) -> Refusal | None:
    """Why the head is refused, if it is: too large, or read differently by two readers."""
    if len(target) + sum(len(name) + len(value) + 4 for name, value in headers) > largest:
        return HEAD_TOO_LARGE
    if method not in _METHODS:
        return METHOD_NOT_ALLOWED
    given: dict[str, list[str]] = {}
    for name, value in headers:
        given.setdefault(name.lower(), []).append(value)
    if any(len(given.get(name, ())) > 1 for name in _SINGLE) or not _VISIBLE.fullmatch(target) or "#" in target:
        return BAD_REQUEST
    if _is_misframed(given, is_http_11=is_http_11):
        return BAD_REQUEST
    if (is_http_11 and "host" not in given) or not all(_HOST.fullmatch(host) for host in given.get("host", ())):
        return BAD_REQUEST
    if "expect" in given and given["expect"][0].lower() != "100-continue":
        return EXPECTATION_FAILED
    return None


def _is_misframed(given: Mapping[str, Sequence[str]], *, is_http_11: bool) -> bool:
    """Whether two readers could disagree on where the body ends (RFC 9112, section 6.3)."""
    lengths, codings = given.get("content-length", ()), given.get("transfer-encoding", ())
    if codings and (lengths or not is_http_11 or codings[0].strip().lower() != "chunked"):
        return True
    return not all(length.isascii() and length.isdigit() for length in lengths)


def origin_form(target: str) -> tuple[str, str | None] | None:
    """The target's path with its query, and the host where the target names one; None for what is no page."""
    if target.startswith("/"):
        return target, None
    parts = urlsplit(target)
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
        return None
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", parts.netloc


def to_service(headers: Pairs, *, keeps_scheme: bool) -> Pairs:
    """A request's end-to-end headers, without those that only we say.

    A name with an underscore is dropped: WSGI would read it as its twin with a hyphen. `keeps_scheme`: a proxy of ours
    stands in front and says by which scheme the client came.
    """
    dropped = _NOT_PASSED_ON | _named_by_connection(headers) - {"host"}
    if not keeps_scheme:
        dropped |= {"x-forwarded-proto"}
    return [(name, value) for name, value in headers if name.lower() not in dropped and "_" not in name]


def to_client(headers: Iterable[tuple[str, str]]) -> Pairs:
    """An answer's end-to-end headers, without those that only we read."""
    pairs = list(headers)
    dropped = _NOT_GIVEN_OUT | _named_by_connection(pairs)
    return [(name, value) for name, value in pairs if name.lower() not in dropped]


def _named_by_connection(headers: Pairs) -> frozenset[str]:
    named = (value.split(",") for name, value in headers if name.lower() == "connection")
    return frozenset(word.strip().lower() for words in named for word in words)
