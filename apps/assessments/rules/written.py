"""Written answers: the numbers and words people type, and when they are the right ones."""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

from apps.assessments.types import ToleranceKind

LONGEST_NUMBER = 64

_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NUMBER = re.compile(
    r"""
    (?P<sign>[+-]?)\ ?
    (?P<whole>\d{1,3}(?:\ \d{3})+|\d*)
    (?:[.,\u066b](?P<part>\d*))?
    (?:\ ?(?:e|[x×·⋅*]\ ?10\ ?\^)\ ?(?P<exponent>[+-]?\d{1,3}))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MINUS = str.maketrans("\u2212\u2013", "--")
_PIECE = re.compile(r"\\\*|\\\\|\*|[^*\\]+|\\")
_SPACES = re.compile(r"\s+")


def read_number(text: str) -> Decimal | None:
    """The number somebody wrote, or None: point or comma, groups of three with spaces between, `e` or `·10^`.

    Point and comma are decimal marks and never group digits, as ISO 80000-1 (7.3) has it: 1,000 is one.
    """
    if len(text) > LONGEST_NUMBER:
        return None
    raised = _SUPERSCRIPT.sub(lambda found: "^" + found.group(), text)
    plain = _SPACES.sub(" ", unicodedata.normalize("NFKC", raised).translate(_MINUS).replace("^^", "^"))
    found = _NUMBER.fullmatch(plain.strip())
    if found is None or not (found["whole"] or found["part"]):
        return None
    whole = found["whole"].replace(" ", "") or "0"
    return Decimal(f"{found['sign']}{whole}.{found['part'] or '0'}e{found['exponent'] or '0'}")


def is_near(given: str, answer: str, *, tolerance: Decimal | None, tolerance_kind: ToleranceKind) -> bool:
    """Whether a written number is within the tolerance of the right one, edge included; computed exactly."""
    number, right = read_number(given), read_number(answer)
    if number is None or right is None:
        return False
    margin = Fraction(tolerance or 0)
    if tolerance_kind is ToleranceKind.PERCENT:
        margin = abs(Fraction(right)) * margin / 100
    return abs(Fraction(number) - Fraction(right)) <= margin


def normalise(text: str, *, case_sensitive: bool) -> str:
    """Text as compared: in Unicode's NFKC (UAX #15), one space for many, no case unless it matters."""
    return _folded(text, case_sensitive=case_sensitive).strip()


def matches(given: str, pattern: str, *, case_sensitive: bool) -> bool:
    """Whether a text is what the pattern asks: `*` is any text or none, `\\*` a star.

    An empty text matches nothing.
    """
    text = normalise(given, case_sensitive=case_sensitive)
    pieces = [_folded(piece, case_sensitive=case_sensitive) for piece in _pieces(pattern.strip())]
    if not text:
        return False
    if len(pieces) == 1:
        return text == pieces[0].strip()
    first, *middle, last = pieces[0].lstrip(), *pieces[1:-1], pieces[-1].rstrip()
    position, end = len(first), len(text) - len(last)
    if position > end or not (text.startswith(first) and text.endswith(last)):
        return False
    for piece in middle:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def is_catch_all(pattern: str) -> bool:
    """Whether a pattern asks for nothing in particular."""
    return not any(piece.strip() for piece in _pieces(pattern))


def _folded(text: str, *, case_sensitive: bool) -> str:
    composed = unicodedata.normalize("NFKC", text)
    folded = composed if case_sensitive else unicodedata.normalize("NFKC", composed.casefold())
    return _SPACES.sub(" ", folded)


def _pieces(pattern: str) -> list[str]:
    pieces = [""]
    for piece in _PIECE.findall(pattern):
        if piece == "*":
            pieces.append("")
        else:
            pieces[-1] += {r"\*": "*", "\\\\": "\\"}.get(piece, piece)
    return pieces
