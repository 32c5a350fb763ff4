"""What a fact may be, and that it survives being written down."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learninghub import events
from learninghub.events import event, handles


def state(name: str, *, key: str = "thing_id", module: str | None = None, **fields: Any) -> type:
    cls = type("Happened", (), {"__annotations__": {"thing_id": UUID} | fields})
    cls.__module__ = module or f"apps.{name.split('.', maxsplit=1)[0]}.events"
    return event(name, key=key)(cls)


@pytest.fixture(autouse=True)
def _own_kinds(monkeypatch: pytest.MonkeyPatch):
    for table in ("_kinds", "_kind_of", "_handlers"):
        monkeypatch.setattr(events, table, dict(getattr(events, table)))


def test_a_fact_is_frozen_named_and_keyword_only():
    fact = state("courses.thing_happened.v1", count=int)(thing_id=UUID(int=1), count=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.count = 3
    with pytest.raises(TypeError):
        type(fact)(UUID(int=1), 2)
    assert events.kind_of(type(fact)).name == "courses.thing_happened.v1"


@pytest.mark.parametrize(
    "claim",
    [
        {"name": "courses.ThingHappened.v1"},
        {"name": "courses.thing_happened"},
        {"name": "courses.thing_happened.v0"},
        {"name": "courses.thing_happened.v1", "module": "apps.users.events"},
        {"name": "courses.thing_happened.v1", "module": "apps.courses.actions"},
        {"name": "courses.thing_happened.v1", "key": "other_id"},
        {"name": "courses.thing_happened.v1", "list_of": list},
        {"name": "courses.thing_happened.v1", "either": int | str},
        {"name": "courses.thing_happened.v1", "share": float},
    ],
    ids=str,
)
def test_what_is_no_fact_stops_the_import(claim: dict[str, Any]):
    with pytest.raises(TypeError):
        state(**claim)


def test_a_name_is_stated_once():
    state("courses.thing_happened.v1")
    with pytest.raises(TypeError, match="twice"):
        state("courses.thing_happened.v1")


def test_handlers_are_named_by_their_app():
    fact = state("courses.thing_happened.v1")

    def note_the_thing(event: Any) -> None: ...

    note_the_thing.__module__ = "apps.reviews.handlers"
    handles(fact)(note_the_thing)
    assert [handler.name for handler in events.handlers_of("courses.thing_happened.v1")] == ["reviews.note_the_thing"]
    with pytest.raises(TypeError, match="two handlers"):
        handles(fact)(note_the_thing)


@given(
    number=st.integers(-(2**53), 2**53),
    word=st.text(),
    yes=st.booleans(),
    at=st.datetimes(timezones=st.just(UTC)),
    share=st.decimals(allow_nan=False, allow_infinity=False),
    other=st.none() | st.uuids(),
)
def test_every_plain_value_comes_back_as_it_went(number, word, yes, at, share, other):
    fields = {"number": int, "word": str, "yes": bool, "at": datetime, "share": Decimal, "other": UUID | None}
    name = f"courses.thing_{'x' * (len(events._kinds) + 1)}.v1"
    cls = state(name, **fields)
    fact = cls(thing_id=UUID(int=7), number=number, word=word, yes=yes, at=at, share=share, other=other)
    assert events.load(name, events.dump(fact)) == fact


def test_an_older_reader_passes_over_new_fields():
    cls = state("courses.thing_happened.v1")
    assert events.load("courses.thing_happened.v1", {"thing_id": str(UUID(int=1)), "new": 1}) == cls(
        thing_id=UUID(int=1)
    )


def test_an_unknown_fact_is_named():
    with pytest.raises(events.UnknownFact):
        events.load("courses.never_happened.v1", {})


@pytest.mark.parametrize("kind", events.kinds(), ids=lambda kind: kind.name)
def test_every_fact_of_the_house_says_what_it_means(kind: events.Kind):
    assert (kind.cls.__doc__ or kind.cls.__name__).split("(")[0] != kind.cls.__name__
    assert kind.key.endswith("_id")
