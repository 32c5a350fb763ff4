"""The response kinds of OLX that can be graded here, and the reasons why the others cannot."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from apps.assessments.types import Choice, QuestionKind, ToleranceKind
from apps.content.readers import markup, pages
from apps.content.readers.markup import Element
from apps.content.readers.olx_values import Constants, NotConstant
from apps.content.readers.statics import Statics

# Open edX compares numbers with this tolerance where a problem names none (capa, `default_tolerance`).
DEFAULT_TOLERANCE: Final = Decimal("0.001")

# What assessments takes.
MAX_CHOICES: Final = 50
MAX_WRITTEN: Final = 1_000
MAX_OPTIONS: Final = 20_000
MAX_TOLERANCE: Final = Decimal(10) ** 18

UNGRADABLE: Final = {
    "customresponse": "it is graded by a Python program inside the course",
    "schematicresponse": "it is graded by a Python program inside the course",
    "coderesponse": "it is graded by a program on another server",
    "externalresponse": "it is graded by a program on another server",
    "formularesponse": "it is graded by comparing formulas",
    "symbolicresponse": "it is graded by comparing formulas",
    "imageresponse": "it is answered by clicking on a picture",
    "javascriptresponse": "it is graded by a script in the browser",
    "jsmeresponse": "it is answered by drawing a molecule",
    "annotationresponse": "it is answered by annotating a text",
    "choicetextresponse": "it mixes choices with text fields",
    "radiotextresponse": "it mixes choices with text fields",
}
UNKNOWN_INPUTS: Final = {
    "drag_and_drop_input": "it is answered by drag and drop",
    "jsinput": "it is answered in a script of the course's own",
}
_RANGE = re.compile(r"([\[(])\s*([^,]+?)\s*,\s*([^,]+?)\s*([\])])")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])\\?'(?=[^\W\d_])|\\'")
_GROUPS = ("choicegroup", "checkboxgroup", "radiogroup")


class CannotGrade(Exception):
    """This response cannot be graded here; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One field of a response: where it stands, and what answers it."""

    anchor: Element
    kind: QuestionKind
    choices: tuple[Choice, ...] = ()
    answers: tuple[str, ...] = ()
    tolerance: Decimal | None = None
    tolerance_kind: ToleranceKind = ToleranceKind.ABSOLUTE
    case_sensitive: bool = False
    changes: list[str] = field(default_factory=list)


def read_response(response: Element, constants: Constants, statics: Statics) -> list[Answer]:
    """Read what answers a response; CannotGrade where only the course's own programs could tell."""
    reader = _READERS.get(markup.tag_of(response))
    if reader is None:
        raise CannotGrade(_why_not(response))
    try:
        answers = reader(response, constants, statics)
    except NotConstant as error:
        raise CannotGrade("its answer is computed by a Python program inside the course") from error
    if not answers:
        raise CannotGrade("it has no field for an answer")
    return answers


def _why_not(response: Element) -> str:
    reason = UNGRADABLE.get(markup.tag_of(response), "this kind of response is not known here")
    inputs = [words for tag, words in UNKNOWN_INPUTS.items() if next(response.iter(tag), None) is not None]
    return " and ".join([*inputs, reason])


def _choices(response: Element, constants: Constants, statics: Statics) -> list[Answer]:
    group = next((element for element in response.iter() if markup.tag_of(element) in _GROUPS), None)
    if group is None:
        raise CannotGrade("it has no choices")
    changes: dict[str, None] = {}
    choices = tuple(
        _choice(element, constants, statics, changes)
        for element in list(group.iter())
        if markup.tag_of(element) == "choice"
    )
    right = sum(choice.is_correct for choice in choices)
    if len(choices) < 2 or any(not choice.text for choice in choices):
        raise CannotGrade("it has fewer than two choices that can be shown")
    is_multiple = markup.tag_of(response) == "choiceresponse"
    if len(choices) > MAX_CHOICES:
        raise CannotGrade(f"it has more than {MAX_CHOICES} choices")
    if right == 0:
        raise CannotGrade("none of its choices is right")
    if right > 1 and not is_multiple:
        is_multiple = True
        changes["more than one choice is right: learners now tick all of them, where any one was enough"] = None
    kind = QuestionKind.MULTIPLE if is_multiple else QuestionKind.SINGLE
    return [Answer(anchor=group, kind=kind, choices=choices, changes=list(changes))]


def _choice(element: Element, constants: Constants, statics: Statics, changes: dict[str, None]) -> Choice:
    hints = list(element.iter("choicehint", "optionhint", "choicehints", "compoundhint"))
    feedback = " ".join(filter(None, (markup.text_of(hint) for hint in hints)))
    for hint in hints:
        markup.remove(hint)
    page = pages.read_page(element, statics)
    changes.update(dict.fromkeys(page.changes))
    correct = constants.text(element.get("correct") or element.get("Correct") or "false").strip().lower()
    return Choice(text=page.html, is_correct=correct == "true", feedback=pages.as_html(feedback))


def _options(response: Element, constants: Constants, statics: Statics) -> list[Answer]:
    del statics
    return [_option(element, constants) for element in response.iter() if markup.tag_of(element) == "optioninput"]


