"""Staff's screens of courses: to look things up, to archive, and to keep the shelves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin

from apps.courses.actions import categories, courses
from apps.courses.models import Category, Course, Lesson, Module
from apps.courses.types import CourseState
from learninghub.admin import Questions, StaffAdmin, deed, list_deed


class NewCategory(Questions):
    """A category to be."""

    slug = forms.SlugField(max_length=60, help_text="In addresses and filters; it stays as it is.")
    name = forms.CharField(max_length=120)
    parent = forms.SlugField(max_length=60, required=False, help_text="The slug of the category it stands in, if any.")


class CategoryName(Questions):
    """Another name for a category."""

    name = forms.CharField(max_length=120)

    @classmethod
    def about(cls, row: Category) -> Mapping[str, Any]:
        return {"name": row.name}


@admin.register(Category)
class CategoryAdmin(StaffAdmin):
    list_display = ("name", "slug", "parent")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    ordering = ("name", "id")
    deeds = ["rename"]
    list_deeds = ["add_category"]

    @list_deed("Add a category", asks=NewCategory)
    def add_category(self, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        categories.add_category(slug=said["slug"], name=said["name"], parent_slug=said["parent"], by=by, now=now)

    @deed("Rename", asks=CategoryName, icon="edit")
    def rename(self, category: Category, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        categories.rename_category(slug=category.slug, name=said["name"], by=by, now=now)


@admin.register(Course)
class CourseAdmin(StaffAdmin):
    list_display = ("title", "author_name", "state", "language", "level", "learners", "published_at")
    list_filter = ("state", "level", "language")
    search_fields = ("title",)
    people = ("author",)
    exclude = ("search",)
    ordering = ("-id",)
    deeds = ["archive"]

    @deed("Archive", when=lambda course: course.state == CourseState.PUBLISHED, icon="archive")
    def archive(self, course: Course, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        courses.archive_course(course_id=course.id, by=by, now=now)


@admin.register(Module)
class ModuleAdmin(StaffAdmin):
    list_display = ("title", "course", "position", "removed_at")
    list_select_related = ("course",)
    search_fields = ("title", "course__title")
    people = ("course__author",)
    ordering = ("-id",)


@admin.register(Lesson)
class LessonAdmin(StaffAdmin):
    list_display = ("title", "module", "position", "is_preview", "is_required", "needs_quiz", "removed_at")
    list_select_related = ("module",)
    search_fields = ("title", "module__title", "module__course__title")
    people = ("module__course__author",)
    ordering = ("-id",)
