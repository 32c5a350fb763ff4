"""What a call may say: shapes of parameters, read from strings, refused in Stripe's words.

A parameter that is not described is refused, also where the real one would take it: the sandbox ignores nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.stripe.errors import Refused, invalid

Read = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Required:
    """A field that must be there."""

    read: Read


class Fields:
    """A branch with these names and no other."""

    def __init__(self, **known: Read | Required) -> None:
        self.known = known

    def __call__(self, given: Any, where: str) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise invalid(f"Invalid object: {where}", param=where)
        for name in given:
            if name not in self.known:
                raise _unknown(_inside(where, name))
        found = {}
        for name, shape in self.known.items():
            path = _inside(where, name)
            if name in given:
                found[name] = (shape.read if isinstance(shape, Required) else shape)(given[name], path)
            elif isinstance(shape, Required):
                raise invalid(f"Missing required param: {path}.", param=path, code="parameter_missing")
        return found


@dataclass(frozen=True)
class Many:
    """A list of things of one shape."""

    shape: Read
    most: int = 100

    def __call__(self, given: Any, where: str) -> list[Any]:
        if not isinstance(given, list):
            raise invalid(f"Invalid array: {where}", param=where)
        if len(given) > self.most:
            raise invalid(f"Too many items in {where}: at most {self.most}.", param=where)
        return [self.shape(item, f"{where}[{number}]") for number, item in enumerate(given)]


class Choice:
    """One of these words."""

    def __init__(self, *values: str) -> None:
        self.values = values

    def __call__(self, given: Any, where: str) -> str:
        if given not in self.values:
            raise invalid(f"Invalid {where}: must be one of {', '.join(self.values)}", param=where)
        return str(given)


def text(*, most: int = 5000) -> Read:
    def read(given: Any, where: str) -> str:
        if not isinstance(given, str):
            raise invalid(f"Invalid string: {where}", param=where)
        if len(given) > most:
            raise invalid(f"Invalid string: {where} must be at most {most} characters", param=where)
        return given

    return read


def whole(*, least: int = 0, most: int = 99_999_999) -> Read:
    def read(given: Any, where: str) -> int:
        if not isinstance(given, str) or not given.removeprefix("-").isdecimal():
            raise invalid(f"Invalid integer: {given}", param=where, code="parameter_invalid_integer")
        if int(given) < least:
            raise invalid(f"This value must be greater than or equal to {least}.", param=where)
        if int(given) > most:
            raise invalid(f"This value must be less than or equal to {most}.", param=where)
        return int(given)

    return read


def moment(given: Any, where: str) -> int:
    """Seconds since 1970."""
    seconds: int = whole(most=2**53)(given, where)
    return seconds


def flag(given: Any, where: str) -> bool:
    return bool(Choice("true", "false")(given, where) == "true")


def url(given: Any, where: str) -> str:
    found: str = text()(given, where)
    if urlsplit(found).scheme not in {"http", "https"} or not urlsplit(found).netloc:
        raise invalid("Not a valid URL", param=where, code="url_invalid")
    return found


def currency(given: Any, where: str) -> str:
    if not isinstance(given, str) or len(given) != 3 or not given.isalpha() or not given.isascii():
        raise invalid(f"Invalid currency: {given}", param=where)
    return given.lower()


def email(given: Any, where: str) -> str:
    found: str = text(most=512)(given, where)
    name, _, domain = found.rpartition("@")
    if not name or "." not in domain or " " in found:
        raise invalid(f"Invalid email address: {found}", param=where, code="email_invalid")
    return found


def metadata(given: Any, where: str) -> dict[str, str]:
    """At most 50 words of at most 40 characters, each with at most 500."""
    if given == "":
        return {}
    if not isinstance(given, Mapping):
        raise invalid(f"Invalid hash: {where}", param=where)
    if len(given) > 50:
        raise invalid(f"{where} can hold at most 50 keys", param=where)
    for name, value in given.items():
        if len(name) > 40:
            raise invalid(f"Metadata keys can be at most 40 characters: {name}", param=f"{where}[{name}]")
        text(most=500)(value, f"{where}[{name}]")
    return dict(given)


def bounds(given: Any, where: str) -> dict[str, int]:
    """A time, or bounds of one: `created=5`, `created[gte]=5`."""
    if isinstance(given, str):
        return {"gte": moment(given, where), "lte": moment(given, where)}
    found: dict[str, int] = Fields(gt=moment, gte=moment, lt=moment, lte=moment)(given, where)
    return found


def _inside(where: str, name: str) -> str:
    return f"{where}[{name}]" if where else name


def _unknown(where: str) -> Refused:
    return invalid(f"Received unknown parameter: {where}", param=where, code="parameter_unknown")
