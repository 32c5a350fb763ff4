"""Kill -9 at every crash point of the journey: nothing is lost, nothing is done twice."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from config import embedded
from learninghub.outbox.threads import WORKERS
from tests.faults.house import OPEN, House
from tests.faults.learner import Learner
from tests.faults.verdict import DRIFT, STUCK, Effects, Verdict, effects_of, judge
from tests.support.pdf import text_of

# Where on the way death strikes: at this point, as soon as this stage has begun.
STRIKES = (
    ("mail.before_send", "register"),
    ("mail.after_send", "register"),
    ("relay.before_send", "register"),
    ("deliver.before_commit", "confirm"),
    ("relay.after_send", "confirm"),
    ("write.after_commit", "enrol"),
    ("deliver.after_commit", "enrol"),
    ("work.after_take", "enrol"),
    ("mail.after_send", "enrol"),
    ("write.before_commit", "learn"),
    ("work.before_done", "learn"),
    ("mail.before_send", "complete"),
    ("relay.after_commit", "complete"),
    ("certificates.before_store", "complete"),
    ("certificates.after_store", "complete"),
    ("kill -9", "end"),
)
SCHEDULE = ("schedule.before_commit", "schedule.after_commit")  # struck before anyone comes
# Mails whose sender dies are in doubt: the account's are sent once more, others are counted.
DOUBTFUL = {("mail.after_send", "enrol"), ("mail.before_send", "complete")}
SENT_TWICE = {("mail.after_send", "register")}
COLUMNS = (
    f"{'died at':37} {'asked':>5} {'done':>4} {'refused':>7} {'unknown':>7} {'effects':>7} {'lost':>4} {'twice':>5} "
    f"{'ghost':>5} {'mail unknown':>12} {'mail twice':>10} {'free after s':>12} {'all s':>5}"
)
# What a sown breach must be found to be: (lost, duplicate, ghost).
BREACHES = {
    "lost points": ("delete from gamification_pointentry where user_id = %s and rule = 'enrolled'", (1, 0, 0)),
    "news told twice": (
        """insert into notifications_notification (id, created_at, updated_at, user_id, kind, source_id, facts)
        select gen_random_uuid(), now(), now(), user_id, kind, gen_random_uuid(), facts
        from notifications_notification where user_id = %s and kind = 'welcome'""",
        (0, 1, 0),
    ),
    "news of nothing": (
        """insert into notifications_notification (id, created_at, updated_at, user_id, kind, source_id, facts)
        values (gen_random_uuid(), now(), now(), %s, 'import_finished', gen_random_uuid(), '{}')""",
        (0, 0, 1),
    ),
}
HOURLY = """
select name, count(*) from learninghub_outboxmessage m join learninghub_scheduledrun using (name)
where due_at > now() + interval '10 minutes' group by name
"""


def _name(strike: tuple[str, str]) -> str:
    return " in ".join(strike)


@dataclass
class Story:
    """The house, what a journey without a crash leaves, and a line for each that had one."""

    house: House
    calm: Learner
    expected: Effects
    verdict: Verdict
    lines: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    house = House(tmp_path_factory.mktemp("faults"))
    try:
        for point in SCHEDULE:
            house.start(strike_at=point)
            house.wait_until_dead(of=point)
        house.start()
        house.wait_until_up()
        calm = Learner(house, "Calm Sea", recover=lambda: pytest.fail(house.said()))
        calm.travel(at=lambda stage: None)
        expected = effects_of(house, calm.id)
        story = Story(house, calm, expected, judge(house, calm.id, calm.email, expected))
        yield story
        plugins = request.config.pluginmanager
        with plugins.getplugin("capturemanager").global_and_fixture_disabled():
            for line in ("", COLUMNS, *story.lines):
                plugins.getplugin("terminalreporter").write_line(line)
    finally:
        house.stop()
        embedded.remove(house.var)


def test_a_schedule_killed_around_its_commit_asks_once_for_each_turn(story: Story) -> None:
    asked = dict(story.house.ask(HOURLY))
    assert set(asked) >= {"auth.tidy", "users.tidy", "learninghub.forget_published"}
    assert set(asked.values()) == {1}


def test_a_journey_without_a_crash_leaves_what_it_should(story: Story) -> None:
    assert Counter(name for name, *_ in story.expected.elements()) == {
        "account": 1,
        "enrolment": 1,
        "lesson": 4,
        "attempt": 2,
        "points": 11,
        "standing": 2,
        "tally": 6,
        "badge": 3,
        "certificate": 1,
        "news": 7,
        "mail": 8,
        "fact": 15,
        "heard": 19,
    }
    assert story.verdict == Verdict(effects=80)


@pytest.mark.parametrize("strike", STRIKES, ids=_name)
def test_a_journey_with_a_crash_leaves_the_same(story: Story, strike: tuple[str, str]) -> None:
    house, (point, where) = story.house, strike
    began = time.monotonic()
    deaths: list[float] = []

    def strike_at(stage: str) -> None:
        if stage == where == "end":
            assert house.ask(OPEN) != [(0,)]
            deaths.append(house.kill())
            _go_on(house)
        elif stage == where:
            learner.settle()
            house.orders.write_text(point)

    def recover() -> None:
        assert not deaths, "one death is enough"
        struck = time.monotonic()
        house.wait_until_dead(of=point)
        deaths.append(time.monotonic() - struck)
        _go_on(house)

    learner = Learner(house, f"Learner {len(story.lines)}", recover)
    learner.travel(strike_at)
    assert len(deaths) == 1
    verdict = judge(house, learner.id, learner.email, story.expected)
    story.lines.append(_line(strike, learner, verdict) + f" {deaths[0]:12.1f} {time.monotonic() - began:5.1f}")
    assert verdict.breaches == (0, 0, 0)
    # A worker that was just sending another mail dies with the one that is struck.
    assert (strike in DOUBTFUL) <= verdict.doubtful_mails <= WORKERS
    assert (strike in SENT_TWICE) <= verdict.second_mails <= WORKERS
    assert any(one.was_replayed for one in learner.log) >= (point == "write.after_commit")
    assert learner.name in _certificate(learner)
    assert house.ask(STUCK) == [(0, 0, 0)]
    assert house.ask(DRIFT) == []
    if point == "kill -9":
        assert deaths[0] < 3


def _go_on(house: House) -> None:
    house.start()
    house.wait_until_up()


def _certificate(learner: Learner) -> str:
    (certificate,) = learner.read("certificates/").json["results"]
    return text_of(learner.read(f"certificates/{certificate['id']}/pdf/").content)


def _line(strike: tuple[str, str], learner: Learner, verdict: Verdict) -> str:
    asked = len(learner.log)
    lost, twice, ghost = verdict.breaches
    done = sum(one.is_acknowledged for one in learner.log)
    unknown = sum(one.unknown > 0 for one in learner.log)
    return (
        f"{_name(strike):37} {asked:5} {done:4} {asked - done:7} {unknown:7} {verdict.effects:7} "
        f"{lost:4} {twice:5} {ghost:5} {verdict.doubtful_mails:12} {verdict.second_mails:10}"
    )


@pytest.mark.parametrize("breach", BREACHES)
def test_a_sown_breach_is_found_and_nothing_else(story: Story, breach: str) -> None:
    statement, found = BREACHES[breach]
    house, calm = story.house, story.calm
    before = judge(house, calm.id, calm.email, story.expected).breaches
    house.ask(statement, calm.id)
    after = judge(house, calm.id, calm.email, story.expected).breaches
    assert tuple(now - then for now, then in zip(after, before, strict=True)) == found


def test_a_mail_handed_over_twice_or_never_is_found(story: Story) -> None:
    house, calm = story.house, story.calm
    before = judge(house, calm.id, calm.email, story.expected)
    (file,) = (
        path
        for path in (house.var / "mail").glob("*.log")
        if f"To: {calm.email}\n".encode() in path.read_bytes() and b"Welcome" in path.read_bytes()
    )
    again = file.with_name(f"again-{file.name}")
    again.write_bytes(file.read_bytes())
    assert judge(house, calm.id, calm.email, story.expected).duplicate == before.duplicate + 1
    again.unlink()
    file.rename(file.with_suffix(".away"))
    assert judge(house, calm.id, calm.email, story.expected).lost == before.lost + 1
    file.with_suffix(".away").rename(file)
