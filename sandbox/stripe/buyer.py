"""Somebody with a card who opens the page of a session and fills in its form."""

from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass(frozen=True)
class Seen:
    """The last answer: a page, or where it sent us, which is not opened."""

    status: int
    location: str
    text: str


def pay(
    url: str,
    *,
    card: str = "4242424242424242",
    email: str = "ada@example.org",
    expiry: str = "12/34",
    cvc: str = "123",
    authenticate: bool = True,
) -> Seen:
    """Pays at the session's page; where the bank asks, says that it is us, or not."""
    filled = {"email": email, "number": card, "expiry": expiry, "cvc": cvc}
    seen = fill(url, filled)
    if urlsplit(seen.location).netloc == urlsplit(url).netloc and "/authenticate/" in seen.location:
        return fill(seen.location, {"answer": "complete" if authenticate else "fail"})
    return seen


def look(url: str) -> Seen:
    """Opens the page and touches nothing."""
    return _ask("GET", url)


def fill(url: str, typed: dict[str, str]) -> Seen:
    """Opens the page, types into its fields and sends its form."""
    page = look(url)
    form = _Form()
    form.feed(page.text)
    if page.status != 200 or not form.names:
        return page
    missing = typed.keys() - form.names
    assert not missing, f"the page asks for {form.names}, and not for {missing}"  # noqa: S101
    return _ask("POST", urljoin(url, form.action), urlencode(typed))


def _ask(method: str, url: str, body: str | None = None) -> Seen:
    parts = urlsplit(url)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    line = HTTPConnection(parts.netloc, timeout=30)
    try:
        line.request(method, parts.path, body=body, headers=headers)
        answer = line.getresponse()
        return Seen(answer.status, answer.getheader("Location") or "", answer.read().decode())
    finally:
        line.close()


class _Form(HTMLParser):
    """Where the page's form goes and what it asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.action = told.get("action") or ""
        elif tag in {"input", "button"} and told.get("name"):
            self.names.add(str(told["name"]))
