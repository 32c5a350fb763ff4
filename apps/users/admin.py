"""Staff screens of users: people, to be read and found by address and name."""

from django.contrib import admin

from apps.users.models import User
from learninghub.admin import StaffAdmin


@admin.register(User)
class UserAdmin(StaffAdmin):
    list_display = ["email", "display_name", "roles", "is_active", "email_verified_at", "created_at"]
    list_filter = ["is_active"]
    search_fields = ["email", "display_name"]
    ordering = ["-id"]
    exclude = ["password"]
