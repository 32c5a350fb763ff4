"""What the writes of users ask of their input: each gives the value as it is kept, or raises Invalid."""

from uuid import UUID

from django.utils.translation import gettext as _

from apps.media import api as media
from apps.media.types import AssetState
from apps.users import rules
from learninghub.errors import Invalid


def checked_address(email: str) -> str:
    """The address in its one spelling."""
    try:
        return rules.normalise_email(email)
    except ValueError:
        raise Invalid(errors={"email": [_("Enter a valid email address.")]}) from None


def checked_name(display_name: str) -> str:
    """The name without what cannot be seen."""
    name = rules.clean_name(display_name)
    if not name:
        raise Invalid(errors={"display_name": [_("This field may not be blank.")]})
    return name


def checked_locale(locale: str) -> str:
    """The language tag in its one spelling."""
    tag = rules.normalise_locale(locale)
    if tag is None:
        raise Invalid(errors={"locale": [_("Give a language as in “en” or “de-AT”.")]})
    return tag


def checked_time_zone(time_zone: str) -> str:
    """The name of a zone in the IANA database."""
    if not rules.is_time_zone(time_zone):
        raise Invalid(errors={"time_zone": [_("Give a time zone as in “Europe/Berlin”.")]})
    return time_zone


def checked_avatar(asset_id: UUID | None, *, owner_id: UUID) -> UUID | None:
    """A picture of the person's own that everyone may see, or none."""
    if asset_id is None:
        return None
    asset = media.get_assets(ids=[asset_id]).get(asset_id)
    fits = asset and asset.owner_id == owner_id and asset.is_public and asset.width and asset.state is AssetState.READY
    if not fits:
        raise Invalid(errors={"avatar_id": [_("Give a public picture of your own.")]})
    return asset_id
