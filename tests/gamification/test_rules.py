"""The rules of the game, by property."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.gamification.rules import BADGES, POINTS, WEEKS_IN_A_ROW, bucket, earned, iso_week, longest_streak
from apps.gamification.types import PointRule

scores = st.integers(min_value=0, max_value=200_000)


class TestPoints:
    def test_are_given_for_every_rule(self) -> None:
        assert set(POINTS) == set(PointRule)
        assert all(points > 0 for points in POINTS.values())


class TestBucket:
    @given(one=scores, other=scores)
    def test_orders_as_the_scores_do(self, one: int, other: int) -> None:
        low, high = sorted([one, other])
        assert bucket(low) <= bucket(high)

    @given(scores)
    def test_leaves_no_bucket_out(self, score: int) -> None:
        assert bucket(score + 1) - bucket(score) in {0, 1}

    def test_is_fine_where_most_are_and_coarse_where_few_are(self) -> None:
        edges = [0, 9, 10, 999, 1_000, 1_099, 1_100, 9_999, 10_000, 10_999, 11_000]
        assert [bucket(score) for score in edges] == [0, 0, 1, 99, 100, 100, 101, 189, 190, 190, 191]


class TestEarned:
    def test_is_nothing_at_the_start(self) -> None:
        assert earned({}) == []

    def test_is_what_reached_its_goal(self) -> None:
        keys = [badge.key for badge in earned({PointRule.COURSE_COMPLETED: 5, PointRule.LESSON_COMPLETED: 49})]
        assert keys == ["first-lesson", "first-course", "five-courses"]

    def test_names_each_badge_once_and_counts_something_known(self) -> None:
        assert len({badge.key for badge in BADGES}) == len(BADGES)
        assert {badge.counts for badge in BADGES} <= {*PointRule, WEEKS_IN_A_ROW}


class TestIsoWeek:
    @pytest.mark.parametrize(
        ("moment", "week"),
        [
            (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), 202647),
            (datetime(2026, 11, 23, 0, 0, tzinfo=UTC), 202648),
            (datetime(2027, 1, 1, 12, tzinfo=UTC), 202653),
            (datetime(2026, 11, 23, 1, tzinfo=timezone(timedelta(hours=2))), 202647),
        ],
    )
    def test_is_the_week_in_utc(self, moment: datetime, week: int) -> None:
        assert iso_week(moment) == week


class TestLongestStreak:
    def test_is_0_of_nothing(self) -> None:
        assert longest_streak([]) == 0

    def test_goes_on_across_the_turn_of_the_year(self) -> None:
        assert longest_streak([202652, 202653, 202701]) == 3

    def test_is_the_longest_of_several(self) -> None:
        assert longest_streak([202601, 202602, 202610, 202611, 202612, 202620]) == 3

    @given(start=st.dates(date(2020, 1, 1), date(2040, 1, 1)), weeks=st.integers(min_value=1, max_value=120))
    def test_counts_any_run_of_weeks(self, start: date, weeks: int) -> None:
        noon = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
        run = [iso_week(noon + timedelta(weeks=week)) for week in range(weeks)]
        assert longest_streak(reversed(run)) == weeks
