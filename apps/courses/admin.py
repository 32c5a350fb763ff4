"""Staff's screens of courses: to look things up; changes go through the API, where facts and rules are."""

from django.contrib import admin

from apps.courses.models import Category, Course, Lesson, Module
from learninghub.admin import StaffAdmin


@admin.register(Category)
class CategoryAdmin(StaffAdmin):
    list_display = ("name", "slug", "parent")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    ordering = ("name", "id")


@admin.register(Course)
class CourseAdmin(StaffAdmin):
    list_display = ("title", "author_name", "state", "language", "level", "learners", "published_at")
    list_filter = ("state", "level", "language")
    search_fields = ("title", "author_name")
    exclude = ("search",)
    ordering = ("-id",)


@admin.register(Module)
class ModuleAdmin(StaffAdmin):
    list_display = ("title", "course", "position", "removed_at")
    list_select_related = ("course",)
    search_fields = ("title", "course__title")
    ordering = ("-id",)


@admin.register(Lesson)
class LessonAdmin(StaffAdmin):
    list_display = ("title", "module", "position", "is_preview", "is_required", "needs_quiz", "removed_at")
    list_select_related = ("module",)
    search_fields = ("title", "module__title", "module__course__title")
    ordering = ("-id",)
