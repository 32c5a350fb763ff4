"""Facts: what they look like, who hears them, and how they are written down and read back."""

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, dataclass_transform
from uuid import UUID

Plain = str | int | bool | None
Fact = TypeVar("Fact")

_NAME = re.compile(r"(?P<app>[a-z]+)\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*")
_READ: dict[type, Callable[[Any], Any]] = {
    str: str,
    int: int,
    bool: bool,
    UUID: UUID,
    datetime: datetime.fromisoformat,
    Decimal: Decimal,
}
_WRITE: dict[type, Callable[[Any], Plain]] = {UUID: str, datetime: datetime.isoformat, Decimal: str}


class UnknownFact(LookupError):
    """No class states a fact of this name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fact: its class, the app that states it, and the field that names its aggregate."""

    name: str
    app: str
    key: str
    cls: type
    readers: Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Handler:
    """One app's ear for one kind of fact."""

    name: str
    app: str
    kind: Kind
    function: Callable[[Any], None]


_kinds: dict[str, Kind] = {}
_kind_of: dict[type, Kind] = {}
_handlers: dict[str, Handler] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, *, key: str) -> Callable[[type[Fact]], type[Fact]]:
    """Makes a frozen, keyword-only fact of the class and enters it under its name.

    Raises TypeError at import when the name is malformed, taken, or not of the stating app, when a field is not plain
    (str, int, bool, UUID, datetime, Decimal, or one of them or None), or when `key` is not one of its fields.
    """

    def make(cls: type[Fact]) -> type[Fact]:
        match = _NAME.fullmatch(name)
        if match is None:
            raise TypeError(f"{name}: a fact is named app.something_happened.v1")
        app = match["app"]
        if cls.__module__ != f"apps.{app}.events":
            raise TypeError(f"{name}: only apps.{app}.events may state it, not {cls.__module__}")
        if name in _kinds:
            raise TypeError(f"{name}: stated twice")
        fact = dataclass(frozen=True, kw_only=True, slots=True)(cls)
        readers = {field: _reader(name, field, hint) for field, hint in typing.get_type_hints(fact).items()}
        if key not in readers:
            raise TypeError(f"{name}: its key {key!r} is not one of its fields")
        _kinds[name] = _kind_of[fact] = Kind(name, app, key, fact, types.MappingProxyType(readers))
        return fact

    return make


def handles(fact: type[Fact]) -> Callable[[Callable[[Fact], None]], Callable[[Fact], None]]:
    """Enters the function as one that hears this fact; its name becomes `app.function`."""

    def enter(function: Callable[[Fact], None]) -> Callable[[Fact], None]:
        app = function.__module__.split(".")[1]
        name = f"{app}.{function.__name__}"
        if name in _handlers:
            raise TypeError(f"{name}: two handlers of one name")
        _handlers[name] = Handler(name, app, kind_of(fact), function)
        return function

    return enter


def kind_of(fact: type) -> Kind:
    """The kind of a fact's class."""
    return _kind_of[fact]


def kinds() -> list[Kind]:
    """Every kind of fact, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def handlers() -> list[Handler]:
    """Every handler, by name."""
    return [_handlers[name] for name in sorted(_handlers)]


def handlers_of(name: str) -> list[Handler]:
    """Those who hear the fact of this name; raises UnknownFact."""
    if name not in _kinds:
        raise UnknownFact(name)
    return [handler for handler in handlers() if handler.kind.name == name]


def handler(name: str) -> Handler:
    """The handler of this name; raises UnknownFact."""
    if name not in _handlers:
        raise UnknownFact(name)
    return _handlers[name]


def dump(fact: object) -> dict[str, Plain]:
    """The fact's fields as plain JSON values."""
    return {field.name: encode(getattr(fact, field.name)) for field in dataclasses.fields(fact)}  # type: ignore[arg-type]


def load(name: str, payload: Mapping[str, Any]) -> Any:
    """The fact of this name from what `dump` wrote; fields it does not know are passed over.

    Raises UnknownFact, and KeyError or ValueError where the payload does not fit.
    """
    if name not in _kinds:
        raise UnknownFact(name)
    kind = _kinds[name]
    return kind.cls(**{field: read(payload[field]) for field, read in kind.readers.items()})


def encode(value: Any) -> Plain:
    """One plain value as JSON knows it."""
    write = _WRITE.get(type(value))
    plain: Plain = value if write is None else write(value)
    return plain


def decoder(hint: Any) -> Callable[[Any], Any]:
    """What reads a value of this type back from JSON; raises TypeError where the type is not plain."""
    allowed = [part for part in typing.get_args(hint) if part is not types.NoneType] or [hint]
    optional = types.NoneType in typing.get_args(hint)
    if len(allowed) != 1 or allowed[0] not in _READ:
        raise TypeError(f"{hint} is not plain")
    read = _READ[allowed[0]]
    return (lambda value: None if value is None else read(value)) if optional else read


def _reader(name: str, field: str, hint: Any) -> Callable[[Any], Any]:
    try:
        return decoder(hint)
    except TypeError as error:
        raise TypeError(f"{name}.{field}: {error}") from None
