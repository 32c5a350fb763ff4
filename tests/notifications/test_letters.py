"""What mails say: in the reader's language and time, escaped, and with the headers that mail programs expect."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from apps.certificates.events import CertificateIssued, CertificateRevoked
from apps.content.events import ImportFinished
from apps.gamification.events import BadgeEarned
from apps.notifications.models import Mail
from apps.notifications.queries import letters
from apps.notifications.rules import POLICIES
from apps.notifications.types import Kind, Letter
from apps.users.events import EmailChanged, EmailVerified, PasswordChanged
from learninghub.outbox.models import OutboxMessage
from sandbox.smtp import Manner, SmtpSink
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.notifications import state_fact, work
from tests.support.people import email_of, make_person

pytestmark = pytest.mark.django_db

FACTS = {
    "course": "Knots & <Splices>",
    "badge": "First steps",
    "code": "ABCDEFGH",
    "reason": "refund",
    "succeeded": True,
    "amount": 4_900,
    "currency": "EUR",
    "number": "INV-2026-000042",
    "ends_access": True,
}
TEA_TIME = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)


def letter_of(kind: Kind, person: Any, **facts: Any) -> Letter:
    row = Mail(user_id=person.id, kind=kind, source_id=uuid4(), queued_at=TEA_TIME, facts=facts)
    return letters.compose(row, now=TEA_TIME)


def the_mail() -> EmailMultiAlternatives:
    [sent] = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    return sent


def html_of(sent: EmailMultiAlternatives) -> str:
    [(html, media_type)] = sent.alternatives
    assert media_type == "text/html"
    return str(html)


KINDS_WITHOUT_REQUEST = [kind for kind in POLICIES if kind not in {Kind.VERIFY, Kind.NEW_ADDRESS, Kind.RESET}]


@pytest.mark.parametrize("kind", KINDS_WITHOUT_REQUEST)
def test_every_kind_is_written_in_both_languages(kind: Kind):
    english = letter_of(kind, make_person(display_name="Ada", locale="en"), **FACTS)
    german = letter_of(kind, make_person(display_name="Ada", locale="de-AT"), **FACTS)
    assert english.subject != german.subject
    assert english.text.startswith("Hello Ada,\n\n")
    assert german.text.startswith("Guten Tag Ada,\n\n")
    assert 'lang="de"' in german.html
    for letter in (english, german):
        assert "\n" not in letter.subject
        assert "\n\n\n" not in letter.text
        assert "{{" not in letter.html
        assert "{%" not in letter.html
        assert not re.search(r"(src|background)=|url\(|@import|<link", letter.html)  # nothing is fetched to read it


@pytest.mark.parametrize(
    ("locale", "subject", "word"),
    [
        ("en", "You are enrolled: Knots", "we remember where you stopped"),
        ("de", "Sie sind eingeschrieben: Knots", "wir merken uns, wo Sie aufgehört haben"),
        ("de-AT", "Sie sind eingeschrieben: Knots", "wir merken uns, wo Sie aufgehört haben"),
        ("fr", "You are enrolled: Knots", "we remember where you stopped"),
    ],
)
def test_an_enrolment_is_told_in_the_readers_language(locale: str, subject: str, word: str):
    enrol(make_person(locale=locale), make_course(title="Knots"))
    work()
    assert the_mail().subject == subject
    assert word in the_mail().body
    assert word in html_of(the_mail())


@pytest.mark.parametrize(
    ("locale", "time_zone", "written"),
    [
        ("en", "UTC", "1 July 2026, 15:30 (UTC)"),
        ("de", "Europe/Berlin", "1. Juli 2026, 17:30 (CEST)"),
        ("en", "Asia/Kolkata", "1 July 2026, 21:00 (IST)"),
        ("fr", "UTC", "1 July 2026, 15:30 (UTC)"),  # not English words with a French date
    ],
)
def test_times_are_the_readers(locale: str, time_zone: str, written: str):
    letter = letter_of(Kind.PASSWORD_CHANGED, make_person(locale=locale, time_zone=time_zone))
    assert written in letter.text
    assert written in letter.html


def test_names_are_escaped_in_html_and_plain_in_text():
    person = make_person(display_name="<b>Ada</b> & Co")
    enrol(person, make_course(title="Knots & <script>alert(1)</script>"))
    work()
    html = html_of(the_mail())
    assert "<script" not in html
    assert "<b>Ada" not in html
    assert "Knots &amp; &lt;script&gt;" in html
    assert "Hello &lt;b&gt;Ada&lt;/b&gt; &amp; Co," in html
    assert "“Knots & <script>alert(1)</script>”" in the_mail().body
    assert the_mail().body.startswith("Hello <b>Ada</b> & Co,")


def test_a_line_break_in_a_name_adds_no_header(sink: SmtpSink):
    evil = "Ada\r\nBcc: everyone@example.org\r\n\r\nBuy now"
    person = make_person(display_name=evil)
    state_fact(BadgeEarned(user_id=person.id, badge="first", name=evil))
    work()
    [received] = sink.received
    assert received.message["Subject"] == "A new badge: Ada Bcc: everyone@example.org Buy now"
    assert received.message["Bcc"] is None
    assert len(received.recipients) == 1


def test_a_template_in_a_name_is_only_a_name():
    letter = letter_of(Kind.BADGE, make_person(display_name="{{ site_url }}{% now 'Y' %}"), badge="{{ link }}")
    assert "Hello {{ site_url }}{% now 'Y' %}," in letter.text
    assert "“{{ link }}”" in letter.text


def test_a_mail_that_may_be_ended_says_how_in_its_head_and_at_its_foot(sink: SmtpSink, settings: Any):
    settings.SITE_URL = "https://learn.example.org"
    person = make_person()
    state_fact(EmailVerified(user_id=person.id))
    work()
    message = sink.received[0].message
    link = re.fullmatch(r"<(https://learn\.example\.org/unsubscribe/\S+/)>", message["List-Unsubscribe"].strip())
    assert link
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{Mail.objects.get().id}@learn.example.org>"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text
    assert html
    assert link[1] in text.get_content()
    assert f'href="{link[1]}"' in html.get_content()


def test_news_of_the_account_cannot_be_ended(sink: SmtpSink):
    state_fact(PasswordChanged(user_id=make_person().id, epoch=2, kept_session_id=None))
    work()
    message = sink.received[0].message
    assert message["List-Unsubscribe"] is None
    assert "unsubscribe" not in sink.received[0].content.decode().lower()


def test_the_certificates_mail_leads_to_its_proof(settings: Any):
    person, course = make_person(), make_course(title="Knots")
    state_fact(CertificateIssued(certificate_id=uuid4(), user_id=person.id, course_id=course.id, code="ABCDEFGHJKLM"))
    work()
    assert the_mail().subject == "Your certificate: Knots"
    assert f"{settings.SITE_URL}/verify/ABCDEFGHJKLM/" in the_mail().body
    assert "Code: ABCD-EFGH-JKLM" in the_mail().body
    assert f'href="{settings.SITE_URL}/verify/ABCDEFGHJKLM/"' in html_of(the_mail())


def test_a_revocation_gives_its_reason():
    person, course = make_person(locale="de"), make_course(title="Knots")
    state_fact(CertificateRevoked(certificate_id=uuid4(), user_id=person.id, course_id=course.id, reason="misconduct"))
    work()
    assert the_mail().subject == "Zertifikat widerrufen: Knots"
    assert "Grund: Die Regeln des Kurses wurden verletzt." in the_mail().body


@pytest.mark.parametrize(
    ("succeeded", "subject"), [(True, "Your import is ready"), (False, "Your import did not succeed")]
)
def test_an_import_is_told_as_it_went(succeeded: bool, subject: str):
    person = make_person(roles={"instructor"})
    state_fact(ImportFinished(import_id=uuid4(), user_id=person.id, course_id=None, succeeded=succeeded))
    work()
    assert the_mail().subject == subject


def test_a_person_is_welcomed_once_however_often_an_address_is_proven():
    person = make_person()
    state_fact(EmailVerified(user_id=person.id))
    work()
    state_fact(EmailVerified(user_id=person.id))
    work()
    assert the_mail().subject == "Welcome to Learning Hub"


class TestALink:
    def ask(self, client: Any, person: Any) -> None:
        assert client.post("users/password-reset/", {"email": email_of(person)}).status == 202

    def test_for_a_new_password_is_made_while_the_mail_is_sent(self, client: Any):
        person = make_person(locale="de")
        self.ask(client, person)
        work()
        assert the_mail().to == [email_of(person)]
        assert the_mail().subject == "Wählen Sie ein neues Passwort"
        token = re.search(r"/reset-password/\?token=(\S+)", str(the_mail().body))
        assert token
        assert token[1] not in str(Mail.objects.values())
        assert token[1] not in str(OutboxMessage.objects.values())

    def test_that_ran_out_meanwhile_is_not_mailed(self, client: Any, sink: SmtpSink):
        person = make_person()
        sink.manner = Manner.DEFER
        self.ask(client, person)
        work()
        sink.manner = Manner.ACCEPT
        work(after=timedelta(days=2))
        assert sink.received == []
        row = Mail.objects.get()
        assert (row.state, row.last_error) == (
            "failed",
            "cannot be written: The link that this mail was to bring no longer works.",
        )


def test_a_badge_has_its_name_in_the_readers_language():
    person = make_person(locale="de")
    state_fact(BadgeEarned(user_id=person.id, badge="first_steps", name="First steps"))
    work()
    assert the_mail().subject == "Ein neues Abzeichen: Erste Schritte"


class TestAnAddressThatIsNotProven:
    def test_gets_no_mail_that_may_be_ended_but_the_news_is_in_the_list(self, as_user: Any):
        person = make_person(verified=False)
        enrol(person, make_course(title="Knots"))
        work()
        assert mail.outbox == []
        assert Mail.objects.count() == 0
        [news] = as_user(person).get("notifications/").json["results"]
        assert news["kind"] == "enrolment"

    def test_gets_news_of_the_account_without_a_name_that_a_stranger_chose(self):
        person = make_person(verified=False, display_name="Win big at http://evil.example")
        state_fact(EmailChanged(user_id=person.id))
        work()
        assert the_mail().body.startswith("Hello,\n")
        assert "evil" not in the_mail().body + html_of(the_mail()) + the_mail().subject


def test_the_look_is_compiled_once_for_the_process():
    person = make_person()
    letter_of(Kind.WELCOME, person)
    compiled = letters._html_layout()
    letter_of(Kind.WELCOME, person)
    assert letters._html_layout() is compiled
