"""The file: one landscape page with the right words in every script, and bytes that never change."""

import hashlib
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from apps.certificates import actions, clients, rules
from apps.certificates.errors import CertificateNotFound
from apps.certificates.models import Certificate
from apps.certificates.tasks import render
from learninghub.jobs import Later
from learninghub.pdf import system
from learninghub.readable import in_groups
from learninghub.storage import store
from tests.kernel.test_pdf import NAMES
from tests.support.certificates import issue_certificate, make_certificate
from tests.support.courses import make_course
from tests.support.facts import deliver_all
from tests.support.pdf import A4_LANDSCAPE, is_tagged, metadata_of, sizes_of, text_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def drawn(**fields):
    return clients.draw(certificate_with(**fields))


def certificate_with(*, name="Ada Lovelace", title="Analytical Engines", instructor="Mary Somerville", locale="en"):
    author = make_person(display_name=instructor, roles={"instructor"})
    learner = make_person(display_name=name, locale=locale)
    return issue_certificate(learner, make_course(author=author, title=title, lessons=1))


def test_the_file_says_who_what_when_and_how_to_confirm_it():
    certificate = make_certificate(learner=make_person(display_name="Ada Lovelace"))
    content = store.read(certificate.sha256)
    words = text_of(content)

    assert sizes_of(content) == [A4_LANDSCAPE]
    for word in ("Certificate of Completion", "Ada Lovelace", certificate.course_title, certificate.instructor_name):
        assert word in words
    assert "18 November 2026" in words
    assert in_groups(certificate.code) in "".join(words.split())  # the reader takes the gap in MA JF for a space
    assert "127.0.0.1:3000/verify/" in words
    assert hashlib.sha256(content).hexdigest() == certificate.sha256


def test_the_file_is_tagged_and_names_itself():
    content = drawn()

    assert metadata_of(content)["Title"] == "Certificate of Completion: Ada Lovelace – Analytical Engines"
    assert metadata_of(content)["Author"] == "Learning Hub"
    assert metadata_of(content)["CreationDate"] == "D:20261118120100Z"
    assert is_tagged(content)


def test_a_german_reader_gets_german_words():
    words = text_of(drawn(locale="de"))

    assert "Abschlusszertifikat" in words
    assert "18. November 2026" in words


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_in_every_script_is_on_the_page(name):
    with capture_logs() as warnings:
        content = drawn(name=name, title=name, instructor=name)

    assert [entry for entry in warnings if entry["event"] == "child.warning"] == []
    assert sizes_of(content) == [A4_LANDSCAPE]


@pytest.mark.parametrize(
    "name",
    ["W" * 120, "Ada " * 29, "ab" * 60, "王" * 120, "محمد " * 23, "İ" * 100],
    ids=["wide", "many words", "one long word", "Chinese", "Arabic", "capitals"],
)
def test_the_longest_words_stay_in_their_places_on_one_page(name):
    content = drawn(name=name, title="T " + name, instructor=name)

    assert sizes_of(content) == [A4_LANDSCAPE]
    assert overlapping_lines(content) == []


def overlapping_lines(content):
    """Pairs of text boxes of different sizes or places that cover each other by more than their accents."""
    import pypdfium2  # noqa: PLC0415

    document = pypdfium2.PdfDocument(content)
    page = document[0]
    text = page.get_textpage()
    boxes = [text.get_rect(number) for number in range(text.count_rects())]
    document.close()
    overlaps = []
    for number, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[number + 1 :]:
            across = min(right, other[2]) - max(left, other[0])
            down = min(top, other[3]) - max(bottom, other[1])
            if across > 2 and down > 0.45 * min(top - bottom, other[3] - other[1]):
                overlaps.append(((left, bottom, right, top), other))
    return overlaps


