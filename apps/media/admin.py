"""Staff's screens of files: to look things up."""

from django.contrib import admin

from apps.media.models import Asset, Rendition
from learninghub.admin import StaffAdmin


@admin.register(Asset)
class AssetAdmin(StaffAdmin):
    list_display = ("filename", "owner", "purpose", "media_type", "size", "state", "reason", "created_at")
    list_filter = ("state", "purpose", "is_public")
    list_select_related = ("owner",)
    search_fields = ("filename", "sha256")
    people = ("owner",)
    ordering = ("-id",)


@admin.register(Rendition)
class RenditionAdmin(StaffAdmin):
    list_display = ("asset", "name", "width", "height", "size")
    list_select_related = ("asset",)
    search_fields = ("asset__filename",)
    people = ("asset__owner",)
    ordering = ("-id",)
