"""Puts our site in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default = False
    default_site = "config.admin.site.Desk"
