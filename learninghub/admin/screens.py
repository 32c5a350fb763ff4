"""The base of every staff screen: rows are found, read, and taken away as a table; what changes them is a deed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction

from learninghub import audit
from learninghub.clock import now
from learninghub.http.csv_file import download

Finder = Callable[[type[Model]], QuerySet[Any]]
"""The rows of another table that its own screen finds by the words looked for."""


class StaffAdmin(ModelAdmin):
    """Rows for staff, read-only but for the screen's `deeds`; the list as it is filtered can be had as a CSV file.

    `people` are the paths to those whom a row belongs to: it is found by whatever they are found by.
    """

    people: ClassVar[Sequence[str]] = ()
    deeds: ClassVar[Sequence[str]] = ()
    list_deeds: ClassVar[Sequence[str]] = ()

    show_full_result_count = False
    list_before_template = "learninghub/admin/list_tools.html"
    list_fullwidth = True
    list_filter_sheet = False

    @property
    def actions_detail(self) -> Sequence[str]:
        return self.deeds

    @property
    def actions_list(self) -> Sequence[str]:
        return self.list_deeds

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def address_of(self, row: Model | None) -> str:
        """The page of the row, or the list."""
        screen = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{screen}_change", args=[row.pk]) if row else reverse(f"{screen}_changelist")

    def holding(self, found: Finder) -> Q:
        """The rows that hold an id of something found where no foreign key leads to it."""
        return Q()

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        of_people = self.admin_site.get_model_admin(get_user_model()).search_fields
        return [*self.search_fields, *(f"{path}__{field}" for path in self.people for field in of_people)]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        def find(model: type[Model]) -> QuerySet[Any]:
            screen = self.admin_site.get_model_admin(model)
            rows: QuerySet[Any] = screen.get_queryset(request).order_by()
            theirs: QuerySet[Any] = screen.get_search_results(request, rows, search_term)[0]
            return theirs

        found, has_twins = super().get_search_results(request, queryset, search_term)
        held = self.holding(find)
        return found | queryset.filter(held) if held and search_term else found, has_twins

    def link(self, row: Model | None, words: object) -> SafeString | str:
        """The words, as a link to the row's page."""
        if row is None:
            return "-"
        screen = self.admin_site.get_model_admin(type(row))
        return format_html('<a class="underline" href="{}">{}</a>', screen.address_of(row), words)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """The deeds that can be done to the row as it is."""
        offered = super().get_actions_detail(request, object_id)
        row = self.get_object(request, str(object_id)) if offered else None
        return [one for one in offered if row is not None and one.method.when(row)]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_csv"
        return [path("csv/", self.admin_site.admin_view(self.as_csv), name=name), *super().get_urls()]

    def as_csv(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list, found and filtered as on the screen, all pages of it; noted in the audit log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = self.get_changelist_instance(request)
        columns = [name for name in shown.list_display if name != "action_checkbox"]
        by: Any = request.user.pk
        audit.record(action=f"{self.opts.label_lower}.exported", by=by, subject=by, now=now())
        return download(
            name=f"{self.opts.verbose_name_plural}",
            header=[label_for_field(name, self.model, self) for name in columns],
            rows=self._cells(shown, columns),
        )

    def _cells(self, shown: ChangeList, columns: Sequence[str]) -> Iterator[list[object]]:
        for row in shown.queryset.iterator(chunk_size=1000):
            yield [self._cell(name, row) for name in columns]

    def _cell(self, name: str, row: Model) -> object:
        field, _, value = lookup_field(name, row, self)
        return display_for_field(value, field, "") if field is not None and field.flatchoices else value
