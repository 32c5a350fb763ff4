"""Problems of OLX: each field that can be graded here becomes a question; all else is named with its reason."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from apps.assessments.types import QuestionKind, QuestionSpec
from apps.content.readers import markup, pages, segments
from apps.content.readers.markup import Element
from apps.content.readers.olx_answers import Answer, CannotGrade, read_response
from apps.content.readers.olx_values import Constants
from apps.content.readers.report import Report
from apps.content.readers.statics import Statics
from apps.content.types import ImportedDownload, Outcome

PARTS: Final = frozenset({"script", "solution", "hintgroup", "demandhint"})
MAX_POINTS: Final = Decimal(1000)
MAX_FIELDS: Final = 200
MAX_COPIED: Final = 1_000_000

_SETTINGS: Final = frozenset({"responseparam", "additional_answer", "answer", "codeparam"})
_NOT_KEPT: Final = {
    "attempts": "its own limit of attempts is not carried over",
    "max_attempts": "its own limit of attempts is not carried over",
    "showanswer": "when answers are shown is not carried over",
    "rerandomize": "new numbers at each attempt are not carried over",
}


@dataclass(slots=True)
class _Problem:
    title: str
    key: str
    answers: list[Answer] = field(default_factory=list)
    responses: int = 0
    kept: int = 0
    changes: list[str] = field(default_factory=list)
    downloads: list[ImportedDownload] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Questions:
    """What a problem gives to its lesson's quiz."""

    questions: tuple[QuestionSpec, ...]
    downloads: tuple[ImportedDownload, ...]


def parts(root: Element) -> Iterator[Element]:
    """Give the elements of a problem that the report names: responses, scripts, solutions and hints."""
    for element in root.iter():
        tag = markup.tag_of(element)
        if tag in PARTS or is_response(tag):
            yield element


def is_response(tag: str) -> bool:
    """Tell whether the tag means something that a learner answers."""
    return tag.endswith("response")


def read_problem(
    root: Element, *, path: str, source: str, title: str, key: str, report: Report, statics: Statics
) -> Questions:
    """Turn a problem into questions and write its lines of the report."""
    report.open(source)
    located = [(element, report.locate(path, element)) for element in parts(root)]
    twin = copy.deepcopy(root)
    twins = dict(zip((where for _, where in located), list(parts(twin)), strict=True))
    problem = _Problem(title=title, key=key)
    constants = Constants(markup.raw_text(element) for element, _ in located if element.tag == "script")
    anchors = _read_responses(problem, twins, constants, report=report, statics=statics)
    if not problem.answers or _is_too_large(twin, anchors):
        reason = "none of its questions can be graded here" if problem.responses else "it asks nothing"
        reason = "it asks too much at once" if problem.answers else reason
        _leave_out_parts(located, report, title=title)
        report.leave_out("problem", source, title, reason=reason)
        return Questions((), ())
    solutions = _take_solutions(twins, anchors, problem, report=report, statics=statics)
    questions = _questions(root, twin, anchors, solutions, problem=problem, statics=statics)
    report.settle("problem", source, title, changes=_summary(root, problem))
    return Questions(questions, tuple(problem.downloads))


def leave_out(root: Element, *, path: str, source: str, title: str, reason: str, report: Report) -> None:
    """Name a problem and all its parts as left out."""
    report.leave_out("problem", source, title, reason=reason)
    located = [(element, report.locate(path, element)) for element in parts(root)]
    _leave_out_parts(located, report, title=title)


def _is_too_large(twin: Element, anchors: list[tuple[Element, Answer | None]]) -> bool:
    # Each field gets a copy of the text to be cut from.
    return len(anchors) > MAX_FIELDS or len(anchors) * sum(1 for _ in twin.iter()) > MAX_COPIED


def _read_responses(
    problem: _Problem, twins: dict[str, Element], constants: Constants, *, report: Report, statics: Statics
) -> list[tuple[Element, Answer | None]]:
    anchors: list[tuple[Element, Answer | None]] = []
    for where, response in twins.items():
        tag = markup.tag_of(response)
        if not is_response(tag):
            report.open(where)
            continue
        problem.responses += 1
        try:
            answers = read_response(response, constants, statics)
        except CannotGrade as reason:
            report.leave_out(tag, where, problem.title, reason=str(reason))
            anchors.append((response, None))
            continue
        problem.kept += 1
        for answer in answers:
            anchors.append((answer.anchor, answer))
            problem.answers.append(answer)
        report.settle(tag, where, problem.title, changes=[change for answer in answers for change in answer.changes])
    return anchors


