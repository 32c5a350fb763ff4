"""What everybody is shown alike, signed in or not: kept for some minutes, and renewed when a course changes."""

from typing import Any
from urllib.parse import urlencode

from apps.courses.queries import catalogue, courses
from learninghub import caching
from learninghub.http.pagination import Page, PageRequest

SCOPE = "courses"
_PAGE_SECONDS = 60.0  # added to the five minutes of the page that the nameless are given
_TREE_SECONDS = 540.0  # and up to a tenth more: never longer than ten minutes


def list_published(*, page: PageRequest, **asked: Any) -> Page[dict[str, Any]]:
    """The page of the catalogue; first pages are kept, unless they answer somebody's own words."""
    if page.cursor or asked.get("q"):
        return catalogue.list_published(page=page, **asked)

    def make() -> dict[str, Any]:
        made = catalogue.list_published(page=page, **asked)
        return {"results": made.results, "next": made.next, "previous": made.previous}

    filters = urlencode(sorted((name, str(value)) for name, value in asked.items() if value is not None))
    key = caching.key(app="courses", what="catalogue", of=f"{page.size} {filters}")
    return Page(**caching.remember(key, SCOPE, _PAGE_SECONDS, make))


def list_categories() -> Any:
    """The tree of categories."""
    key = caching.key(app="courses", what="categories", of="all")
    return caching.remember(key, SCOPE, _TREE_SECONDS, courses.list_categories)
