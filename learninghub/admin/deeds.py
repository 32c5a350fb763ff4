"""Deeds: what staff can do to a row, each a page with a form that calls one action.

    @deed("Suspend", asks=Reason, when=lambda user: user.is_active)
    def suspend(self, user, said, *, by, now):
        actions.suspend(user_id=user.id, reason=said["reason"], by=by, now=now)

What the action refuses is told on the form, also that the database is busy, and nothing has happened; a form sent
twice is carried out once.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, cast
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.decorators import action
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES

from learninghub.clock import now as present
from learninghub.db.repeating import repeated
from learninghub.errors import DomainError
from learninghub.http.idempotency import claim
from learninghub.http.problem import as_domain_error

FROM = "from"
_CLASSES: tuple[tuple[type[forms.Widget], list[str]], ...] = (
    (forms.HiddenInput, []),
    (forms.CheckboxInput, CHECKBOX_CLASSES),
    (forms.Textarea, TEXTAREA_CLASSES),
    (forms.Select, SELECT_CLASSES),
    (forms.Widget, INPUT_CLASSES),
)


class Questions(forms.Form):
    """What a deed asks before it is done; without fields of its own it only asks whether one is sure.

    `about(row)` gives what the fields hold at first; `row` is None where the deed concerns none yet.
    """

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *positional: Any, row: Any = None, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.row = row
        for field in self.fields.values():
            classes = next(classes for kind, classes in _CLASSES if isinstance(field.widget, kind))
            field.widget.attrs["class"] = " ".join(classes)
        asked = [field.widget for field in self.fields.values() if not field.widget.is_hidden]
        for first in asked[:1]:
            first.attrs["autofocus"] = True

    @classmethod
    def about(cls, row: Any) -> Mapping[str, Any]:
        return {}

    def tell(self, problem: DomainError) -> None:
        """Says on the form what the action refused, at the fields it names where there are such."""
        named = {name: words for name, words in problem.extras.get("errors", {}).items() if name in self.fields}
        for name, words in named.items():
            self.add_error(name, words)
        if not named:
            self.add_error(None, problem.detail or problem.title())


class Reason(Questions):
    """Asks why; the answer goes into the audit log, and where the deed says so to the person."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class RowDeed(Protocol):
    """Does something to a row; what it returns is told to who did it."""

    __name__: str

    def __call__(self, screen: Any, row: Any, said: dict[str, Any], /, *, by: UUID, now: datetime) -> str | None: ...


class ListDeed(Protocol):
    """Does something that concerns no row yet, such as adding one."""

    __name__: str

    def __call__(self, screen: Any, said: dict[str, Any], /, *, by: UUID, now: datetime) -> str | None: ...


def deed(
    label: str, *, asks: type[Questions] = Questions, when: Callable[[Any], bool] = bool, icon: str = "play_arrow"
) -> Callable[[RowDeed], Any]:
    """A deed on one row, offered on its page `when` that is so; otherwise it answers 404."""

    def named(carry_out: RowDeed) -> Any:
        @wraps(carry_out)
        def view(screen: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            row = screen.get_object(request, object_id)
            if row is None or not when(row):
                raise Http404
            back = _where_from(request) or screen.address_of(row)

            def act(said: dict[str, Any], by: UUID, now: datetime) -> str | None:
                return carry_out(screen, row, said, by=by, now=now)

            return _page(screen, request, label, asks, act, row=row, back=back)

        offered = action(view, description=label, url_path=_path(carry_out), permissions=["view"], icon=icon)
        offered.when = when  # unfold keeps what it knows of an action on the function
        return offered

    return named


def list_deed(label: str, *, asks: type[Questions], icon: str = "add") -> Callable[[ListDeed], Any]:
    """A deed of the list as a whole, offered above it."""

    def named(carry_out: ListDeed) -> Any:
        @wraps(carry_out)
        def view(screen: Any, request: HttpRequest) -> HttpResponse:
            def act(said: dict[str, Any], by: UUID, now: datetime) -> str | None:
                return carry_out(screen, said, by=by, now=now)

            return _page(screen, request, label, asks, act, row=None, back=screen.address_of(None))

        return action(view, description=label, url_path=_path(carry_out), permissions=["view"], icon=icon)

    return named


def _where_from(request: HttpRequest) -> str:
    """The page of ours that led to the deed, where the address says so."""
    page = request.GET.get(FROM, "")
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else ""


def _path(carry_out: RowDeed | ListDeed) -> str:
    return carry_out.__name__.replace("_", "-")


def _page(
    screen: Any,
    request: HttpRequest,
    label: str,
    asks: type[Questions],
    act: Callable[[dict[str, Any], UUID, datetime], str | None],
    *,
    row: Model | None,
    back: str,
) -> HttpResponse:
    form = asks(request.POST or None, initial=asks.about(row) if row else None, row=row)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        by = cast("UUID", request.user.pk)  # the screen's permission has asked for staff
        key = f"deed:{said.pop('once')}"
        try:
            told = repeated(lambda: _once(key, lambda: act(said, by, present()), by=by))
        except (DomainError, DatabaseError) as error:
            problem = as_domain_error(error)
            if problem is None:
                raise
            form.tell(problem)
        else:
            messages.success(request, told or f"Done: {label}")
            return redirect(back)
    context = {
        **screen.admin_site.each_context(request),
        "title": label,
        "opts": screen.opts,
        "original": row,
        "form": form,
        "back": back,
    }
    return TemplateResponse(request, "learninghub/admin/deed.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _once(key: str, carry_out: Callable[[], str | None], *, by: UUID) -> str | None:
    return carry_out() if claim(caller_id=by, key=key) else None
