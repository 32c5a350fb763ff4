"""The catalogue: published courses by words, filters and order, a page of it in one statement.

The text of the statement is put together from the constants of this module only; whatever people send is a parameter.
The statement is not prepared on the server: the planner must see the words to know whether they are rare or common.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.courses import rules
from apps.courses.types import Level, Price, Sort
from apps.media import api as media
from learninghub.db.replica import replica_ok, source
from learninghub.http.pagination import Page, PageRequest, Position, page_of, read_cursor, unknown_cursor

CANDIDATES = 1_000
SHOWN = (
    "id, title, summary, language, level, price_amount, currency, capacity, learners, rating::float8 AS rating, "
    "rating_count, author_id, author_name, cover_id, published_at, version"
)


@dataclass(frozen=True, slots=True)
class _Order:
    """A whole order: an expression and the key, both in one direction."""

    name: str
    sql: str
    cast: str
    read: Callable[[Any], Any]
    is_descending: bool


def _integer(value: Any) -> int:
    if not isinstance(value, int) or abs(value) >= 2**31:
        raise ValueError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_ORDERS: Mapping[Sort, _Order] = {
    Sort.RELEVANCE: _Order("rank", "rank", "int", _integer, is_descending=True),
    Sort.NEWEST: _Order("published_at", "published_at", "timestamptz", datetime.fromisoformat, is_descending=True),
    Sort.POPULAR: _Order("learners", "learners", "int", _integer, is_descending=True),
    Sort.RATING: _Order("rating", "rating", "numeric", lambda value: Decimal(str(value)), is_descending=True),
    Sort.CHEAPEST: _Order("price_amount", "price_amount", "int", _integer, is_descending=False),
    Sort.DEAREST: _Order("price_amount", "price_amount", "int", _integer, is_descending=True),
    Sort.TITLE: _Order("title_key", "lower(title)", "text", _text, is_descending=False),
}

_FILTERS = {
    "category": """id IN (
        SELECT shelf.course_id FROM courses_coursecategory shelf WHERE shelf.category_id IN (
            WITH RECURSIVE under AS (
                SELECT top.id FROM courses_category top WHERE top.slug = %(category)s
                UNION SELECT inner_one.id FROM courses_category inner_one JOIN under ON inner_one.parent_id = under.id
            ) SELECT under.id FROM under
        )
    )""",
    "level": "level = %(level)s",
    "language": "(language = %(language)s OR starts_with(language, %(language)s || '-'))",
    "min_rating": "rating >= %(min_rating)s",
    "instructor": """id IN (
        SELECT team.course_id FROM courses_courseinstructor team WHERE team.user_id = %(instructor)s
    )""",
}
_PRICES = {Price.FREE: "price_amount = 0", Price.PAID: "price_amount > 0"}


@replica_ok
def list_published(
    *,
    page: PageRequest,
    q: str = "",
    category: str | None = None,
    level: Level | None = None,
    language: str | None = None,
    price: Price | None = None,
    min_rating: Decimal | None = None,
    instructor: UUID | None = None,
    sort: Sort | None = None,
) -> Page[dict[str, Any]]:
    """A page of the catalogue, in one statement.

    Words must all be found, the last one also as a beginning; by relevance (the default where there are words) at most
    the 1,000 newest finds are ranked, because ranking all finds of a common word costs a hundred times as much. A
    category includes those within it. Raises Invalid for a cursor of another list.
    """
    asked = {
        "category": category,
        "level": level,
        "language": language,
        "min_rating": min_rating,
        "instructor": instructor,
    }
    values: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    conditions = ["state = 'published'", *(_FILTERS[name] for name in values)]
    if price is not None:
        conditions.append(_PRICES[price])
    words = rules.words(q)
    if q.strip():
        conditions.append(f"search @@ {_question(words, language, values)}" if words else "false")
    by_rank = bool(words) and sort in {None, Sort.RELEVANCE}
    order = _ORDERS[
        Sort.RELEVANCE if by_rank else Sort.NEWEST if sort in {None, Sort.RELEVANCE} else sort or Sort.NEWEST
    ]
    source = "courses_course"
    if by_rank:
        source, conditions = _ranked(conditions, _question(words, language, values)), []
    position = read_cursor(page.cursor, 2)
    if position is not None:
        conditions.append(_behind(order, position, values))
    backwards = position is not None and position.backwards
    direction = "DESC" if order.is_descending is not backwards else "ASC"
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = (
        f"SELECT {SHOWN}, {order.sql} AS order_key FROM {source} {where} "  # noqa: S608 - constants of this module
        f"ORDER BY {order.sql} {direction}, id {direction} LIMIT %(limit)s"
    )
    return _page(_rows(statement, values | {"limit": page.size + 1}), page.size, position)


def _question(words: list[str], language: str | None, values: dict[str, Any]) -> str:
    """The words as a tsquery: each as written, or each by its stem. Words are letters and digits, never operators."""
    tag = (language or "").partition("-")[0]
    dictionaries = [rules.DICTIONARIES[tag]] if tag in rules.DICTIONARIES else list(rules.USUAL_DICTIONARIES)
    values["folded"] = " & ".join(rules.fold(word) for word in words) + ":*"
    values["words"] = " & ".join(words) + ":*"
    parts = ["to_tsquery('simple', %(folded)s)", *(f"to_tsquery('{name}', %(words)s)" for name in dictionaries)]
    return f"({' || '.join(parts)})"


def _ranked(conditions: list[str], question: str) -> str:
    """The newest finds with their rank as a whole number, so that a cursor names it exactly."""
    return (
        f"(SELECT *, (ts_rank(search, {question}) * 1000000)::int AS rank FROM ("  # noqa: S608 - constants of this module
        f"SELECT * FROM courses_course WHERE {' AND '.join(conditions)} "
        f"ORDER BY published_at DESC, id DESC LIMIT {CANDIDATES}) newest OFFSET 0) found"
    )


def _behind(order: _Order, position: Position, values: dict[str, Any]) -> str:
    try:
        values["after_value"] = order.read(position.values[0])
        values["after_id"] = UUID(str(position.values[1]))
    except (ValueError, TypeError, ArithmeticError) as error:
        raise unknown_cursor() from error
    sign = "<" if order.is_descending is not position.backwards else ">"
    return f"({order.sql}, id) {sign} (%(after_value)s::{order.cast}, %(after_id)s::uuid)"


def _rows(statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with source().cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _page(rows: list[dict[str, Any]], size: int, position: Position | None) -> Page[dict[str, Any]]:
    has_more, rows = len(rows) > size, rows[:size]
    backwards = position is not None and position.backwards
    if backwards:
        rows.reverse()
    page = page_of(
        rows,
        names=("order_key", "id"),
        has_next=backwards or has_more,
        has_previous=has_more if backwards else position is not None,
    )
    for row in rows:
        del row["order_key"]
        row["cover_url"] = media.public_url(asset_id=row["cover_id"], rendition="card") if row["cover_id"] else None
    return page
