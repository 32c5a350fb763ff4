"""The packaged fonts, and which of them a text needs."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Face:
    """One file of `fonts/`, and the characters for which it is loaded (None: always)."""

    family: str
    file: str
    characters: str | None = None
    style: str = "normal"

    def is_needed(self, text: str) -> bool:
        return self.characters is None or re.search(f"[{self.characters}]", text) is not None

    def css(self) -> str:
        return (
            f"@font-face {{ font-family: '{self.family}'; src: url(asset:///{self.file}.woff2);"
            f" font-style: {self.style}; font-weight: 400 }}"
        )


def _script(name: str, characters: str, *, family: str = "Noto Serif") -> Face:
    return Face(f"{family} {name}", f"{family.replace(' ', '')}{name}-Regular", characters)


_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# Latin, Greek and Cyrillic are in the first three. The order is that of the fallback.
FACES = (
    Face("Noto Serif Display", "NotoSerifDisplay-Regular"),
    Face("Noto Serif Display", "NotoSerifDisplay-Italic", style="italic"),
    Face("Noto Serif", "NotoSerif-Regular"),
    Face("Noto Sans", "NotoSans-Regular"),
    _script("Arabic", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff", family="Noto Naskh"),
    _script("Hebrew", "\u0590-\u05ff\ufb1d-\ufb4f"),
    _script("Devanagari", "\u0900-\u097f\ua8e0-\ua8ff"),
    _script("Bengali", "\u0980-\u09ff"),
    _script("Gurmukhi", "\u0a00-\u0a7f"),
    _script("Gujarati", "\u0a80-\u0aff"),
    _script("Oriya", "\u0b00-\u0b7f", family="Noto Sans"),
    _script("Tamil", "\u0b80-\u0bff"),
    _script("Telugu", "\u0c00-\u0c7f"),
    _script("Kannada", "\u0c80-\u0cff"),
    _script("Malayalam", "\u0d00-\u0d7f"),
    _script("Sinhala", "\u0d80-\u0dff"),
    _script("Thai", "\u0e00-\u0e7f"),
    _script("Lao", "\u0e80-\u0eff"),
    _script("Myanmar", "\u1000-\u109f\uaa60-\uaa7f"),
    _script("Georgian", "\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f"),
    _script("Ethiopic", "\u1200-\u139f\u2d80-\u2ddf\uab00-\uab2f"),
    _script("Khmer", "\u1780-\u17ff\u19e0-\u19ff"),
    _script("Armenian", "\u0530-\u058f\ufb13-\ufb17"),
    _script("CJK", _HAN + "\u3000-\u30ff\u3131-\u318e\u31f0-\u31ff\uac00-\ud7a3\uff00-\uffef"),
    _script("Math", "\u2100-\u22ff\u27c0-\u27ff\u2900-\u2aff\U0001d400-\U0001d7ff", family="Noto Sans"),
    _script("Symbols2", "\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001fbff", family="Noto Sans"),
    Face("Noto Emoji", "NotoEmoji-Regular", "\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff"),
)


def with_families(css: str) -> str:
    """The stylesheet with the lists of families it names: for display, for text, for small labels.

    Written into the text, since resolving a real `var()` takes a fifth of a page's time.
    """
    scripts = dict.fromkeys(face.family for face in FACES if face.characters)
    lists = {
        "display": ("Noto Serif Display", "Noto Serif", *scripts, "Noto Sans"),
        "text": ("Noto Serif", *scripts, "Noto Sans"),
        "label": ("Noto Sans", "Noto Serif", *scripts),
    }
    for name, families in lists.items():
        css = css.replace(f"var(--{name})", ", ".join(f"'{family}'" for family in families))
    return css
