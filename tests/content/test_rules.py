"""Markdown and HTML on their way to a lesson."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from apps.content import rules
from apps.content.types import BodyFormat
from learninghub.rich_text import ATTRIBUTES, TAGS, sanitise

MEDIA = "media:0190aaaa-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One\n\n*two* **three**", "<h1>One</h1>\n<p><em>two</em> <strong>three</strong></p>\n"),
        ("<b>x</b><script>y</script>", "<p>&lt;b&gt;x&lt;/b&gt;&lt;script&gt;y&lt;/script&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](https://e.org/?x=1&y)", '<p><a href="https://e.org/?x=1&amp;y" rel="noopener noreferrer">a</a></p>\n'),
        (f"![p]({MEDIA})", f'<p><img src="{MEDIA}" alt="p"></p>\n'),
        ("![p](https://e.org/spy.png)", '<p><img alt="p"></p>\n'),
        ("```python\na < b\n```", '<pre><code class="language-python">a &lt; b\n</code></pre>\n'),
        ("~~a~~", "<p><s>a</s></p>\n"),
        (
            "|a|\n|-|\n|b|",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table>\n",
        ),
        ("$x < y$ and \\(z\\)", "<p>\\(x &lt; y\\) and \\(z\\)</p>\n"),
        ("5 $ and 6 $", "<p>5 $ and 6 $</p>\n"),
        ("$$\n\\nu\n$$", "<div>\\[\\nu\\]</div>\n"),
    ],
)
def test_markdown(text: str, html: str) -> None:
    assert rules.html_from_markdown(text) == html


def test_html_is_sanitised_and_markdown_in_it_is_not_read() -> None:
    assert rules.html_of("*a*<i onclick=x>b</i><svg/onload=x>", written_in=BodyFormat.HTML) == "*a*<i>b</i>"


PIECES = st.sampled_from(
    [
        *("<", ">", '"', "'", "=", " ", "/", "&", ";", "javascript:", "data:text/html,", "on", "error", "src", "href"),
        *("<img ", "<a ", "<svg>", "<math>", "<script>", "</script>", "<style>", "<b>", "</b>", "<!--", "-->", "style"),
        *("<table>", "<td>", "<p>", "](", "![", "[", ")", "`", "\n", "$", "\\(", "&#x6a;", "&lt;", "x", "<![CDATA["),
        *(MEDIA, "https://e.org"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from([*BodyFormat]))
def test_whatever_is_written_nothing_but_the_allow_list_comes_out(text: str, written_in: BodyFormat) -> None:
    html = rules.html_of(text, written_in=written_in)
    for shown in (html, sanitise(html)):
        for element in lxml_html.fragment_fromstring(shown, create_parent="div").iterdescendants():
            assert element.tag in TAGS
            assert set(element.attrib) <= ATTRIBUTES.get(element.tag, frozenset()) | {"rel"}
            assert element.get("src", MEDIA).startswith("media:")
            assert element.get("href", MEDIA).startswith(("https://", "http://", "mailto:", "media:"))


@pytest.mark.parametrize("url", ["https://youtu.be/x", "https://e.org/a.mp4?b=c"])
def test_a_video_is_an_https_address(url: str) -> None:
    assert rules.is_video_link(url)


@pytest.mark.parametrize(
    "url", ["", "http://e.org/a", "javascript:x", "https://a b", 'https://e.org/"x', "https://e.org/<"]
)
def test_nothing_else_is_a_video(url: str) -> None:
    assert not rules.is_video_link(url)
