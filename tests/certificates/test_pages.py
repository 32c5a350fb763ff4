"""The page on which people confirm a certificate."""

import re
from html.parser import HTMLParser

import pytest

from apps.certificates import actions
from apps.certificates.types import RevocationReason
from learninghub.clock import now
from learninghub.readable import in_groups
from tests.support.certificates import make_certificate
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
UNKNOWN = "7K3M-9QWZ-4HTX-C2VB-8NPD-5RJE-G6YA"


@pytest.fixture
def certificate():
    return make_certificate(learner=make_person(display_name="Ada <b>Lovelace</b>"))


class Outline(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.headings, self.labels, self.inputs, self.addresses = [], [], set(), set(), []
        self.language = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.addresses += [found[name] for name in ("href", "src", "action") if name in found]
        match tag:
            case "html":
                self.language = found["lang"]
            case "h1" | "h2" | "h3":
                self.headings.append(tag)
            case "label":
                self.labels.add(found["for"])
            case "input":
                self.inputs.add(found["id"])
        assert "style" not in found, "the content security policy forbids it"


def words_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main>")[1]).split())


def test_a_valid_certificate_is_confirmed(client, certificate):
    answer = client.get(f"/verify/{certificate.code}/")
    words = words_of(answer.text)

    assert answer.status == 200
    assert "Valid certificate" in words
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in words
    assert certificate.course_title in words
    assert "18 November 2026" in words
    assert in_groups(certificate.code) in words


def test_a_revoked_certificate_says_so_and_why(client, certificate):
    staff = make_person(roles={"staff"})
    actions.revoke(
        certificate_id=certificate.id, reason=RevocationReason.MISTAKE, note="Wrong learner", by=staff.id, now=now()
    )
    answer = client.get(f"/verify/{certificate.code}/")
    words = words_of(answer.text)

    assert answer.status == 200
    assert "Revoked certificate" in words
    assert "It was issued by mistake." in words
    assert "Wrong learner" not in words
    assert "Valid" not in words


def test_an_unknown_code_is_404_and_may_be_typed_again(client, certificate):
    answer = client.get(f"/verify/{UNKNOWN}/")

    assert answer.status == 404
    assert "No such certificate" in words_of(answer.text)
    assert f'value="{UNKNOWN}"' in answer.text
    assert certificate.course_title not in answer.text


def test_a_changed_code_is_denied(client, certificate):
    last = "0" if certificate.code[-1] != "0" else "2"
    assert client.get(f"/verify/{certificate.code[:-1]}{last}/").status == 404


def test_what_people_type_leads_to_the_page(client, certificate):
    typed = f" {in_groups(certificate.code).lower().replace('-', ' – ')} "
    answer = client.get("/verify/", code=typed)

    assert (answer.status, answer.headers["Location"]) == (302, f"/verify/{certificate.code}/")
    assert client.get(answer.headers["Location"]).status == 200


@pytest.mark.parametrize(
    "typed", ["hello", "../../admin/", "//evil.example/", '"><script>alert(1)</script>', "%0d%0aX: y"]
)
def test_what_is_no_code_stays_on_this_site_and_does_no_harm(client, typed):
    answer = client.get("/verify/", code=typed)

    assert answer.status == 302
    assert re.fullmatch(r"/verify/[^/]+/", answer.headers["Location"])
    page = client.get(answer.headers["Location"])
    assert page.status == 404
    assert "<script>" not in page.text


def test_the_form_is_shown_where_no_code_is_given(client):
    answer = client.get("/verify/")

    assert answer.status == 200
    assert "Confirm a certificate" in words_of(answer.text)


def test_a_german_browser_gets_german(client, certificate):
    german = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    answer = client.get(f"/verify/{certificate.code}/", headers=german)

    assert Outline(answer.text).language == "de"
    assert "Gültiges Zertifikat" in answer.text
    assert "18. November 2026" in answer.text
    assert Outline(client.get(f"/verify/{certificate.code}/", headers={"Accept-Language": "fr"}).text).language == "en"


@pytest.mark.parametrize("state", ["form", "valid", "revoked", "unknown"])
def test_every_state_can_be_read_without_sight_or_script_and_from_this_site_alone(client, certificate, state):
    if state == "revoked":
        actions.revoke(
            certificate_id=certificate.id, reason=RevocationReason.REFUND, note="x", by=certificate.user_id, now=now()
        )
    path = {"form": "", "unknown": f"{UNKNOWN}/"}.get(state, f"{certificate.code}/")
    answer = client.get(f"/verify/{path}")
    outline = Outline(answer.text)

    assert outline.headings == ["h1"]
    assert outline.inputs == outline.labels
    assert outline.language == "en"
    assert "main" in outline.tags
    assert "title" in outline.tags
    assert "script" not in outline.tags
    assert all(address.startswith("/") and not address.startswith("//") for address in outline.addresses)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_the_stylesheet_is_packaged(client):
    address = next(found for found in Outline(client.get("/verify/").text).addresses if found.endswith(".css"))
    answer = client.get(address)

    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, "text/css")
    assert b"http" not in answer.body


def test_nothing_but_reading_is_allowed(client):
    assert client.post("/verify/", json={}).status in {403, 405}