def _option(element: Element, constants: Constants) -> Answer:
    nested = [child for child in element.iter() if markup.tag_of(child) == "option"]
    if nested:
        for hint in [hint for child in nested for hint in child.iter("optionhint")]:
            markup.remove(hint)
        options = [markup.text_of(child) for child in nested]
        right = [at for at, child in enumerate(nested) if (child.get("correct") or "").strip().lower() == "true"]
    else:
        if len(element.get("options") or "") > MAX_OPTIONS:
            raise CannotGrade("its list of options is out of all proportion")
        options = split_options(constants.text(element.get("options") or ""))
        correct = constants.text(element.get("correct") or "").strip()
        right = [at for at, option in enumerate(options) if option == correct]
    if not 2 <= len(options) <= MAX_CHOICES or not all(options):
        raise CannotGrade(f"it has not between two and {MAX_CHOICES} options")
    if len(right) != 1:
        raise CannotGrade("it does not say which one of its options is right")
    choices = tuple(Choice(pages.as_html(option), is_correct=at in right) for at, option in enumerate(options))
    return Answer(anchor=element, kind=QuestionKind.SINGLE, choices=choices)


def split_options(text: str) -> list[str]:
    """Split OLX's list of options, `('one','two words')`, by the rules of a shell, as Open edX does."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    text = _APOSTROPHE.sub("&#39;", text)
    lexer = shlex.shlex(text, posix=True)
    lexer.quotes = "'\""
    lexer.whitespace = ", "
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return [option.replace("&#39;", "'").strip() for option in lexer]
    except ValueError as error:
        raise CannotGrade("its list of options cannot be read") from error


def _numbers(response: Element, constants: Constants, statics: Statics) -> list[Answer]:
    del statics
    written = [response.get("answer") or "", *_additional(response)]
    if max(map(len, written)) > MAX_WRITTEN:
        raise CannotGrade("its answer is out of all proportion")
    given = next((element for element in response.iter("responseparam") if element.get("type") == "tolerance"), None)
    changes: list[str] = []
    found = _RANGE.fullmatch(constants.text(written[0]).strip())
    if found:
        number, tolerance = _middle(found, constants, changes)
        return [_numerical(response, (number,), tolerance, ToleranceKind.ABSOLUTE, changes)]
    numbers = [constants.number(text) for text in written if text.strip()]
    if not numbers:
        raise CannotGrade("it names no answer")
    changes.extend(
        f"the answer {text} was calculated: {number.text}"
        for text, number in zip(written, numbers, strict=False)
        if number.is_calculated
    )
    default = (given.get("default") if given is not None else None) or f"{DEFAULT_TOLERANCE}%"
    is_percent = default.strip().endswith("%")
    tolerance = abs(Decimal(constants.number(default.strip().removesuffix("%")).text))
    kind = ToleranceKind.PERCENT if is_percent else ToleranceKind.ABSOLUTE
    return [_numerical(response, tuple(number.text for number in numbers), tolerance, kind, changes)]


def _middle(found: re.Match[str], constants: Constants, changes: list[str]) -> tuple[str, Decimal]:
    low, high = (Decimal(constants.number(found.group(at)).text) for at in (2, 3))
    if low > high:
        raise CannotGrade("its range ends before it begins")
    if found.group(1) == "(" or found.group(4) == ")":
        changes.append("the range now includes its ends")
    return str((low + high) / 2), (high - low) / 2


def _numerical(
    response: Element, answers: tuple[str, ...], tolerance: Decimal, kind: ToleranceKind, changes: list[str]
) -> Answer:
    anchor = _field(response)
    if tolerance > MAX_TOLERANCE or len(answers) > MAX_CHOICES:
        raise CannotGrade("its tolerance or the number of its answers is out of all proportion")
    tolerance = min(tolerance, round(tolerance, 20))
    if response.find(".//hintgroup") is not None or response.find(".//correcthint") is not None:
        changes.append("hints are not carried over")
    return Answer(
        anchor=anchor,
        kind=QuestionKind.NUMERICAL,
        answers=answers,
        tolerance=tolerance,
        tolerance_kind=kind,
        changes=changes,
    )


def _texts(response: Element, constants: Constants, statics: Statics) -> list[Answer]:
    del statics
    flags = (response.get("type") or "").lower().split()
    if "regexp" in flags:
        raise CannotGrade("it is graded by a regular expression")
    first = response.get("answer") or ""
    # The old way to write alternatives, still read by Open edX.
    written = [*re.split(r"_or_", first), *_additional(response)]
    answers = tuple(dict.fromkeys(constants.text(text).strip().replace("*", r"\*") for text in written if text.strip()))
    if not 1 <= len(answers) <= MAX_CHOICES:
        raise CannotGrade(f"it names no answer, or more than {MAX_CHOICES}")
    changes = []
    if next(response.iter("stringequalhint", "regexphint", "correcthint", "hintgroup"), None) is not None:
        changes.append("hints are not carried over")
    return [
        Answer(
            anchor=_field(response),
            kind=QuestionKind.SHORT_TEXT,
            answers=answers,
            case_sensitive="ci" not in flags,
            changes=changes,
        )
    ]


def _additional(response: Element) -> list[str]:
    return [element.get("answer") or markup.text_of(element) for element in response.iter("additional_answer")]


def _field(response: Element) -> Element:
    inputs = ("textline", "formulaequationinput", "numericalinput", "textinput")
    return next((element for element in response.iter() if markup.tag_of(element) in inputs), response)


_READERS: Final[dict[str, Callable[[Element, Constants, Statics], list[Answer]]]] = {
    "multiplechoiceresponse": _choices,
    "truefalseresponse": _choices,
    "choiceresponse": _choices,
    "optionresponse": _options,
    "numericalresponse": _numbers,
    "stringresponse": _texts,
}
