"""The base of every staff screen: what has no action is only to be read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class StaffAdmin(admin.ModelAdmin):
    """Read-only rows for staff; a screen that changes something calls an action and says so itself."""

    show_full_result_count = False

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
