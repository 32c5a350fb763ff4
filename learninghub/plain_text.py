"""Plain text as people type it, made fit to be kept and shown."""

import re
import unicodedata

# Control characters but line ends and tabs, and what turns the direction of the words after it.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def paragraphs(text: str) -> str:
    """Several lines: composed, line ends as one character, without other control characters or space at the ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", lines).strip()
