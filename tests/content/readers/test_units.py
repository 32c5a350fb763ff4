"""Pages, videos, files and odd shapes of OLX courses."""

from pathlib import Path

import pytest

from apps.content.readers import open_course
from apps.content.types import ImportedCourse, ImportedDownload, ReportLine
from tests.support import olx


def read(folder: Path, files: olx.Files) -> ImportedCourse:
    with open_course(olx.write(folder, files)) as course:
        return course


def line(course: ImportedCourse, source: str) -> ReportLine:
    (found,) = [line for line in course.report if line.source == source]
    return found


def unit(folder: Path, inside: str, **files: str | bytes) -> ImportedCourse:
    return read(
        folder, {**olx.course(unit=inside), "static/plot.png": olx.PIXEL, "static/notes.pdf": b"%PDF-1.4", **files}
    )


def test_files_that_pages_use_are_named_and_kept(tmp_path: Path) -> None:
    course = unit(
        tmp_path,
        """<html><p><img src="/static/plot.png" alt="Plot" onclick="x()"/> <a href="/static/notes.pdf">Notes</a>
        <img src="/static/gone.png"/><img src="https://example.org/far.png" alt="Far"/>
        <a href="/static/run.exe">Run</a><a href="/jump_to_id/x">there</a></p></html>""",
        **{"static/run.exe": b"MZ", "static/unused.png": olx.PIXEL},
    )
    (lesson,) = course.lessons
    assert lesson.html == (
        '<p><img src="static:static/plot.png" alt="Plot"> <a href="static:static/notes.pdf" rel="noopener noreferrer">'
        'Notes</a> <a href="https://example.org/far.png" rel="noopener noreferrer">Far</a> Runthere</p>'
    )
    assert lesson.downloads == (ImportedDownload(path="static/notes.pdf", title="Notes"),)
    assert [file.path for file in course.files] == ["static/plot.png", "static/notes.pdf"]
    assert line(course, "vertical/v1.xml#/vertical/html").detail == (
        "scripts are not carried over; the picture /static/gone.png is not in the source; the picture "
        "https://example.org/far.png stands elsewhere and became a link; the file /static/run.exe is of a kind that is "
        "not taken over; its words stay; the link to /jump_to_id/x has no counterpart here; its words stay"
    )
    assert line(course, "static/unused.png").detail == "no page that was taken over uses it"
    assert line(course, "static/run.exe").detail == "files of this kind are not taken over"


@pytest.mark.parametrize(
    ("video", "url"),
    [
        ('<video youtube="0.75:slow12345,1.00:OEoXaMPEzfM"/>', "https://www.youtube.com/watch?v=OEoXaMPEzfM"),
        ('<video youtube_id_1_0="OEoXaMPEzfM"/>', "https://www.youtube.com/watch?v=OEoXaMPEzfM"),
        ("<video html5_sources='[\"https://e.org/a.mp4\"]'/>", "https://e.org/a.mp4"),
        ('<video display_name="x"><source src="https://e.org/b.mp4"/></video>', "https://e.org/b.mp4"),
    ],
)
def test_videos(tmp_path: Path, video: str, url: str) -> None:
    (lesson,) = unit(tmp_path, video).lessons
    assert lesson.video_url == url


def test_further_videos_become_links(tmp_path: Path) -> None:
    course = unit(tmp_path, '<video youtube_id_1_0="aaaaaaa"/><video display_name="Two" youtube_id_1_0="bbbbbbb"/>')
    assert course.lessons[0].video_url.endswith("aaaaaaa")
    assert course.lessons[0].html == (
        '<p><a href="https://www.youtube.com/watch?v=bbbbbbb" rel="noopener noreferrer">Two</a></p>'
    )


def test_films_of_the_course_come_with_it(tmp_path: Path) -> None:
    course = unit(
        tmp_path,
        """<video html5_sources='["/static/a.mov", "/static/a one.mp4"]'/>
        <video display_name="Two"><source src="/static/gone.webm"/><source src="/static/b.webm"/></video>""",
        **{"static/a.mov": b"a", "static/a one.mp4": b"b", "static/b.webm": b"c"},
    )
    (lesson,) = course.lessons
    assert (lesson.video_url, lesson.downloads) == ("static:static/a%20one.mp4", ())
    assert lesson.html == '<p><a href="static:static/b.webm" rel="noopener noreferrer">Two</a></p>'
    assert [file.path for file in course.files] == ["static/a one.mp4", "static/b.webm"]
    assert line(course, "static/a.mov").outcome == "left_out"


