"""Kill -9 while answers are kept, mails sent and certificates stored; and each breach is found once it is sown."""

from collections import Counter

import pytest

from tests.faults.story import OF_EFFECTS, Story, name_of, strike_and_judge
from tests.faults.verdict import Aliens, Verdict, judge

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
# What must be found to be nobody's.
STRANGERS = {
    "news to a stranger": """
        insert into notifications_notification (id, created_at, updated_at, user_id, kind, source_id, facts)
        select gen_random_uuid(), now(), now(), id, 'welcome', gen_random_uuid(), '{}'
        from users_user where email = 'jonas@learninghub.example'""",
    "a fact of a stranger": """
        insert into learninghub_outboxmessage (message_id, kind, name, aggregate_type, aggregate_id, aggregate_version,
            partition, payload, headers, occurred_at, available_at, attempts, last_error, published_at)
        select gen_random_uuid(), kind, name, aggregate_type, gen_random_uuid(), 1,
            partition, jsonb_build_object('user_id', gen_random_uuid()), headers, now(), now(), 0, '', now()
        from learninghub_outboxmessage where kind = 'fact' limit 1""",
    "an effect of a fact that nobody stated": """
        insert into learninghub_inboxentry (message_id, handler) values (gen_random_uuid(), 'nobody.heard')""",
    "a fact that was lost between two": """
        insert into learninghub_outboxmessage (message_id, kind, name, aggregate_type, aggregate_id, aggregate_version,
            partition, payload, headers, occurred_at, available_at, attempts, last_error, published_at)
        select gen_random_uuid(), 'fact', 'courses.course_published.v1', 'gap', 'one', number,
            0, '{}', '{}', now(), now(), 0, '', now()
        from unnest(array[7, 9]) number""",
}


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


@pytest.mark.parametrize("strike", OF_EFFECTS, ids=name_of)
def test_a_journey_with_a_crash_leaves_the_same(story: Story, strike: tuple[str, str]) -> None:
    strike_and_judge(story, strike)


@pytest.mark.parametrize("breach", BREACHES)
def test_a_sown_breach_is_found_and_nothing_else(story: Story, breach: str) -> None:
    statement, found = BREACHES[breach]
    house, calm = story.house, story.calm
    before = judge(house, calm.id, calm.email, story.expected).breaches
    house.ask(statement, calm.id)
    after = judge(house, calm.id, calm.email, story.expected).breaches
    assert tuple(now - then for now, then in zip(after, before, strict=True)) == found


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_is_nobodys_is_found(story: Story, stranger: str) -> None:
    house, calm = story.house, story.calm
    aliens = Aliens(house)
    before = judge(house, calm.id, calm.email, story.expected).breaches
    assert aliens.count(known=[calm.id]) == 0
    house.ask(STRANGERS[stranger])
    assert aliens.count(known=[calm.id]) == 1
    assert judge(house, calm.id, calm.email, story.expected).breaches == before


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
