"""Presigned addresses, checked as S3 does (AWS Signature Version 4 in the query), in front of another server."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_ALGORITHM = "AWS4-HMAC-SHA256"
_LONGEST = timedelta(days=7)


class Checked:
    """The application, but not for an address that is signed, and not so for this method, host and moment."""

    def __init__(self, application: Application, *, secrets: dict[str, str]) -> None:
        self._application = application
        self._secrets = secrets

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        refusal = self._refusal(environ)
        if not refusal:
            return self._application(environ, start_response)
        body = f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{refusal}</Code></Error>".encode()
        start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _refusal(self, environ: dict[str, Any]) -> str:
        """The code of S3's error; empty for what is in order, or not presigned."""
        address = urlsplit(environ["REQUEST_URI"])
        asked = parse_qsl(address.query, keep_blank_values=True)
        said = dict(asked)
        if "X-Amz-Signature" not in said:
            return ""
        if "HTTP_AUTHORIZATION" in environ:
            return "InvalidArgument"  # one way to sign, not two
        try:
            key, day, region, service, _ = said["X-Amz-Credential"].split("/")
            signed_at = datetime.strptime(said["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lifetime = timedelta(seconds=int(said["X-Amz-Expires"]))
            names = said["X-Amz-SignedHeaders"].split(";")
        except (KeyError, ValueError):
            return "AuthorizationQueryParametersError"
        if key not in self._secrets:
            return "InvalidAccessKeyId"
        headers = {name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", "").strip() for name in names}
        request = "\n".join(
            [
                environ["REQUEST_METHOD"],
                address.path,
                "&".join(
                    f"{_quoted(name)}={_quoted(value)}"
                    for name, value in sorted(asked, key=lambda pair: (_quoted(pair[0]), _quoted(pair[1])))
                    if name != "X-Amz-Signature"
                ),
                *(f"{name}:{value}" for name, value in headers.items()),
                "",
                ";".join(names),
                "UNSIGNED-PAYLOAD",
            ]
        )
        words = [_ALGORITHM, said["X-Amz-Date"], f"{day}/{region}/{service}/aws4_request", _hex(request)]
        signature = f"AWS4{self._secrets[key]}".encode()
        for word in (day, region, service, "aws4_request", "\n".join(words)):
            signature = hmac.new(signature, word.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(signature.hex(), said["X-Amz-Signature"]):
            return "SignatureDoesNotMatch"
        expired = datetime.now(UTC) > signed_at + lifetime or lifetime > _LONGEST
        return "AccessDenied" if expired or "host" not in names else ""


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
