"""Loading the demo: its story is lived day by day, each with the clock turned back to it (decision 0096)."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from apps.certificates import api as certificates
from apps.courses import api as courses
from apps.gamification import api as gamification
from apps.users import api as users
from config.demo import learning, orders, people, story
from config.demo.courses import CATEGORIES, add_course, sources
from config.demo.orders import Till
from config.demo.rewards import REWARDS
from learninghub import clock, pdf
from learninghub.outbox.at_once import receive_all

LEFT = ("pdf", "mail", "media")  # the slow jobs: for the workers, while people look around already


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of who and what is there: people by address, courses by the name of their file."""

    people: dict[str, UUID] = field(default_factory=dict)
    courses: dict[str, UUID] = field(default_factory=dict)


def load(*, till: Till | None) -> bool:
    """Lives the days that are not lived yet, the first one first; says whether there were any.

    A day is its orders, where there is a till to pay them at, then what else people do, then all that follows. Whoever
    joins last on it is its mark: cut short anywhere, it is gone on with, for all of it is harmless twice. Runs outside
    any transaction.
    """
    try:
        ahead = [] if _is_of_old() else [day for day in story.days() if not _is_lived(day)]
        if ahead:
            _live_on(ahead, till=till)
    finally:
        if till:
            till.set_clock(behind=0)
    return bool(ahead)


def show_certificate() -> str | None:
    """The code of the demo learner's certificate, once it has been issued; its file is drawn where that can be done."""
    learner, instructor = (users.find_by_email(email=who.email) for who in (people.LEARNER, people.INSTRUCTOR))
    if learner is None or instructor is None:
        return None
    taught = courses.list_taught(user_id=instructor.id)
    found = (certificates.find_for_course(user_id=learner.id, course_id=course_id) for course_id in taught)
    certificate = next(filter(None, found), None)
    if certificate is None:
        return None
    with suppress(pdf.PdfUnavailable, pdf.PdfFailed):  # its job will
        certificates.render(certificate_id=certificate.id)
    return certificate.code


def _live_on(days: list[int], *, till: Till | None) -> None:
    began = clock.now()
    known = _find_known()
    for day in days:
        back = clock.now() - story.moment(day, now=began)
        with clock.turned_back(back):
            if day == story.OPENING:
                _open(known)
            if till:
                till.set_clock(behind=back.total_seconds())
                _place_orders(day, known, till=till, back=back)
            _live(day, known)
        receive_all(clock=clock.now, without=LEFT)


def _is_of_old() -> bool:
    """Whether a demo is here that had no days: it stays as it is."""
    return _is_known(people.STAFF) and not _is_known(people.COLLEAGUE)


def _is_lived(day: int) -> bool:
    return _is_known([learner.person for learner in story.learners() if learner.joined == day][-1])


def _is_known(person: people.DemoPerson) -> bool:
    return users.find_by_email(email=person.email) is not None


def _find_known() -> Known:
    known = Known()
    for person in (*people.TEAM, *(learner.person for learner in story.learners())):
        if found := users.find_by_email(email=person.email):
            known.people[person.email] = found.id
    names = {source["title"]: name for name, source in sources().items()}
    for person in people.TEAM:
        if person.email in known.people:
            taught = courses.list_taught(user_id=known.people[person.email])
            cards = courses.get_cards(ids=taught).values()
            known.courses.update({names[card.title]: card.id for card in cards if card.title in names})
    return known


def _place_orders(day: int, known: Known, *, till: Till, back: timedelta) -> None:
    for learner in story.learners():
        for purchase in learner.buys:
            if purchase.on == day:
                orders.place(
                    user_id=known.people[learner.person.email],
                    course_id=known.courses[purchase.course],
                    end=purchase.end,
                    till=till,
                    back=back,
                )


def _live(day: int, known: Known) -> None:
    """Those who joined last come last, so that whoever is the day's mark has been waited for by all others."""
    for learner in story.learners():
        if learner.joined == day:
            known.people[learner.person.email] = people.welcome(learner.person, now=clock.now())
        learning.spend_day(learner, day, people=known.people, taught=known.courses)


def _open(known: Known) -> None:
    """The team, its shelves, rewards and courses."""
    for person in people.TEAM:
        known.people[person.email] = people.welcome(person, now=clock.now())
    staff = known.people[people.STAFF.email]
    for slug, name in CATEGORIES.items():
        courses.add_category(slug=slug, name=name, by=staff, now=clock.now())
    for reward in REWARDS:
        if gamification.find_reward(name=reward["name"]) is None:
            gamification.add_reward(**reward, by=staff, now=clock.now())
    for name, source in sources().items():
        if name not in known.courses:
            author = known.people[source.get("taught_by", people.INSTRUCTOR.email)]
            known.courses[name] = add_course(source, by=author, now=clock.now())
