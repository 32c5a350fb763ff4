"""Each response kind of OLX, from its XML to the question, or to the reason why not."""

from decimal import Decimal
from pathlib import Path

import pytest

from apps.assessments.types import Choice, QuestionKind, QuestionSpec, ToleranceKind
from apps.content.readers import open_course
from apps.content.readers.olx_answers import split_options
from apps.content.types import ImportedCourse
from tests.support import olx

PERCENT, ABSOLUTE = ToleranceKind.PERCENT, ToleranceKind.ABSOLUTE


def read(folder: Path, problem: str) -> ImportedCourse:
    files = olx.course(unit='<html>Kept</html><problem url_name="p"/>', problem__p=problem, static__a=b"")
    files["problem/p.xml"] = files.pop("problem/p")
    files["static/plot.png"] = olx.PIXEL
    with open_course(olx.write(folder, files)) as course:
        return course


def questions(folder: Path, problem: str) -> tuple[QuestionSpec, ...]:
    (lesson,) = read(folder, problem).lessons
    assert lesson.quiz is not None
    return lesson.quiz.questions


def reason(folder: Path, response: str) -> str:
    course = read(folder, f"<problem><p>Why?</p>{response}</problem>")
    assert course.lessons[0].quiz is None
    (line,) = [line for line in course.report if line.element.endswith("response")]
    assert line.outcome == "left_out"
    return line.detail


def test_multiple_choice_with_feedback(tmp_path: Path) -> None:
    (question,) = questions(
        tmp_path,
        """<problem><p>Which?</p><multiplechoiceresponse><choicegroup type="MultipleChoice">
        <choice correct="true">A &lt; <b>B</b><choicehint>Right!</choicehint></choice>
        <choice correct="false"><img src="/static/plot.png"/></choice>
        </choicegroup></multiplechoiceresponse><solution><p>Because.</p></solution></problem>""",
    )
    assert question == QuestionSpec(
        kind=QuestionKind.SINGLE,
        prompt="<p>Which?</p>",
        points=Decimal(1),
        choices=(
            Choice("A &lt; <b>B</b>", is_correct=True, feedback="Right!"),
            Choice('<img src="static:static/plot.png">', is_correct=False),
        ),
        explanation="<p>Because.</p>",
        source_key="problem/p#1",
    )


def test_checkboxes(tmp_path: Path) -> None:
    (question,) = questions(
        tmp_path,
        """<problem><p>All?</p><choiceresponse><checkboxgroup>
        <choice correct="true">a</choice><choice correct="false">b</choice><choice correct="true">c</choice>
        </checkboxgroup></choiceresponse></problem>""",
    )
    assert question.kind is QuestionKind.MULTIPLE
    assert [(choice.text, choice.is_correct) for choice in question.choices] == [("a", True), ("b", False), ("c", True)]


def test_several_options_in_one_response_are_several_questions(tmp_path: Path) -> None:
    first, second = questions(
        tmp_path,
        """<problem weight="3"><optionresponse><p>One is <optioninput options="('odd','even')" correct="odd"/>.</p>
        <p>Two is <optioninput><option correct="False">odd</option><option correct="True">even<optionhint>x</optionhint>
        </option></optioninput>.</p></optionresponse></problem>""",
    )
    assert (first.prompt, second.prompt) == (
        "<p>One is <span> ____ </span>.</p>",
        "<p>Two is <span> ____ </span>.</p>",
    )
    assert [[choice.is_correct for choice in question.choices] for question in (first, second)] == [
        [True, False],
        [False, True],
    ]
    assert [question.points for question in (first, second)] == [Decimal("1.50")] * 2


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("('a','b c','d')", ["a", "b c", "d"]),
        ("('a', 'b')", ["a", "b"]),
        ('("a","b")', ["a", "b"]),
        ("a, b", ["a", "b"]),
        ("('Don't know','It\\'s me')", ["Don't know", "It's me"]),
        ("('1,5','2')", ["1,5", "2"]),
        ("()", []),
    ],
)
def test_lists_of_options(written: str, options: list[str]) -> None:
    assert split_options(written) == options


@pytest.mark.parametrize(
    ("attributes", "inside", "expected"),
    [
        ('answer="3.14"', '<responseparam type="tolerance" default=".02"/>', (("3.14",), "0.02", ABSOLUTE)),
        ('answer="3.14"', '<responseparam type="tolerance" default="15%"/>', (("3.14",), "15", PERCENT)),
        ('answer="5"', "", (("5",), "0.001", PERCENT)),
        ('answer="1e-3"', "", (("1e-3",), "0.001", PERCENT)),
        ('answer="[1,4]"', "", (("2.5",), "1.5", ABSOLUTE)),
        ('answer="(1, 4]"', "", (("2.5",), "1.5", ABSOLUTE)),
        ('answer="5"', '<additional_answer answer="6"/>', (("5", "6"), "0.001", PERCENT)),
        ('answer="2*3+1/4"', "", (("6.25",), "0.001", PERCENT)),
        ('answer="2^10"', "", (("1024",), "0.001", PERCENT)),
        ('answer="$x"', '<responseparam type="tolerance" default="$t"/>', (("8",), "0.5", ABSOLUTE)),
    ],
)
def test_numbers(
    tmp_path: Path, attributes: str, inside: str, expected: tuple[tuple[str, ...], str, ToleranceKind]
) -> None:
    (question,) = questions(
        tmp_path,
        f"""<problem><script type="loncapa/python">x = 2 * 4  # eight
t = 0.5</script><p>How much?</p>
        <numericalresponse {attributes}>{inside}<formulaequationinput/></numericalresponse></problem>""",
    )
    answers, tolerance, kind = expected
    assert (question.kind, question.answers) == (QuestionKind.NUMERICAL, answers)
    assert (question.tolerance, question.tolerance_kind) == (Decimal(tolerance), kind)


