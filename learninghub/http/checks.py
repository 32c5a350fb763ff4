"""Default deny, proven at start: every method of every view names its rule."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from learninghub.http.permissions import Rule
from learninghub.http.views import View


def operations(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[tuple[str, str, type[View]]]:
    """Every (method, route, view) of the API, in the order of the URL configuration."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from operations(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, View):
                for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                    if hasattr(view, method.lower()):
                        yield method, route, view


@register
def every_operation_names_its_rule(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Fails for a method without a rule, and for a rule that is not one."""
    return [
        Error(f"{method} {route}: {view.__name__} names no rule for it", id="learninghub.E001")
        for method, route, view in operations()
        if not (isinstance(rule := view.rules.get(method), type) and issubclass(rule, Rule))
    ]
