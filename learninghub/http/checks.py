"""Default deny, proven at start: every method of every view names its rule."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from learninghub.http.permissions import Rule
from learninghub.http.views import View


def operations() -> Iterator[tuple[str, str, type[View]]]:
    """Every (method, route, view) of the API, in the order of the URL configuration."""
    for route, view in _routes(get_resolver().url_patterns):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if view and hasattr(view, method.lower()):
                yield method, route, view


@register
def every_operation_names_its_rule(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Fails for a method without a rule, for a rule that is not one, and for a view that cannot have any."""
    return [
        *(
            Error(f"{route}: its view names no rules", id="learninghub.E002")
            for route, view in _routes(get_resolver().url_patterns)
            if view is None and route.startswith("/api/v1/")
        ),
        *(
            Error(f"{method} {route}: {view.__name__} names no rule for it", id="learninghub.E001")
            for method, route, view in operations()
            if not (isinstance(rule := view.rules.get(method), type) and issubclass(rule, Rule))
        ),
    ]


def _routes(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, type[View] | None]]:
    """Every route below the prefix, and its view where it is one of ours."""
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
            yield route, view if isinstance(view, type) and issubclass(view, View) else None