@pytest.mark.parametrize(
    ("attributes", "inside", "answers", "is_case_sensitive"),
    [
        ('answer="Michigan" type="ci"', "", ("Michigan",), False),
        ('answer="Michigan"', "", ("Michigan",), True),
        ('answer="a_or_b"', "", ("a", "b"), True),
        (
            'answer="a"',
            '<additional_answer answer="b"/><additional_answer>c</additional_answer>',
            ("a", "b", "c"),
            True,
        ),
        ('answer="2*2"', "", (r"2\*2",), True),
    ],
)
def test_words(
    tmp_path: Path, attributes: str, inside: str, answers: tuple[str, ...], *, is_case_sensitive: bool
) -> None:
    (question,) = questions(
        tmp_path,
        f"<problem><p>Name?</p><stringresponse {attributes}>{inside}<textline/></stringresponse></problem>",
    )
    assert (question.kind, question.answers) == (QuestionKind.SHORT_TEXT, answers)
    assert question.case_sensitive is is_case_sensitive


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("<customresponse cfn='f'><textline/></customresponse>", "it is graded by a Python program inside the course"),
        (
            "<customresponse><jsinput html_file='x'/></customresponse>",
            "it is answered in a script of the course's own and it is graded by a Python program inside the course",
        ),
        (
            "<customresponse><drag_and_drop_input/></customresponse>",
            "it is answered by drag and drop and it is graded by a Python program inside the course",
        ),
        ("<formularesponse answer='x'/>", "it is graded by comparing formulas"),
        ("<symbolicresponse/>", "it is graded by comparing formulas"),
        ("<imageresponse/>", "it is answered by clicking on a picture"),
        ("<newfangledresponse/>", "this kind of response is not known here"),
        (
            "<stringresponse type='regexp' answer='a|b'><textline/></stringresponse>",
            "it is graded by a regular expression",
        ),
        (
            "<numericalresponse answer='$y'><textline/></numericalresponse>",
            "its answer is computed by a Python program inside the course",
        ),
        (
            "<numericalresponse answer='__import__(1)'><textline/></numericalresponse>",
            "its answer is computed by a Python program inside the course",
        ),
        (
            "<numericalresponse answer='9**9**9'><textline/></numericalresponse>",
            "its answer is computed by a Python program inside the course",
        ),
        ("<numericalresponse answer='[4,1]'><textline/></numericalresponse>", "its range ends before it begins"),
        ("<numericalresponse><textline/></numericalresponse>", "it names no answer"),
        (
            "<optionresponse><optioninput options=\"('a','b')\" correct='c'/></optionresponse>",
            "it does not say which one of its options is right",
        ),
        ("<multiplechoiceresponse/>", "it has no choices"),
        (
            """<multiplechoiceresponse><choicegroup>
            <choice>a</choice><choice>b</choice></choicegroup></multiplechoiceresponse>""",
            "none of its choices is right",
        ),
    ],
)
def test_what_cannot_be_graded_says_why(tmp_path: Path, response: str, expected: str) -> None:
    assert reason(tmp_path, response) == expected


@pytest.mark.parametrize(
    "script",
    ["y = random.randint(1, 5)", "y = 1\ny = 2", "y = 1\nif True:\n    y += 1", "    y = 1", "y = 1\nfor y in z: pass"],
)
def test_constants_are_only_what_is_assigned_once(tmp_path: Path, script: str) -> None:
    course = read(
        tmp_path,
        f"""<problem><script>{script}</script><p>?</p>
        <numericalresponse answer='$y'><textline/></numericalresponse></problem>""",
    )
    assert course.lessons[0].quiz is None


def test_a_text_with_several_fields_is_cut_where_each_belongs(tmp_path: Path) -> None:
    first, second, third = questions(
        tmp_path,
        """<problem><p>Context.</p><p>g = <numericalresponse answer="9.81"><textline/></numericalresponse> m/s²</p>
        <ul><li>c = <numericalresponse answer="3e8"><textline/></numericalresponse> <b>m/s</b></li>
        <li>name <stringresponse answer="x"><textline/></stringresponse></li></ul><p>The end.</p></problem>""",
    )
    assert first.prompt == "<p>Context.</p><p>g = <span> ____ </span> m/s²</p>"
    assert second.prompt == "<ul><li>c = <span> ____ </span> <b>m/s</b></li> </ul>"
    assert third.prompt == "<ul><li>name <span> ____ </span></li></ul><p>The end.</p>"
    assert [question.source_key for question in (first, second, third)] == [
        "problem/p#1",
        "problem/p#2",
        "problem/p#3",
    ]


def test_a_problem_is_kept_without_the_responses_that_cannot_be(tmp_path: Path) -> None:
    course = read(
        tmp_path,
        """<problem display_name="Mixed" weight="4"><p>One</p><customresponse><textline/></customresponse>
        <p>Two</p><stringresponse answer="b"><textline/></stringresponse><solution>S</solution></problem>""",
    )
    (lesson,) = course.lessons
    assert lesson.quiz is not None
    (question,) = lesson.quiz.questions
    assert (question.prompt, question.source_key, question.points, question.explanation) == (
        "<p>Two</p>",
        "problem/p#2",
        Decimal("2.00"),
        "S",
    )
    assert {line.element: (line.outcome, line.detail) for line in course.report}["problem"] == (
        "changed",
        "1 of its 2 responses were left out",
    )


def test_a_problem_without_words_is_asked_by_its_name(tmp_path: Path) -> None:
    (question,) = questions(
        tmp_path,
        '<problem display_name="2 + 2"><numericalresponse answer="4"><textline/></numericalresponse></problem>',
    )
    assert question.prompt == "2 + 2"
