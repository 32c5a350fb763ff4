"""What holds for every input: paths stay inside, constants are calculated right, no text is lost or doubled."""

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from apps.content.errors import UnsafePath
from apps.content.readers import markup, open_course, segments
from apps.content.readers.olx_answers import split_options
from apps.content.readers.olx_values import Constants, NotConstant
from apps.content.readers.room import safe_path
from tests.support import olx

NAMES = st.sampled_from(["a", "..", ".", "", "b.xml", "c d", "\\", "C:", "\x00", "é"])


@given(st.lists(NAMES, max_size=8).map("/".join))
def test_a_path_is_refused_or_stays_inside(path: str) -> None:
    try:
        safe = safe_path(path)
    except UnsafePath:
        return
    assert (Path("/room") / safe).resolve().is_relative_to("/room")
    assert PurePosixPath(safe).as_posix() == safe


NUMBERS = st.integers(0, 10**6).map(str) | st.decimals(0, 1000, places=3).map(str)
SUMS = st.recursive(
    NUMBERS,
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda three: f"({''.join(three)})"),
    max_leaves=6,
)


@given(SUMS)
def test_arithmetic_is_calculated_exactly(expression: str) -> None:
    try:
        number = Constants([f"x = {expression}"]).number("$x")
    except NotConstant:
        return
    expected = eval(expression, {}, {})  # noqa: S307  digits and operators of our own
    assert float(Fraction(number.text)) == pytest.approx(float(expected), rel=1e-12)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_script_and_no_answer_does_more_than_be_refused(script: str, answer: str) -> None:
    try:
        Constants([script]).number(answer)
        Constants([script]).text(answer)
    except NotConstant:
        return


@given(
    st.lists(st.text("abc ,'", min_size=1, max_size=6).filter(lambda text: text.strip("' ,")), min_size=1, max_size=5)
)
def test_options_that_were_written_are_read(options: list[str]) -> None:
    plain = [option.replace("'", "").strip() for option in options]
    quoted = ",".join(f"'{option}'" for option in plain)
    assert split_options(f"({quoted})") == plain


TREES = st.recursive(
    st.sampled_from(["ask", "b"]), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=12
)


def grow(tree: object, number: Callable[[], str]) -> etree._Element:
    element = etree.Element(tree if isinstance(tree, str) else "p")
    element.text = number() if element.tag != "ask" else None
    for inner in tree if isinstance(tree, list) else ():
        child = grow(inner, number)
        child.tail = number()
        element.append(child)
    return element


@given(TREES)
def test_every_word_goes_to_exactly_one_field_in_order(tree: object) -> None:
    words = iter(range(10_000))
    root = etree.Element("problem")
    root.append(grow(tree, lambda: f"w{next(words)} "))
    anchors = list(root.iter("ask"))
    if not anchors:
        return
    pieces = segments.cut(root, anchors)
    assert " ".join(markup.text_of(piece) for piece in pieces if markup.text_of(piece)) == markup.text_of(root)
    assert [len(list(piece.iter("ask"))) for piece in pieces] == [1] * len(anchors)


OPTIONS = "'a'," * 300_000
HEAVY = {
    "a script of spaces": f"<script>x = {' ' * 150_000}\n</script><numericalresponse answer='$x'/>",
    "a script of assignments": "<script>" + "y = 1\n" * 30_000 + "</script><numericalresponse answer='$y'/>",
    "an answer without end": f"<numericalresponse answer='[{'1 ' * 400_000},2]'/>",
    "options without end": f'<optionresponse><optioninput options="({OPTIONS})"/></optionresponse>',
    "fields without end": "<p>a<stringresponse answer='b'/></p>" * 2_000,
    "numbers that grow": "<script>a = 9**60\n</script><numericalresponse answer='$a^60^60'/>",
}


@pytest.mark.parametrize("name", HEAVY)
def test_problems_out_of_proportion_cost_little(name: str, tmp_path: Path) -> None:
    files = {
        **olx.course(unit='<html>x</html><problem url_name="p"/>'),
        "problem/p.xml": f"<problem>{HEAVY[name]}</problem>",
    }
    started = time.process_time()
    with open_course(olx.write(tmp_path, files)) as course:
        assert course.lessons[0].quiz is None
    assert time.process_time() - started < 5
