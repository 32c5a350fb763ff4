"""Addresses, names, passwords, preferences and links, as rules."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.users import rules
from apps.users.rules import PasswordFault
from apps.users.types import LinkPurpose

KEY = b"a key"
REQUEST = UUID("0199c0de-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("  ada@example.org ", "ada@example.org"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@ｅｘａｍｐｌｅ.org", "ada@example.org"),
    ],
)
def test_an_address_has_one_spelling(written: str, kept: str) -> None:
    assert rules.normalise_email(written) == kept


@pytest.mark.parametrize("written", ["", "ada", "@example.org", "ada@" + "x" * 64 + ".org"])
def test_what_is_no_address_has_none(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        rules.normalise_email(written)


def test_a_name_cannot_break_a_line_or_hide_its_direction() -> None:
    assert rules.clean_name(" Ada\r\nBcc: all \u202eecalevoL\u0000 ") == "Ada Bcc: all ecalevoL"
    assert rules.clean_name("नेहा क\u094d\u200dष") == "नेहा क\u094d\u200dष"


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("short", [PasswordFault.TOO_SHORT]),
        ("Password1", [PasswordFault.TOO_COMMON]),
        ("abababababab", [PasswordFault.TOO_COMMON]),
        ("x7" * 200, [PasswordFault.TOO_LONG, PasswordFault.TOO_COMMON]),
        ("Lovelace99", [PasswordFault.TOO_SIMILAR]),
        ("analytical-1", [PasswordFault.TOO_SIMILAR]),
        ("learninghub1", [PasswordFault.TOO_SIMILAR]),
        ("correct horse battery", []),
        ("lovelace wrote the first program", []),
    ],
)
def test_passwords_are_judged_by_length_and_likeness(password: str, faults: list[PasswordFault]) -> None:
    found = rules.password_faults(
        password=password, email="ada.l@analytical.org", display_name="Ada Lovelace", common={"password1"}
    )

    assert found == faults


@pytest.mark.parametrize(
    ("tag", "kept"), [("de", "de"), ("DE_at", "de-AT"), ("es-419", "es-419"), ("german", None), ("", None)]
)
def test_a_language_is_a_short_tag(tag: str, kept: str | None) -> None:
    assert rules.normalise_locale(tag) == kept


def test_a_time_zone_is_one_of_the_iana_database() -> None:
    assert rules.is_time_zone("Europe/Berlin")
    assert not rules.is_time_zone("Europe/Atlantis")
    assert not rules.is_time_zone("../../etc/passwd")


def token(**changes: object) -> str:
    words = {"key": KEY, "purpose": LinkPurpose.VERIFY_EMAIL, "request_id": REQUEST, "epoch": 3} | changes
    return rules.link_token(**words)


def is_genuine(token: str, keys: list[bytes]) -> bool:
    return rules.is_link_genuine(token=token, keys=keys, purpose=LinkPurpose.VERIFY_EMAIL, request_id=REQUEST, epoch=3)


def test_a_link_is_genuine_for_its_purpose_request_and_epoch_alone() -> None:
    assert is_genuine(token(), [KEY])
    assert is_genuine(token(), [b"a newer key", KEY])
    assert not is_genuine(token(), [b"another key"])
    assert not is_genuine(token(purpose=LinkPurpose.RESET_PASSWORD), [KEY])
    assert not is_genuine(token(request_id=uuid4()), [KEY])
    assert not is_genuine(token(epoch=4), [KEY])


@given(st.text())
def test_no_text_is_taken_for_a_link(text: str) -> None:
    assert not is_genuine(text, [KEY])
    rules.link_request_id(text)
