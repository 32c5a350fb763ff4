"""Every operation under input that nobody means well: no failure, no word of the inside, nothing changed on the sly."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.db import transaction
from django.urls import resolve

from config.env import ROOT
from tests.permissions.row import Row
from tests.permissions.test_matrix import ROWS
from tests.permissions.world import World
from tests.support.http import Answer, Client
from tests.support.people import access_token

INSIDE = (
    "Traceback",
    "psycopg",
    "django",
    'File "',
    "SELECT ",
    "select ",
    "INSERT ",
    "/apps/",
    str(ROOT),
    "site-packages",
)
HOSTILE_VALUES = ('"\\u0000"', "-1", "1e300", "99999999999999999999", "[[]]", "{}", "null", '"' + "x" * 20_000 + '"')
HOSTILE_TAGS = ("%00", "%ff", "..%2f..%2fetc%2fpasswd", "x" * 2000)
CURSORS = [["x"], ["x", "y"], [1, "x"], ["x", "y", "z"], [1, 2, 3], ["2026-01-01T00:00:00Z", "x"], [1e300, 2, 3, 4]]
CANARY = "01234567-89ab-7def-8123-456789abcdef"
SCHEMA = yaml.safe_load((ROOT / "openapi.yaml").read_text())


def allowed_caller(tried: Row) -> str | None:
    """The first who is let in, if anybody is."""
    return next((name for name, status in tried.statuses.items() if 200 <= status < 300), None)


def ask(application: Callable[..., Any], world: World, caller: str, tried: Row, **sent: Any) -> Answer:
    person = world.people.get(caller)
    client = Client(application, token=access_token(person) if person else None)
    return client.request(tried.method, world.fill(tried.path), headers=tried.headers, **sent)


def assert_tells_nothing(answer: Answer, sent: object) -> None:
    assert answer.status < 500, f"{answer.status} for {str(sent)[:200]}"
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert not [word for word in INSIDE if word in answer.text], answer.text


def spoiled(body: Any) -> Iterator[bytes]:
    """The body with each of its values in turn made hostile, and some that are no object at all."""
    yield from (b"[]", b"null", b'"x"', b"1")
    for name in body if isinstance(body, dict) else ():
        for value in HOSTILE_VALUES:
            others = {other: kept for other, kept in body.items() if other != name}
            yield (json.dumps({**others, name: "@"}).replace('"@"', value)).encode()


WRITES = [tried for tried in ROWS if tried.method != "GET" and allowed_caller(tried)]


def test_no_body_breaks_an_operation(world: World, application: Callable[..., Any]):
    for tried in WRITES:
        for body in spoiled(world.fill(tried.body)):
            with transaction.atomic():
                answer = ask(application, world, str(allowed_caller(tried)), tried, body=body)
                transaction.set_rollback(True)
            assert_tells_nothing(answer, (tried, body))


def test_no_query_breaks_a_read(world: World, application: Callable[..., Any]):
    asked = 0
    for tried in (tried for tried in ROWS if tried.method == "GET" and allowed_caller(tried)):
        caller = str(allowed_caller(tried))
        words = [base64.urlsafe_b64encode(json.dumps([False, *cursor]).encode()).decode() for cursor in CURSORS]
        described = SCHEMA["paths"].get(openapi_path(world, tried), {}).get("get", {}).get("parameters", [])
        names = [each["name"] for each in described if each["in"] == "query"]
        queries = [{"cursor": word} for word in words if "cursor" in names]
        queries += [{name: value} for name in names for value in ("\x00", "-1", "9" * 30, "x" * 5000, "'\"\\;--")]
        for query in queries:
            assert_tells_nothing(ask(application, world, caller, tried, query=query), (tried, query))
        asked += len(queries)
    assert asked > 200


@pytest.mark.parametrize("word", HOSTILE_TAGS)
def test_no_word_in_a_path_breaks_a_page(client: Client, word: str):
    for path in ("/verify/{}/", "/api/v1/certificates/verify/{}/", "/unsubscribe/{}/", "/verify-email/?token={}"):
        assert client.get(path.format(word)).status < 500


def openapi_path(world: World, tried: Row) -> str:
    """The path as the API's document writes it."""
    path = world.fill(tried.path).partition("?")[0]
    route = resolve(path if path.startswith("/") else f"/api/v1/{path}").route
    return "/" + route.replace("<uuid:", "{").replace("<str:", "{").replace(">", "}")


def fields_taken(world: World, tried: Row) -> set[str]:
    """The fields that the document says the operation takes."""
    operation = SCHEMA["paths"][openapi_path(world, tried)][tried.method.lower()]
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = SCHEMA["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return set(schema.get("properties", {}))


def columns() -> set[str]:
    """Every column's and field's name of the house's own tables."""
    ours = [model for model in apps.get_models() if model.__module__.startswith(("apps.", "learninghub."))]
    return {name for model in ours for field in model._meta.concrete_fields for name in (field.name, field.attname)}


def rows_with(value: str) -> list[str]:
    """The house's own rows in which the value stands; keyed answers and messages are rows too."""
    ours = [model for model in apps.get_models() if model.__module__.startswith(("apps.", "learninghub."))]
    return [f"{model.__name__} {row}" for model in ours for row in model._base_manager.values() if value in str(row)]


def test_no_field_is_taken_but_those_that_are_offered(world: World, application: Callable[..., Any]):
    for tried in (tried for tried in WRITES if isinstance(tried.body, dict)):
        caller = str(allowed_caller(tried))
        more = dict.fromkeys(columns() - fields_taken(world, tried) - set(tried.body), CANARY)
        assert len(more) > 50
        with transaction.atomic():
            answer = ask(application, world, caller, tried, json={**more, **world.fill(tried.body)})
            found = rows_with(CANARY)
            transaction.set_rollback(True)
        assert (answer.status, found) == (tried.statuses[caller], []), f"{tried}: {answer.text}"
        assert CANARY not in answer.text


def test_a_field_that_is_taken_would_be_seen(world: World, application: Callable[..., Any]):
    renamed = Row("PATCH", "users/me/", {}, {"display_name": CANARY})
    assert ask(application, world, "learner", renamed, json=renamed.body).status == 200
    assert len(rows_with(CANARY)) >= 1
