"""Staff screens of content: what was imported, and the report on every element of it."""

from collections import Counter

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.content.models import Import
from learninghub.admin import StaffAdmin, table


@admin.register(Import)
class ImportAdmin(StaffAdmin):
    list_display = ["filename", "requested_by", "state", "written", "error_code", "created_at", "finished_at"]
    list_filter = ["state", "error_code"]
    list_select_related = ["requested_by"]
    search_fields = ["filename", "course__title"]
    people = ["requested_by"]
    ordering = ["-id"]
    fields = [
        "filename", "requested_by", "state", "course", "written", "error_code", "error_detail",
        "created_at", "finished_at", "outcomes", "what_became",
    ]  # fmt: skip

    @admin.display(description="Outcomes")
    def outcomes(self, wish: Import) -> str:
        """How many elements of the source ended how."""
        counted = Counter(line["outcome"] for line in wish.report)
        return ", ".join(f"{count} {outcome}" for outcome, count in counted.most_common())

    @admin.display(description="What became of each element")
    def what_became(self, wish: Import) -> SafeString | str:
        """The report as a table."""
        columns = ("element", "title", "source", "outcome", "detail")
        lines = ([line[name] for name in columns] for line in wish.report)
        return table([name.capitalize() for name in columns], lines)
