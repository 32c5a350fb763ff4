"""The shelves of the catalogue."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.courses import rules
from apps.courses.models import Category
from apps.courses.queries.shared import SCOPE
from learninghub import caching
from learninghub.errors import Invalid


@transaction.atomic
def add_category(*, slug: str, name: str, by: UUID, now: datetime, parent_slug: str | None = None) -> UUID:
    """The category of this slug, made now if there is none, within another one where `parent_slug` says so.

    Returns its id. Raises Invalid when there is no such parent.
    """
    parent = Category.objects.filter(slug=parent_slug).first() if parent_slug else None
    if parent_slug and parent is None:
        raise Invalid(errors={"parent": [f"There is no category {parent_slug}."]})
    category, is_new = Category.objects.get_or_create(slug=slug, defaults={"name": rules.clean(name), "parent": parent})
    if is_new:
        caching.bump(SCOPE)
    return category.id


@transaction.atomic
def rename_category(*, slug: str, name: str, by: UUID, now: datetime) -> None:
    """Gives the category another name; its slug, which addresses and filters use, stays."""
    if Category.objects.filter(slug=slug).exclude(name=name).update(name=rules.clean(name)):
        caching.bump(SCOPE)
