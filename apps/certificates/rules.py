"""Pure rules: what a code looks like, and how words fit on paper."""

import unicodedata
from collections.abc import Sequence

from apps.certificates.types import Wording

# Crockford's base 32: no I, L, O or U, so that nothing is misread and nothing is spelt. 28 x 5 = 140 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 28
_MISREAD = str.maketrans("OIL", "011")

_SIZES = ("xl", "l", "m", "s", "xs", "xxs")
# How many average small letters each size takes; what is longer than the last gets the smallest.
NAME_STEPS = (26, 32, 42, 56, 150)
COURSE_STEPS = (43, 53, 100, 220, 420)
INSTRUCTOR_STEPS = (26, 26, 31, 70, 150)


def normalise_code(typed: str) -> str | None:
    """The code someone typed, whatever the case, spaces and dashes, with O read as 0, and I and L as 1.

    None for what cannot be a code. Source: crockford.com/base32.html.
    """
    if len(typed) > 4 * CODE_LENGTH:
        return None
    kept = "".join(char for char in typed.upper() if unicodedata.category(char) not in {"Pd", "Zs", "Cf", "Cc"})
    code = kept.translate(_MISREAD)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def wording(text: str, *, steps: Sequence[int], locale: str) -> Wording:
    """The text with the largest size in which it fits, its direction and its language's shapes."""
    room = width(text)
    size = next((name for name, most in zip(_SIZES, steps, strict=False) if room <= most), _SIZES[-1])
    return Wording(text=text, size=size, direction=direction(text), language=language(text, locale=locale))


def width(text: str) -> float:
    """About how wide the text is, in average small letters."""
    return sum(_width(char) for char in text)


def direction(text: str) -> str:
    """Which way the text runs: by its first strong character (Unicode's bidirectional algorithm, rules P2 and P3)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"


def language(text: str, *, locale: str) -> str:
    """The language whose shapes Chinese characters get; empty where there are none.

    Kana speak for Japanese and Hangul for Korean; else the reader's own locale does, and at last simplified Chinese.
    """
    names = " ".join(unicodedata.name(char, "") for char in text)
    if "HIRAGANA" in names or "KATAKANA" in names:
        return "ja"
    if "HANGUL" in names:
        return "ko"
    if "CJK" not in names:
        return ""
    if locale[:2] in {"ja", "ko"}:
        return locale[:2]
    return "zh-Hant" if locale.lower().startswith(("zh-hant", "zh-tw", "zh-hk")) else "zh-Hans"


def _width(char: str) -> float:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.east_asian_width(char) in {"W", "F"}:
        return 1.9
    if char in "MWmwШЩЖЮ@%":
        return 1.8
    return 1.4 if char.isupper() else 1
