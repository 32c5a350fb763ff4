"""The desk in a real browser, by the keyboard alone: it asks nobody else for anything and keeps its own policy (87)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.reviews.events import ReviewHidden
from apps.reviews.models import Review
from apps.users.types import Person
from learninghub.audit.models import AuditEntry
from tests.support.browser import Browser, Page, Stop, chromium
from tests.support.courses import make_course
from tests.support.desk import desk_of
from tests.support.facts import published
from tests.support.people import PASSWORD, make_person
from tests.support.reviews import make_learner, report, review
from tests.support.serving import served

pytestmark = pytest.mark.django_db
ELSEWHERE = "http://192.0.2.1/spy.png"  # of a network that is kept for examples (RFC 5737)
# Of each chart, how many pixels have the colour of bars, and how many any.
BARS = """[...document.querySelectorAll("canvas")].map((chart) => {
    const copy = Object.assign(document.createElement("canvas"), { width: chart.width, height: chart.height });
    const brush = copy.getContext("2d", { willReadFrequently: true });
    const pixels = () => new Uint32Array(brush.getImageData(0, 0, copy.width, copy.height).data.buffer);
    brush.fillStyle = getComputedStyle(document.body).getPropertyValue("--color-primary-600");
    brush.fillRect(0, 0, 1, 1);
    const [bar] = pixels();
    brush.clearRect(0, 0, 1, 1);
    brush.drawImage(chart, 0, 0);
    return [
        chart.closest("section > *").innerText.split("\\n")[0],
        pixels().filter((pixel) => pixel === bar).length,
        pixels().filter(Boolean).length,
    ];
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def site(application: Callable[..., Any]) -> Iterator[str]:
    with served(application) as address:
        yield address


@pytest.fixture
def page(site: str, browser: Browser) -> Iterator[Page]:
    with browser.page() as opened:
        yield opened


@pytest.fixture
def staff() -> Person:
    return make_person(roles={"staff"}, email="sam@example.org", display_name="Sam")


@pytest.fixture
def reported() -> Review:
    course = make_course(lessons=1, title="Algebra")
    author = make_learner(course, email="ada@example.org", display_name="Ada")
    one = review(author, course, rating=2, text="Buy pills.")
    report(one, make_learner(course))
    return Review.objects.get(id=one)


@pytest.fixture
def desk(page: Page, site: str, staff: Person) -> Page:
    """The page of somebody who has logged in."""
    cookie = desk_of(staff).cookies["sessionid"]
    page.send("Network.setCookie", url=site, name=cookie.key, value=cookie.value)
    return page


def assert_is_quiet(page: Page, site: str) -> None:
    """Nobody else was asked, the policy refused nothing, all that was asked for came, and no script failed."""
    assert page.answered
    assert (page.elsewhere(site), page.refused, page.complaints) == ([], [], [])


def assert_shows_the_focus(page: Page) -> None:
    """What has the focus looks otherwise when it is left, and is come back to."""
    stop = page.focus()
    page.tab(back=True)
    page.tab()
    assert (page.focus(), page.unseen) == (stop, [])


def skip_to_the_content(page: Page) -> None:
    page.tab_to("link", "Skip to the content")
    page.press("Enter")
    page.tab()
    assert page.evaluate("document.querySelector('#main').contains(desk.focused())")


def test_a_reported_review_is_hidden_and_its_author_found(page: Page, site: str, staff: Person, reported: Review):
    page.open(f"{site}/admin/")
    assert page.focus() == Stop(role="textbox", name="Email*", is_in_view=True)
    page.type("sam@example.org")
    page.tab_to("textbox", "Password*")
    page.type(PASSWORD)
    page.follow()

    skip_to_the_content(page)
    page.tab_to("link", "Reviews to look at 1 reported in 14 days")
    assert_shows_the_focus(page)
    page.follow()
    assert page.path() == "/admin/reviews/review/queue/"

    skip_to_the_content(page)
    page.tab_to("link", "Hide")
    assert_shows_the_focus(page)
    page.follow()
    assert page.focus() == Stop(role="combobox", name="Reason*", is_in_view=True)
    page.type("o")
    page.tab_to("textbox", "Note*")
    page.type("An advertisement.")
    page.tab_to("button", "Hide")
    page.tab_to("link", "Cancel", back=True)
    page.tab_to("button", "Hide")
    assert_shows_the_focus(page)
    page.follow(" ")
    assert page.path() == "/admin/reviews/review/queue/"
    assert "Done: Hide" in page.text()
    assert "Nothing waits." in page.text()

    reported.refresh_from_db()
    assert (reported.hidden_for, reported.reported_at) == ("off_topic", None)
    entry = AuditEntry.objects.get(subject_id=reported.id)
    assert (entry.actor_id, entry.action, entry.reason) == (staff.id, "reviews.hidden", "An advertisement.")
    [fact] = published(ReviewHidden)
    assert (fact.review_id, fact.author_id, fact.reason) == (reported.id, reported.author_id, "off_topic")

    page.tab_to("link", "People")
    page.follow()
    skip_to_the_content(page)
    page.tab_to("textbox", "Search")
    page.type("ada@example.org")
    assert_shows_the_focus(page)
    page.follow()
    page.tab_to("link", "Created at")
    assert page.tab() == Stop(role="link", name="ada@example.org", is_in_view=True)
    assert_shows_the_focus(page)
    page.follow()
    assert page.path() == f"/admin/users/user/{reported.author_id}/change/"

    assert_is_quiet(page, site)


def test_whatever_can_be_clicked_is_a_stop_with_a_name_that_shows_its_focus(desk: Page, site: str, reported: Review):
    for theme, path in (
        ("dark", "/admin/"),
        ("light", "/admin/reviews/review/queue/"),
        ("dark", "/admin/users/user/?q=example.org"),
        ("light", f"/admin/reviews/review/{reported.id}/change/"),
        ("dark", f"/admin/reviews/review/{reported.id}/hide/"),
    ):
        desk.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        desk.open(site + path)
        stops = desk.walk()
        assert [stop for stop in stops if not (stop.name and stop.is_in_view)] == [], path
        assert (desk.unseen, desk.unreached()) == ([], []), path
    assert_is_quiet(desk, site)


def test_the_menus_open_by_keys_take_the_focus_in_and_give_it_back(desk: Page, site: str):
    desk.open(f"{site}/admin/users/user/")
    filters = desk.tab_to("button", "Filters")
    desk.press("Enter")
    desk.wait_until("desk.focused()?.innerText.trim() === 'All'")
    desk.press("Escape")
    desk.wait_until("!document.querySelector('#changelist-filter').checkVisibility()")
    assert desk.focus() == filters

    account = desk.tab_to("button", "S sam@example.org sam@example.org", back=True)
    desk.press(" ")
    desk.wait_until("desk.focused()?.innerText.includes('Light')")
    desk.press("Escape")
    desk.wait_until("!document.querySelector('#logout-form').checkVisibility()")
    assert desk.focus() == account

    desk.press("Enter")
    desk.wait_until("desk.focused()?.innerText.includes('Light')")
    desk.tab_to("button", "Log out")
    assert_shows_the_focus(desk)
    desk.follow()
    desk.open(f"{site}/admin/")
    assert desk.path() == "/admin/login/"
    assert_is_quiet(desk, site)


def test_the_dashboard_draws_its_charts(desk: Page, site: str, reported: Review):
    desk.open(f"{site}/admin/")
    desk.wait_until(f"{BARS}[0][1] > 100")
    charts = {title: (bars > 100, drawn > 1000) for title, bars, drawn in desk.evaluate(BARS)}
    assert charts["Registrations"] == (True, True)
    assert charts["Certificates"] == (False, True)
    assert_is_quiet(desk, site)


class TestTheControls:
    """What the tests above would notice."""

    def test_a_picture_from_elsewhere_is_refused_by_the_policy_and_never_answered(self, desk: Page, site: str):
        desk.open(f"{site}/admin/")
        desk.evaluate(f"document.body.append(Object.assign(new Image(), {{ src: '{ELSEWHERE}' }})), 0")
        desk.wait_for("Runtime.bindingCalled")
        assert desk.refused == [{"directive": "img-src", "blocked": ELSEWHERE}]
        assert desk.elsewhere(site) == [ELSEWHERE]
        assert [desk.requests[one] for one in desk.answered if desk.requests[one] == ELSEWHERE] == []

    def test_a_script_in_the_page_is_refused_by_the_policy(self, desk: Page, site: str):
        desk.open(f"{site}/admin/")
        desk.evaluate("document.body.append(Object.assign(document.createElement('script'), { text: 'spy = 1' })), 0")
        desk.wait_for("Runtime.bindingCalled")
        assert desk.refused == [{"directive": "script-src-elem", "blocked": "inline"}]
        assert desk.evaluate("typeof spy") == "undefined"

    def test_a_page_that_may_ask_elsewhere_is_seen_to_do_so(self, page: Page, site: str):
        page.open("data:text/html,<img src='http://elsewhere.example/spy.png'>")
        assert page.elsewhere(site) == ["http://elsewhere.example/spy.png"]
        assert page.refused == []

    def test_what_hides_its_focus_or_is_for_the_mouse_alone_is_found(self, desk: Page, site: str):
        desk.open(f"{site}/admin/login/")
        desk.evaluate(
            """document.body.innerHTML = `<style>a { outline: none; } div { cursor: pointer; }</style>
            <a href="/">One</a><a href="/">Two</a><div>Three</div>`, 0"""
        )
        assert [stop.name for stop in desk.walk()] == ["One", "Two"]
        assert desk.unseen == ['<a href="/">One</a>', '<a href="/">Two</a>']
        assert desk.unreached() == ["<div>Three</div>"]
