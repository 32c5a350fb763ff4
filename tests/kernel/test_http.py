"""HTTP manners: rules, problems, pages, keyed writes, versions, cached public reads."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.checks import Error

from learninghub import audit, caching
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.http import checks
from learninghub.http.idempotency.models import StoredAnswer
from learninghub.http.identity import HEADER, LIFETIME_SECONDS, Caller, seal
from tests.kernel import urls
from tests.support.http import Client

pytestmark = [pytest.mark.urls("tests.kernel.urls"), pytest.mark.django_db]


def header(*roles: str, at: float | None = None, key: bytes = b"") -> str:
    caller = Caller(id=uuid7(), roles=frozenset(roles), session=uuid7())
    return seal(caller, key=key or settings.CALLER_KEY, at=time.time() if at is None else at)


@pytest.fixture
def someone(service: Client) -> Client:
    return Client(service.application, headers={HEADER: header("student")})


@pytest.fixture
def notes() -> Callable[[int], None]:
    def write(count: int, reason: str = "why") -> None:
        for _ in range(count):
            audit.record(action="note", by=uuid7(), subject=uuid7(), now=now(), reason=reason)

    return write


class TestRules:
    def test_a_stranger_is_asked_to_log_in(self, service: Client):
        answer = service.post("/notes/", {"reason": "why"})
        assert (answer.status, answer.json["code"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert not AuditEntry.objects.exists()

    def test_a_rule_denies_or_hides(self, someone: Client):
        assert (someone.get("/nobody/").status, someone.delete("/nobody/").status) == (403, 404)

    def test_a_role_is_needed_where_it_is_named(self, service: Client, someone: Client):
        assert someone.patch("/edited/").status == 403
        assert service.patch("/edited/", headers={HEADER: header("instructor")}).status == 200

    @pytest.mark.parametrize(
        "forge",
        [
            lambda: "x",
            lambda: header("student", key=b"another key"),
            lambda: header("student", at=time.time() - LIFETIME_SECONDS - 60),
            lambda: header("student", at=time.time() + LIFETIME_SECONDS + 60),
            lambda: header("student").rpartition(".")[0] + "." + "0" * 64,
        ],
        ids=["nonsense", "another key", "too old", "from the future", "another seal"],
    )
    def test_a_caller_the_edge_did_not_just_make_is_refused(self, service: Client, forge: Callable[[], str]):
        answer = service.post("/notes/", {"reason": "why"}, headers={HEADER: forge()})
        assert (answer.status, AuditEntry.objects.count()) == (401, 0)

    def test_a_method_without_a_rule_stops_the_start(self, monkeypatch: pytest.MonkeyPatch):
        assert checks.every_operation_names_its_rule(None) == []
        monkeypatch.setattr(urls, "urlpatterns", urls.unruled)
        monkeypatch.setattr(checks, "get_resolver", lambda: SimpleNamespace(url_patterns=urls.unruled))
        found = checks.every_operation_names_its_rule(None)
        assert found == [Error("PUT /unruled/: Unruled names no rule for it", id="learninghub.E001")]


class TestProblems:
    def test_a_named_error_is_a_problem_document(self, someone: Client):
        audit.record(action="once", by=uuid7(), subject=uuid7(), now=now(), reason="taken")
        answer = someone.post("/notes/", {"reason": "taken"}, headers={"X-Request-ID": "abc-123"})
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-ID"] == "abc-123"
        assert answer.json == {
            "type": "about:blank",
            "title": "This was written before.",
            "status": 409,
            "code": "already_written",
            "detail": "Choose another reason.",
            "request_id": "abc-123",
            "reason": "taken",
        }

    @pytest.mark.parametrize(
        ("body", "errors"),
        [
            (b"{}", {"reason": ["This field is required."]}),
            (b'{"reason": "a\\u0000b"}', {"reason": ["Null characters are not allowed."]}),
            (b'{"reason": "123456789012345678901"}', {"reason": ["Ensure this field has no more than 20 characters."]}),
            (b"[]", {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ],
    )
    def test_bad_input_names_the_field(self, someone: Client, body: bytes, errors: dict[str, list[str]]):
        answer = someone.request("POST", "/notes/", body=body)
        assert (answer.status, answer.json["code"], answer.json["errors"]) == (400, "invalid", errors)

    @pytest.mark.parametrize(
        "body", [b"{", b'{"reason": 1e400}', b'{"reason": NaN}', b'"\xed\xa0\x80"', b"[" * 100_000]
    )
    def test_what_is_not_json_is_said_to_be_so(self, someone: Client, body: bytes):
        assert (someone.request("POST", "/notes/", body=body).status, AuditEntry.objects.count()) == (400, 0)

    def test_an_unforeseen_failure_tells_nothing(self, service: Client):
        answer = service.get("/broken/")
        assert (answer.status, answer.json["code"]) == (500, "internal_server_error")
        assert b"secret" not in answer.body

    def test_no_route_and_no_method_are_problems_too(self, service: Client):
        assert (service.get("/nowhere/").status, service.get("/nowhere/").json["code"]) == (404, "not_found")
        answer = service.put("/notes/")
        assert (answer.status, answer.json["code"], answer.headers["Allow"]) == (
            405,
            "method_not_allowed",
            "GET, POST, HEAD",
        )

    def test_other_content_is_refused(self, someone: Client):
        answer = someone.request(
            "POST", "/notes/", body=b"reason=why", content_type="application/x-www-form-urlencoded"
        )
        assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")

    def test_every_answer_is_private_and_safe(self, someone: Client):
        headers = someone.get("/nowhere/").headers
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in headers["Content-Security-Policy"]

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
            ("00-xyz", False),
        ],
    )
    def test_the_trace_goes_on(self, service: Client, sent: str, kept: bool):
        assert (service.get("/notes/", headers={"traceparent": sent}).headers.get("traceparent") == sent) is kept


class TestPages:
    @pytest.mark.parametrize("rows", [0, 1, 3, 4, 10])
    def test_pages_lose_no_row_and_give_none_twice(self, service: Client, notes: Callable[..., None], rows: int):
        for number in range(rows):
            notes(1, reason="even" if number % 2 else "odd")
        expected = list(AuditEntry.objects.order_by("reason", "-id").values_list("id", flat=True))
        forward, link = [], "/notes/?page_size=3"
        pages = []
        while link:
            page = service.get(link).json
            pages.append([row["id"] for row in page["results"]])
            forward += pages[-1]
            link, last = page["next"], page
        assert forward == expected
        backward = [pages[-1]]
        while last["previous"]:
            last = service.get(last["previous"]).json
            backward.insert(0, [row["id"] for row in last["results"]])
        assert backward == pages
        assert last["previous"] is None

    def test_a_row_added_meanwhile_moves_nothing(self, service: Client, notes: Callable[..., None]):
        notes(4, reason="m")
        first = service.get("/notes/?page_size=2").json
        notes(3, reason="a")
        second = service.get(first["next"]).json
        ids = [row["id"] for row in first["results"] + second["results"]]
        assert ids == list(AuditEntry.objects.filter(reason="m").order_by("-id").values_list("id", flat=True))

    @pytest.mark.parametrize("size", ["0", "101", "-1", "x", "1e3", "²", "9" * 30, "00000000199999"])
    def test_a_size_out_of_bounds_is_named(self, service: Client, size: str):
        answer = service.get("/notes/", page_size=size)
        assert (answer.status, list(answer.json["errors"])) == (400, ["page_size"])

    @pytest.mark.parametrize(
        "cursor", ["x", "", "WzFd", "W2ZhbHNlLCJhIl0", "W2ZhbHNlLCJhIiwiYiJd", "W2ZhbHNlLG51bGwsMV0", "é"]
    )
    def test_a_foreign_cursor_is_named(self, service: Client, cursor: str):
        answer = service.get("/notes/", cursor=cursor)
        assert (answer.status, list(answer.json["errors"])) == (400, ["cursor"])

    def test_links_keep_the_filters(self, service: Client, notes: Callable[..., None]):
        notes(3)
        assert service.get("/notes/?page_size=2&colour=red").json["next"].startswith("/notes/?page_size=2&colour=red&")


class TestKeyedWrites:
    def test_the_same_key_is_done_once_and_answered_alike(self, someone: Client):
        first = someone.post("/notes/", {"reason": "why"}, headers={"Idempotency-Key": "k1"})
        again = someone.post("/notes/", {"reason": "why"}, headers={"Idempotency-Key": "k1"})
        assert (first.status, again.status, again.body) == (201, 201, first.body)
        assert (again.headers["ETag"], again.headers["Location"]) == ('"v1"', first.headers["Location"])
        assert again.headers["Idempotency-Replayed"] == "true"
        assert AuditEntry.objects.count() == 1

    def test_without_a_key_it_is_done_again(self, someone: Client):
        assert [someone.post("/notes/", {"reason": "why"}).status for _ in range(2)] == [201, 201]
        assert AuditEntry.objects.count() == 2

    def test_another_body_under_the_key_is_refused(self, someone: Client):
        someone.post("/notes/", {"reason": "why"}, headers={"Idempotency-Key": "k1"})
        answer = someone.post("/notes/", {"reason": "other"}, headers={"Idempotency-Key": "k1"})
        assert (answer.status, answer.json["code"]) == (422, "idempotency_key_reused")
        assert AuditEntry.objects.count() == 1

    def test_keys_of_two_callers_are_two_keys(self, service: Client):
        for _ in range(2):
            caller = Client(service.application, headers={HEADER: header("student")})
            assert caller.post("/notes/", {"reason": "why"}, headers={"Idempotency-Key": "k1"}).status == 201
        assert AuditEntry.objects.count() == 2

    def test_an_error_undoes_everything_and_is_not_kept(self, someone: Client):
        answer = someone.post("/notes/", {"reason": "fail"}, headers={"Idempotency-Key": "k1"})
        assert answer.status == 409
        assert (AuditEntry.objects.count(), StoredAnswer.objects.count()) == (0, 0)
        assert someone.post("/notes/", {"reason": "why"}, headers={"Idempotency-Key": "k1"}).status == 201

    def test_secrets_are_never_kept(self, someone: Client):
        tokens = {someone.post("/secrets/", headers={"Idempotency-Key": "k1"}).json["token"] for _ in range(2)}
        assert (len(tokens), StoredAnswer.objects.count()) == (2, 0)

    def test_money_needs_a_key(self, someone: Client):
        assert someone.post("/money/").json["code"] == "idempotency_key_missing"
        assert someone.post("/money/", headers={"Idempotency-Key": "k1"}).status == 201

    @pytest.mark.parametrize("key", ["k" * 256, "ö"])
    def test_a_key_that_is_none_is_named(self, someone: Client, key: str):
        answer = someone.post("/notes/", {"reason": "why"}, headers={"Idempotency-Key": key})
        assert (answer.status, list(answer.json["errors"])) == (400, ["Idempotency-Key"])

    @pytest.mark.django_db(transaction=True)
    def test_at_the_same_time_one_does_it_and_the_others_wait_or_copy(self, someone: Client, race: Callable[..., list]):
        def write(_: int) -> tuple[int, str]:
            answer = someone.post("/notes/", {"reason": "why"}, headers={"Idempotency-Key": "k1"})
            return answer.status, answer.json.get("code", "")

        outcomes = race(write, 8)
        assert set(outcomes) <= {(201, ""), (409, "request_in_progress")}
        assert (201, "") in outcomes
        assert AuditEntry.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_without_the_key_the_same_race_writes_again_and_again(self, someone: Client, race: Callable[..., list]):
        race(lambda _: someone.post("/notes/", {"reason": "why"}), 8)
        assert AuditEntry.objects.count() == 8


class TestVersions:
    @pytest.mark.parametrize(("sent", "expected"), [('"v3"', 3), ("*", None), (None, None)])
    def test_if_match_names_the_version(self, service: Client, sent: str | None, expected: int | None):
        headers = {HEADER: header("instructor")} | ({"If-Match": sent} if sent else {})
        assert service.patch("/edited/", headers=headers).json == {"expected": expected}

    @pytest.mark.parametrize("sent", ["v3", '"3"', 'W/"v3"', '"v3", "v4"'])
    def test_a_tag_of_another_kind_is_named(self, service: Client, sent: str):
        answer = service.patch("/edited/", headers={HEADER: header("instructor"), "If-Match": sent})
        assert (answer.status, list(answer.json["errors"])) == (400, ["If-Match"])


class TestPublicReads:
    def test_are_kept_until_the_scope_is_bumped(
        self, service: Client, notes: Callable[..., None], queries_of: Callable
    ):
        notes(1)
        first = service.get("/notes/")
        assert first.headers["Cache-Control"] == "public, max-age=60"
        assert queries_of(lambda: service.get("/notes/")) == 0
        notes(1)
        assert service.get("/notes/").body == first.body
        caching.note("notes", caching.version("notes") + 1)
        assert len(service.get("/notes/").json["results"]) == 2

    def test_an_etag_is_answered_304(self, service: Client, notes: Callable[..., None]):
        notes(1)
        tag = service.get("/notes/").headers["ETag"]
        answer = service.get("/notes/", headers={"If-None-Match": tag})
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
        assert service.get("/notes/", headers={"If-None-Match": '"other"'}).status == 200

    def test_a_caller_with_a_name_is_never_given_a_kept_answer(
        self, service: Client, someone: Client, queries_of: Callable
    ):
        service.get("/notes/")
        answer = someone.get("/notes/")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert queries_of(lambda: someone.get("/notes/")) == 1

    def test_an_error_is_not_kept(self, service: Client):
        assert service.get("/notes/", page_size=0).status == 400
        assert service.get("/notes/", page_size=0).headers["Cache-Control"] == "private, no-store"
