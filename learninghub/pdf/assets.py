"""What a page may fetch while it becomes a PDF: packaged files and data in the address itself."""

from pathlib import Path
from urllib.parse import unquote, urlsplit, uses_netloc, uses_relative

from weasyprint.urls import URLFetcher, URLFetcherResponse

SCHEME = "asset"
BASE_URL = f"{SCHEME}:///"
# urljoin resolves names only against schemes it knows.
uses_relative.append(SCHEME)
uses_netloc.append(SCHEME)

_MEDIA_TYPES = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".woff2": "font/woff2",
}


class PackagedAssets(URLFetcher):
    """Reads `asset:///name` below one folder, and `data:`; every other address is refused."""

    def __init__(self, base: Path) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)
        self._base = base.resolve()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme != SCHEME:
            return super().fetch(url, headers)
        file = (self._base / unquote(parts.path).lstrip("/")).resolve()
        if parts.netloc or not file.is_relative_to(self._base) or file.suffix not in _MEDIA_TYPES:
            raise ValueError(f"Not a packaged asset: {url}")
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": _MEDIA_TYPES[file.suffix]})