def _take_solutions(
    twins: dict[str, Element],
    anchors: list[tuple[Element, Answer | None]],
    problem: _Problem,
    *,
    report: Report,
    statics: Statics,
) -> dict[int, str]:
    last_kept = max(at for at, (_, answer) in enumerate(anchors) if answer)
    order = {element: place for place, element in enumerate(anchors[0][0].getroottree().iter())}
    found: dict[int, str] = {}
    for where, element in twins.items():
        tag = markup.tag_of(element)
        if tag == "solution":
            before = [at for at, (anchor, _) in enumerate(anchors) if order.get(anchor, 0) < order.get(element, 0)]
            owner = before[-1] if before and anchors[before[-1]][1] else last_kept
            page = pages.read_page(_without_tail(element), statics)
            problem.downloads.extend(page.downloads)
            found[owner] = f"{found.get(owner, '')}{page.html}"
            if page.is_empty:
                report.leave_out(tag, where, problem.title, reason="it is empty")
            else:
                report.settle(tag, where, problem.title, changes=page.changes)
        elif tag == "script":
            report.leave_out(
                tag, where, problem.title, reason="programs are not run; only constants are read from them"
            )
        elif tag in PARTS:
            report.leave_out(tag, where, problem.title, reason="hints are not carried over")
    for element in twins.values():
        if markup.tag_of(element) in PARTS:
            markup.remove(element)
    return found


def _questions(
    root: Element,
    twin: Element,
    anchors: list[tuple[Element, Answer | None]],
    solutions: dict[int, str],
    *,
    problem: _Problem,
    statics: Statics,
) -> tuple[QuestionSpec, ...]:
    for element in [element for element in twin.iter() if markup.tag_of(element) in _SETTINGS]:
        markup.remove(element)
    for anchor, answer in anchors:
        segments.mark_blank(anchor, is_inline=answer is not None and _is_inline(answer))
    pieces = segments.cut(twin, [anchor for anchor, _ in anchors])
    points = _points(root, problem, fields=len(anchors))
    questions = []
    for at, ((_, answer), piece) in enumerate(zip(anchors, pieces, strict=True)):
        if answer is None:
            continue
        page = pages.read_page(piece, statics)
        problem.changes.extend(page.changes)
        problem.downloads.extend(page.downloads)
        prompt = page.html or pages.as_html(problem.title)
        questions.append(
            QuestionSpec(
                kind=answer.kind,
                prompt=prompt,
                points=points,
                choices=answer.choices,
                answers=answer.answers,
                tolerance=answer.tolerance,
                tolerance_kind=answer.tolerance_kind,
                case_sensitive=answer.case_sensitive,
                explanation=solutions.get(at, ""),
                source_key=f"{problem.key}#{at + 1}",
            )
        )
    return tuple(questions)


def _points(root: Element, problem: _Problem, *, fields: int) -> Decimal:
    weight = root.get("weight")
    if not weight:
        return Decimal(1)
    try:
        total = Decimal(weight)
    except InvalidOperation:
        total = Decimal("NaN")
    if not total.is_finite() or not 0 < total <= MAX_POINTS:
        problem.changes.append(f"its weight {weight} became 1 point a question")
        return Decimal(1)
    return max(Decimal("0.01"), (total / fields).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def _summary(root: Element, problem: _Problem) -> list[str]:
    changes = list(problem.changes)
    if len(problem.answers) > 1:
        changes.append(f"it became {len(problem.answers)} questions")
    if problem.kept < problem.responses:
        changes.append(f"{problem.responses - problem.kept} of its {problem.responses} responses were left out")
    changes.extend(words for name, words in _NOT_KEPT.items() if root.get(name) not in {None, "", "null"})
    return changes


def _is_inline(answer: Answer) -> bool:
    if answer.kind in {QuestionKind.NUMERICAL, QuestionKind.SHORT_TEXT}:
        return True
    return markup.tag_of(answer.anchor) == "optioninput"


def _without_tail(element: Element) -> Element:
    twin = copy.deepcopy(element)
    twin.tail = None
    return twin


def _leave_out_parts(located: list[tuple[Element, str]], report: Report, *, title: str) -> None:
    for element, where in located:
        if not report.is_settled(where) or report.line(where).outcome is not Outcome.LEFT_OUT:
            report.leave_out(markup.tag_of(element), where, title, reason="its problem was left out")
