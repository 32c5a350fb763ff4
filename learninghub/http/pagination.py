"""Keyset pages: a page starts after a row, not at a number, so deep pages cost what the first does."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from learninghub.errors import Invalid

Row = TypeVar("Row")
DEFAULT_SIZE = 20
MAX_SIZE = 100


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for: the one after (or before) the row a cursor names."""

    size: int = DEFAULT_SIZE
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows in order, and the cursors of the pages on either side."""

    results: Sequence[Row]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """The values of a row's order, and whether the page lies before it."""

    values: tuple[Any, ...]
    backwards: bool


def paginate(rows: QuerySet[Any], *, order_by: Sequence[str], page: PageRequest) -> Page[Any]:
    """One page of the rows in this order, in one statement.

    `order_by` names columns that are never null, `-` for descending, and ends in the key. Raises Invalid for a cursor
    that is not of this list.
    """
    position = read_cursor(page.cursor, len(order_by))
    order = [_flipped(field) for field in order_by] if position and position.backwards else list(order_by)
    if position:
        try:
            rows = rows.filter(_after(order, position.values))
        except (ValueError, TypeError, ValidationError) as error:
            raise unknown_cursor() from error
    found = list(rows.order_by(*order)[: page.size + 1])
    has_more = len(found) > page.size
    found = found[: page.size]
    backwards = position is not None and position.backwards
    if backwards:
        found.reverse()
    return page_of(
        found,
        names=[field.lstrip("-") for field in order_by],
        has_next=backwards or has_more,
        has_previous=has_more if backwards else position is not None,
    )


def page_of(rows: Sequence[Row], *, names: Sequence[str], has_next: bool, has_previous: bool) -> Page[Row]:
    """The rows as a page whose cursors are made from the named values of its first and last row."""
    return Page(
        results=rows,
        next=write_cursor(rows[-1], names, backwards=False) if rows and has_next else None,
        previous=write_cursor(rows[0], names, backwards=True) if rows and has_previous else None,
    )


def write_cursor(row: Any, names: Sequence[str], *, backwards: bool) -> str:
    """The place just after the row (or before it) as an opaque word."""
    values = [_write(row[name] if isinstance(row, dict) else getattr(row, name)) for name in names]
    return base64.urlsafe_b64encode(orjson.dumps([backwards, *values])).decode().rstrip("=")


def read_cursor(cursor: str | None, columns: int) -> Position | None:
    """What `write_cursor` wrote; None for the first page. Raises Invalid."""
    if cursor is None:
        return None
    try:
        backwards, *values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise unknown_cursor() from error
    plain = all(isinstance(value, str | int | float) and "\x00" not in str(value) for value in values)
    if not isinstance(backwards, bool) or len(values) != columns or not plain:
        raise unknown_cursor()
    return Position(tuple(values), backwards)


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows behind the position: greater in the first column, or equal there and greater in the next, and so on."""
    first = order[0]
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": values[0]})
    after = Q()
    equal = Q()
    for field, value in zip(order, values, strict=True):
        name = field.lstrip("-")
        after |= equal & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return bound & after


def _flipped(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _write(value: Any) -> str | int | float:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} cannot order a page")


def unknown_cursor() -> Invalid:
    """The error for a cursor that another list gave, or nobody."""
    return Invalid(errors={"cursor": ["This cursor is not one of this list's. Start from the first page."]})
