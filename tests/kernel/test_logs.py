"""No secret and no address of a person in what is logged, kept as a fact, or reported."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import sentry_sdk
import structlog
from sentry_sdk.transport import Transport

from apps.notifications.models import Mail
from learninghub import observability
from learninghub.audit.models import AuditEntry
from learninghub.http.idempotency.models import StoredAnswer
from learninghub.outbox.models import OutboxMessage, QueuedMessage
from tests.support.http import Client
from tests.support.people import TERMS

PASSWORD, OTHER_PASSWORD, EMAIL, TOKEN = (
    "canary-Blue-Whale-71",
    "canary-Red-Panda-72",
    "canary@example.org",
    "canary-key",
)


@pytest.fixture(params=[True, False], ids=["json", "text"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that is logged, as production writes it."""
    root = logging.getLogger()
    handlers, level, before = root.handlers, root.level, structlog.get_config()
    observability.configure(as_json=request.param, sentry_dsn="", release="test")
    stream = io.StringIO()
    root.handlers[0].setStream(stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**before)


def live_with_secrets(client: Client) -> list[str]:
    """Someone's secrets go over every road that takes one; the tokens handed out on the way."""
    named = {"email": EMAIL, "password": PASSWORD}
    joined = client.post("auth/register/", {**named, "display_name": "Canary", "terms_version": TERMS}).json
    client.post("auth/token/", named | {"password": OTHER_PASSWORD})
    entered = client.post("auth/token/", named).json
    renewed = client.post("auth/token/refresh/", {"refresh": entered["refresh"]}).json
    tokens = [answer[name] for answer in (joined, entered, renewed) for name in ("access", "refresh")]
    me = Client(client.application, token=joined["access"])
    me.post("users/me/password/", {"current": OTHER_PASSWORD, "new": OTHER_PASSWORD})
    me.patch("users/me/", {"display_name": 1, "password": OTHER_PASSWORD}, headers={"Idempotency-Key": "one"})
    client.post("users/password-reset/", {"email": EMAIL})
    client.post("users/password-reset/confirm/", {"token": TOKEN, "password": OTHER_PASSWORD})
    client.post("users/verify-email/", {"token": TOKEN})
    for path in (f"/verify-email/?token={TOKEN}", f"/reset-password/?token={TOKEN}", f"/unsubscribe/{TOKEN}/"):
        client.get(path)
        client.put(path)
    client.request("POST", "auth/token/", body=f'{{"password": "{PASSWORD}",'.encode())
    Client(client.application, token=TOKEN).get("users/me/")
    return tokens


@pytest.mark.django_db
def test_no_secret_is_logged_or_kept(client: Client, written: io.StringIO, deliver_all: Callable[[], int]):
    tokens = live_with_secrets(client)
    deliver_all()
    logged = written.getvalue()
    assert logged.count("auth/token/refresh/") == 1
    kept = [
        str(row) for model in (OutboxMessage, QueuedMessage, StoredAnswer, AuditEntry) for row in model.objects.values()
    ]
    kept += [str(row) for row in Mail.objects.values()]
    for secret in (PASSWORD, OTHER_PASSWORD, TOKEN, *tokens):
        assert secret not in logged
        assert not [row for row in kept if secret in row]
    assert EMAIL not in logged


@pytest.mark.django_db
def test_a_failure_is_logged_with_its_traceback_and_without_what_was_sent(
    client: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    def broken(*, code: str) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("apps.certificates.queries.find_by_code", broken)
    answer = client.get(f"/verify/{TOKEN}/")
    assert (answer.status, answer.json["code"]) == (500, "internal_server_error")
    assert "out of order" in written.getvalue()
    assert "out of order" not in answer.text
    assert answer.headers["X-Request-ID"] in written.getvalue()
    assert TOKEN not in written.getvalue()


class Letterbox(Transport):
    """Where reports go that would go to Sentry."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[str] = []

    def capture_envelope(self, envelope: sentry_sdk.envelope.Envelope) -> None:
        self.reports += [json.dumps(item.payload.json, default=str) for item in envelope.items if item.payload.json]


@pytest.mark.django_db
def test_a_report_says_where_and_not_what(client: Client, monkeypatch: pytest.MonkeyPatch):
    def broken(**_: object) -> None:
        kept_here = PASSWORD  # noqa: F841  a local variable, as every frame has them
        raise RuntimeError("out of order")

    box = Letterbox()
    monkeypatch.setattr("apps.auth.actions.log_in", broken)
    with sentry_sdk.isolation_scope():
        observability.report_errors(dsn="https://key@sentry.example/1", release="test", transport=box)
        try:
            client.post(f"auth/token/?token={TOKEN}", {"email": EMAIL, "password": PASSWORD})
        finally:
            sentry_sdk.init()
    assert len(box.reports) == 1
    assert "out of order" in box.reports[0]
    for secret in (PASSWORD, EMAIL, TOKEN):
        assert secret not in box.reports[0]
