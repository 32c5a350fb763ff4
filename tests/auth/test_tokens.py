"""Access tokens: what they say, who signs, and what is refused."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from apps.auth import api as auth
from apps.auth import queries, rules
from apps.auth.types import AUDIENCE, ISSUER
from learninghub.clock import now
from tests.support.http import Client
from tests.support.people import access_token, make_person

pytestmark = pytest.mark.django_db


def new_pem(bits: int = 2048) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def claims_of(person: Any, **changes: Any) -> dict[str, Any]:
    at = int(now().timestamp())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": str(person.id), "sid": str(uuid4()), "gen": 0, "roles": ["student"],
        "scopes": [], "iat": at, "exp": at + 300, "jti": uuid4().hex, "typ": "access",
    } | changes  # fmt: skip
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, Any], **headers: Any) -> str:
    key = queries.signing_keys()[0]
    return jwt.encode(claims, key.private_key, algorithm="RS256", headers={"kid": key.kid, **headers})


def status_of(application: Any, token: str) -> int:
    return Client(application, token=token).get("users/me/").status


def test_a_token_says_who_in_which_session_and_as_what() -> None:
    person = make_person(roles={"instructor"})
    session_id, at = uuid4(), now()

    token = auth.mint_access(
        user_id=person.id, session_id=session_id, roles=person.roles, is_verified=True, now=at, generation=2
    )

    header = jwt.get_unverified_header(token)
    key = next(key for key in auth.public_keys() if key["kid"] == header["kid"])
    claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)
    assert header == {"alg": "RS256", "typ": "at+jwt", "kid": key["kid"]}
    assert len(claims.pop("jti")) == 32
    assert claims == {
        "iss": "learning-hub",
        "aud": "learning-hub-api",
        "sub": str(person.id),
        "sid": str(session_id),
        "gen": 2,
        "roles": ["instructor", "student"],
        "scopes": ["verified"],
        "iat": int(at.timestamp()),
        "exp": int((at + timedelta(minutes=5)).timestamp()),
        "typ": "access",
    }


def test_public_keys_are_published_without_their_secrets(client: Any, settings: Any) -> None:
    settings.JWT_SIGNING_KEYS = [new_pem(), new_pem()]

    answer = client.get("/.well-known/jwks.json")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert [sorted(key) for key in answer.json["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]] * 2
    assert answer.json["keys"] == auth.public_keys()


def test_a_key_is_named_by_its_thumbprint() -> None:
    """RFC 7638, section 3.1, gives this key and this name."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn"
        "1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    modulus = int.from_bytes(base64.urlsafe_b64decode(n + "=" * (-len(n) % 4)), "big")

    assert rules.thumbprint(rsa.RSAPublicNumbers(65537, modulus)) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_weak_key_is_not_loaded() -> None:
    with pytest.raises(ValueError, match="at least 2048 bits"):
        rules.load_keys([new_pem(1024)])


def test_after_rotation_the_new_key_signs_and_the_old_one_is_still_believed(settings: Any) -> None:
    old = settings.JWT_SIGNING_KEYS[0]
    person = make_person()
    before = jwt.get_unverified_header(access_token(person))["kid"]

    settings.JWT_SIGNING_KEYS = [new_pem(), old]

    assert jwt.get_unverified_header(access_token(person))["kid"] != before
    assert before in [key["kid"] for key in auth.public_keys()]


def test_our_own_token_is_believed(application: Any) -> None:
    person = make_person()

    assert status_of(application, signed(claims_of(person))) == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-api"},
        {"iss": "another-issuer"},
        {"typ": "refresh"},
        {"typ": None},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sid": None},
        {"gen": None},
        {"aud": None},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": "not-a-uuid"},
    ],
    ids=str,
)
def test_a_token_that_says_otherwise_is_refused(application: Any, changes: dict[str, Any]) -> None:
    assert status_of(application, signed(claims_of(make_person(), **changes))) == 401


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_forged_tokens_are_refused(application: Any) -> None:
    person = make_person()
    claims, key = claims_of(person, roles=["staff"]), queries.signing_keys()[0]
    public_pem = key.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = rules.load_keys([new_pem()])[0]
    good = signed(claims)
    head, _, mac = good.split(".")
    forged = {
        "none": f"{encoded({'alg': 'none', 'kid': key.kid})}.{encoded(claims)}.",
        "none with a signature": f"{encoded({'alg': 'None', 'kid': key.kid})}.{encoded(claims)}.{mac}",
        "public key as secret": hs256(public_pem, claims, key.kid),
        "another key": jwt.encode(claims, foreign, algorithm="RS256", headers={"kid": key.kid}),
        "its own key": jwt.encode(
            claims, jwk.private_key, algorithm="RS256", headers={"kid": jwk.kid, "jwk": jwk.public_jwk}
        ),
        "a key elsewhere": jwt.encode(
            claims, jwk.private_key, algorithm="RS256", headers={"kid": jwk.kid, "jku": "https://evil.example/jwks"}
        ),
        "no kid": jwt.encode(claims, key.private_key, algorithm="RS256"),
        "kid as a path": signed(claims, kid="../../../../dev/null"),
        "kid as sql": signed(claims, kid="' or 1=1 --"),
        "another algorithm": jwt.encode(claims, key.private_key, algorithm="RS512", headers={"kid": key.kid}),
        "unknown crit": signed(claims, crit=["exp2"], exp2=1),
        "other claims": f"{head}.{encoded(claims | {'roles': ['staff', 'instructor']})}.{mac}",
        "cut": good[:-4],
        "huge": good + "A" * 5000,
        "empty": "x",
    }

    assert {name: status_of(application, token) for name, token in forged.items()} == dict.fromkeys(forged, 401)


def hs256(secret: bytes, claims: dict[str, Any], kid: str) -> str:
    """PyJWT refuses to sign so, and an attacker would not ask it."""
    body = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{encoded(claims)}"
    mac = base64.urlsafe_b64encode(hmac.digest(secret, body.encode(), "sha256")).rstrip(b"=").decode()
    return f"{body}.{mac}"
