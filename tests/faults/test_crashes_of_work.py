"""Kill -9 while facts and jobs are relayed, delivered and done: nothing is lost, nothing is done twice."""

import pytest

from tests.faults.story import OF_WORK, Story, name_of, strike_and_judge


def test_a_schedule_killed_around_its_commit_asks_once_for_each_turn(story: Story) -> None:
    assert set(story.asked) >= {"auth.tidy", "users.tidy", "learninghub.forget_published"}
    assert set(story.asked.values()) == {1}


@pytest.mark.parametrize("strike", OF_WORK, ids=name_of)
def test_a_journey_with_a_crash_leaves_the_same(story: Story, strike: tuple[str, str]) -> None:
    strike_and_judge(story, strike)
