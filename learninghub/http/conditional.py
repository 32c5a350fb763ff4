"""Versions of shared documents over HTTP: the ETag out, If-Match in (RFC 9110, sections 8.8.3 and 13.1.1)."""

import re

from rest_framework.request import Request

from learninghub.errors import Invalid

_TAG = re.compile(r'"v(\d{1,9})"')


def etag(version: int) -> str:
    """The strong tag of a document's version."""
    return f'"v{version}"'


def expected_version(request: Request) -> int | None:
    """The version the caller has read, by If-Match; None where they did not say or take any (`*`).

    Raises Invalid for a tag that is not one of ours.
    """
    header = request.headers.get("If-Match")
    if header is None or header == "*":
        return None
    match = _TAG.fullmatch(header)
    if match is None:
        raise Invalid(errors={"If-Match": ['Send the ETag you were given, such as "v3".']})
    return int(match[1])