def test_a_video_from_nowhere_is_left_out(tmp_path: Path) -> None:
    course = unit(tmp_path, '<html>x</html><video display_name="v" html5_sources="[1"/>')
    assert line(course, "vertical/v1.xml#/vertical/video").outcome == "left_out"


def test_content_that_stands_in_sequentials_and_chapters_becomes_lessons(tmp_path: Path) -> None:
    files = {
        **olx.course(),
        "course/r1.xml": """<course display_name="Odd"><chapter display_name="C">
            <html display_name="In the chapter">a</html>
            <section><sequential display_name="S"><html display_name="First">b</html><problem display_name="Second">
            <stringresponse answer="x"><textline/></stringresponse></problem></sequential></section></chapter>
            <sequential display_name="Loose"><vertical>d<html>e</html></vertical></sequential></course>""",
    }
    course = read(tmp_path, files)
    assert [(module.title, [lesson.title for lesson in module.lessons]) for module in course.modules] == [
        ("C", ["In the chapter", "S: First", "S: Second"]),
        ("Odd", ["Loose"]),
    ]
    assert line(course, "course/r1.xml#/course/chapter/html").detail == "it stands alone and became a lesson of its own"


def test_experiments_are_left_out_with_all_they_hold(tmp_path: Path) -> None:
    course = unit(tmp_path, "<html>x</html><split_test><vertical><html>y</html></vertical></split_test>")
    assert [
        (found.element, found.detail)
        for found in course.report
        if found.source.startswith("vertical/v1.xml#/vertical/split")
    ] == [
        ("split_test", "experiments with groups of learners have no counterpart here"),
        ("vertical", "what holds it was left out"),
        ("html", "what holds it was left out"),
    ]


def test_a_lesson_left_empty_is_left_out_and_named(tmp_path: Path) -> None:
    files = {
        **olx.course(),
        "sequential/s1.xml": '<sequential><vertical url_name="v1"/><vertical display_name="Bare"/></sequential>',
    }
    course = read(tmp_path, files)
    assert len(course.lessons) == 1
    bare = line(course, "sequential/s1.xml#/sequential/vertical[2]")
    assert (bare.title, bare.outcome, bare.detail) == ("Bare", "left_out", "nothing in it can be taken over")


def test_a_pointer_to_nothing_is_named(tmp_path: Path) -> None:
    course = unit(tmp_path, '<html>x</html><html url_name="gone"/>')
    assert line(course, "vertical/v1.xml#/vertical/html[2]").detail == (
        "it points to html/gone.xml, which is not in the source"
    )


def test_one_broken_file_costs_only_itself(tmp_path: Path) -> None:
    course = unit(tmp_path, '<html>x</html><problem url_name="p"/>', **{"problem/p.xml": "<problem><p></problem>"})
    assert len(course.lessons) == 1
    assert line(course, "problem/p.xml").outcome == "left_out"


def test_the_policy_names_blocks(tmp_path: Path) -> None:
    files = {
        **olx.course(),
        "policies/r1/policy.json": '{"course/r1": {"display_name": "By policy"}, "chapter/c1": {"display_name": "Ch"}}',
    }
    course = read(tmp_path, files)
    assert (course.title, course.modules[0].title) == ("By policy", "Ch")


def test_what_is_too_long_is_told_in_short(tmp_path: Path) -> None:
    links = "".join(f'<a href="/far/{number}/{"x" * 300}">w</a>' for number in range(50))
    course = unit(tmp_path, f"<html>{links}</html><html>{'long ' * 100_000}</html>")
    told = line(course, "vertical/v1.xml#/vertical/html[1]").detail
    assert told.endswith("; and 30 more changes of these kinds")
    assert len(told) < 6_000
    assert line(course, "vertical/v1.xml#/vertical/html[2]").detail == "it is longer than 400000 characters"