def test_markup_in_names_is_shown_and_not_obeyed():
    content = drawn(
        name='<img src="file:///etc/passwd">',
        title="<script>x</script> & Co",
        instructor='"><style>*{color:red}</style>',
    )
    words = " ".join(text_of(content).split())

    assert '<img src="file:///etc/passwd">' in words
    assert "<script>x</script> & Co" in words


def test_drawing_twice_gives_the_same_bytes():
    certificate = certificate_with()

    assert clients.draw(certificate) == clients.draw(certificate)


def test_a_file_once_noted_is_never_replaced(monkeypatch):
    certificate = make_certificate()
    monkeypatch.setattr(clients, "draw", lambda certificate: b"%PDF another")
    actions.render(certificate_id=certificate.id)
    render(certificate.id)

    assert Certificate.objects.get().sha256 == certificate.sha256


def test_a_slower_worker_does_not_replace_the_file_either(monkeypatch):
    certificate = certificate_with()
    draw = clients.draw

    def overtaken(slow):
        monkeypatch.setattr(clients, "draw", draw)
        actions.render(certificate_id=slow.id)
        return b"%PDF of a slower worker"

    monkeypatch.setattr(clients, "draw", overtaken)
    actions.render(certificate_id=certificate.id)

    assert store.read(Certificate.objects.get().sha256) == draw(certificate)


def test_without_the_libraries_the_certificate_waits_and_is_made_later(monkeypatch):
    certificate = certificate_with()
    with monkeypatch.context() as patch:
        patch.setattr(system, "_LIBRARIES", {"pango": ("libabsent.so.9",)})
        with pytest.raises(Later, match=system.INSTALL_LINE):
            render(certificate.id)
        assert Certificate.objects.get().state == "waiting"

    deliver_all()
    assert Certificate.objects.get().state == "rendered"


def test_rendering_what_does_not_exist_fails_by_name():
    with pytest.raises(CertificateNotFound):
        actions.render(certificate_id=uuid4())


class TestRules:
    @pytest.mark.parametrize(
        ("text", "locale", "expected"),
        [
            ("Ada Lovelace", "en", ("ltr", "")),
            ("محمد", "en", ("rtl", "")),
            ("שירה Cohen", "en", ("rtl", "")),
            ("1. שירה", "en", ("rtl", "")),
            ("王小明", "en", ("ltr", "zh-Hans")),
            ("王小明", "zh-TW", ("ltr", "zh-Hant")),
            ("山田", "ja", ("ltr", "ja")),
            ("山田 たろう", "en", ("ltr", "ja")),
            ("김민준", "en", ("ltr", "ko")),
        ],
    )
    def test_words_know_their_direction_and_shapes(self, text, locale, expected):
        wording = rules.wording(text, steps=rules.NAME_STEPS, locale=locale)
        assert (wording.direction, wording.language) == expected

    @given(st.text(max_size=200), st.text(min_size=1, max_size=20))
    def test_a_longer_text_is_never_larger(self, text, more):
        order = ["xl", "l", "m", "s", "xs", "xxs"]
        sizes = [rules.wording(each, steps=rules.NAME_STEPS, locale="en").size for each in (text, text + more)]
        assert order.index(sizes[0]) <= order.index(sizes[1])

    @given(st.text(alphabet=rules.ALPHABET, min_size=28, max_size=28), st.sampled_from(["-", " ", "–", "\u00a0"]))
    def test_a_code_is_read_however_it_is_typed(self, code, between):
        typed = between.join(code[start : start + 4] for start in range(0, 28, 4)).lower()
        assert rules.normalise_code(f" {typed} ") == code
        assert rules.normalise_code(code.replace("0", "o").replace("1", "l")) == code
        assert rules.normalise_code(in_groups(code)) == code

    @given(st.text(max_size=60))
    def test_what_is_not_a_code_is_none(self, typed):
        code = rules.normalise_code(typed)
        assert code is None or (len(code) == 28 and set(code) <= set(rules.ALPHABET))
