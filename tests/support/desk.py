"""Staff at their desk: the admin in a browser, and what every screen of it promises."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.test import Client


def desk_of(person: Any) -> Client:
    """A browser in which the person is logged in."""
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(get_user_model().objects.get(id=person.id))
    return browser


def assert_shows(desk: Client, model: type[Model], *, searched: str) -> None:
    """The screen lists, searches and shows the model's first row."""
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    assert desk.get(_address(model)).status_code == 200
    assert desk.get(_address(model), {"q": searched}).status_code == 200
    assert desk.get(f"{_address(model)}{row.pk}/change/").status_code == 200


def assert_changes_nothing(desk: Client, model: type[Model]) -> None:
    """The screen refuses to add, change and delete."""
    rows = model._default_manager.order_by("pk")
    before = rows.values().first()
    assert before is not None
    key = rows.values_list("pk", flat=True)[0]
    for path in ("add/", f"{key}/change/", f"{key}/delete/"):
        assert desk.post(_address(model) + path, {"title": "Other", "post": "yes"}).status_code == 403
    assert rows.values().first() == before


def _address(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def carry_out(desk: Client, row: Model, deed: str, *, asked_from: str = "", **said: Any) -> Any:
    """Opens the deed's page, fills in its form and sends it, as a person would; returns the answer."""
    address = f"{_address(type(row))}{row.pk}/{deed}/" + (f"?{urlencode({'from': asked_from})}" if asked_from else "")
    page = desk.get(address)
    assert page.status_code == 200, f"{address} answers {page.status_code}"
    return desk.post(address, {"once": page.context["form"]["once"].value(), **said})
