"""Pure rules of the catalogue: what a course must have, how words are compared, which order is a whole order."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from apps.courses.errors import CourseHasNoLessons, CourseHasNoSummary, CourseHasNoTitle
from learninghub.errors import Conflict, Invalid

QUERY_LENGTH = 100
QUERY_WORDS = 12
HIGHEST_PRICE = 100_000_000

# PostgreSQL's own dictionaries by the first part of a BCP 47 tag; courses in other languages are found by exact words.
DICTIONARIES = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
# The dictionaries a question is read with when it names no language: those of the languages we ship.
USUAL_DICTIONARIES = ("english", "german")

# ISO 4217, the currencies in circulation.
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
    QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD
    TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a hundred and fifty quoted words read worse
)

_ACCENTED = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįıłñńňòóôõöøōőŕřśšşßťţùúûüūůűųýÿźżž"
_PLAIN = "aaaaaaaaacccddeeeeeeeegiiiiiiilnnnoooooooorrssssttuuuuuuuuyyzzz"
# PostgreSQL's parser takes node.js for a host and data-science for one word and its parts; people search for the parts.
PUNCTUATION = "./\\:@-_+'’&=?#~,;()[]{}<>|*\""
ACCENTED = _ACCENTED + _ACCENTED.upper().replace("SS", "ẞ")
PLAIN = _PLAIN + _PLAIN.upper()
_FOLD = str.maketrans(ACCENTED + PUNCTUATION, PLAIN + " " * len(PUNCTUATION))


def fold(text: str) -> str:
    """The text without accents and punctuation, as the catalogue's index holds it."""
    return unicodedata.normalize("NFC", text).translate(_FOLD)


def words(question: str) -> list[str]:
    """The words of what someone typed: letters and digits only, so nothing in them is an operator."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", question))[:QUERY_WORDS]


def clean(text: str) -> str:
    """One line of people's text: composed, without control characters or space at its ends."""
    return re.sub(r"[\x00-\x1f\x7f\s]+", " ", unicodedata.normalize("NFC", text)).strip()


def publishing_gap(*, title: str, summary: str, has_lessons: bool) -> Conflict | None:
    """What a course still lacks before people may see it, as the error to raise; None when nothing."""
    if not title:
        return CourseHasNoTitle()
    if not summary:
        return CourseHasNoSummary()
    return None if has_lessons else CourseHasNoLessons()


def is_whole_order(
    *,
    modules: Iterable[UUID],
    lessons: Iterable[UUID],
    order: Sequence[tuple[UUID, Sequence[UUID]]],
) -> bool:
    """True when the order names each module and each lesson exactly once and nothing else."""
    named_modules = [module for module, _ in order]
    named_lessons = [lesson for _, inside in order for lesson in inside]
    return sorted(named_modules) == sorted(modules) and sorted(named_lessons) == sorted(lessons)


def check_fields(fields: Mapping[str, object]) -> None:
    """Refuses values no course may have; raises Invalid naming every field at fault."""
    errors = {name: [problem] for name, value in fields.items() if (problem := _problem(name, value))}
    if errors:
        raise Invalid(errors=errors)


def _problem(name: str, value: object) -> str | None:
    match name, value:
        case "title", str(text) if not 0 < len(text) <= 200:
            return "Between 1 and 200 characters."
        case "summary", str(text) if len(text) > 500:
            return "At most 500 characters."
        case "description", str(text) if len(text) > 20_000:
            return "At most 20,000 characters."
        case "language", str(tag) if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", tag):
            return "A language tag such as en or pt-BR."
        case "price_amount", int(amount) if not 0 <= amount <= HIGHEST_PRICE:
            return "Between 0 and 100,000,000 minor units."
        case "currency", str(code) if code not in CURRENCIES:
            return "An ISO 4217 code such as EUR."
        case "capacity", int(seats) if not 0 < seats <= 1_000_000:
            return "Between 1 and 1,000,000, or nothing."
    return None
