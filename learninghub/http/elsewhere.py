"""Answers that lie in the store, where S3 gives them out itself."""

from collections.abc import Mapping

from django.http import HttpResponse, HttpResponseRedirect

ELSEWHERE = "Where files lie in S3: the address at which S3 itself answers this method, ranges too, for minutes."


def elsewhere(address: str, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Leads there whoever may have what lies there, and nobody after them: no cache keeps the address."""
    kept_by_none = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
    return HttpResponseRedirect(address, headers=kept_by_none | dict(headers or {}))
