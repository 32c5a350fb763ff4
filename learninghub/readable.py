"""Words for people's eyes."""

from django.conf import settings
from django.utils import translation


def in_groups(code: str, *, of: int = 4) -> str:
    """A long code as people read and dictate it: groups parted by hyphens."""
    return "-".join(code[start : start + of] for start in range(0, len(code), of))


def language_for(locale: str) -> str:
    """The nearest of our languages: the words and the dates among them must be of one."""
    try:
        return translation.get_supported_language_variant(locale)
    except LookupError:
        return settings.LANGUAGE_CODE
