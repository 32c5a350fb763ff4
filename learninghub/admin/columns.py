"""What a screen shows of a row beyond its own columns: money as people write it, and tables of what belongs to it."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from learninghub.money import in_major


def money(field: str) -> Callable[[Any], Decimal]:
    """A column of amounts in whole units of the row's currency, which stands in a column of its own."""

    @admin.display(description=field.replace("_", " "), ordering=field)
    def shown(row: Any) -> Decimal:
        return in_major(getattr(row, field), row.currency)

    return shown


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> SafeString | str:
    """The rows under their headings; a dash where there are none."""
    cells = [[display_for_value(cell, "") for cell in row] for row in rows]
    if not cells:
        return "-"
    head = format_html_join("", '<th scope="col">{}</th>', ((column,) for column in columns))
    lines = format_html_join("", f"<tr>{'<td>{}</td>' * len(columns)}</tr>", cells)
    page = '<div class="belongings"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    return format_html(page, head, lines)
