"""What answers earn: examples people argue about, and properties that hold for all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.assessments.rules import scoring
from apps.assessments.rules.scoring import Key, Response
from apps.assessments.types import Keep, QuestionKind

CHOICES = tuple(UUID(int=number) for number in range(1, 9))
choice_sets = st.frozensets(st.sampled_from(CHOICES))
right_sets = st.frozensets(st.sampled_from(CHOICES), min_size=1)
points = st.decimals(min_value="0.01", max_value="1000", places=2)
scores = st.decimals(min_value="0", max_value="100", places=2)


def multiple(right):
    return Key(kind=QuestionKind.MULTIPLE, right=right)


class TestSingleChoice:
    key = Key(kind=QuestionKind.SINGLE, right=frozenset(CHOICES[:1]))

    @pytest.mark.parametrize(("chosen", "earned"), [(CHOICES[:1], 1), (CHOICES[1:2], 0), ((), 0), (CHOICES[:2], 0)])
    def test_earns_everything_for_the_right_one_alone(self, chosen, earned):
        assert scoring.credit(self.key, Response(chosen=frozenset(chosen)), partial_credit=True) == earned

    def test_a_key_without_a_right_choice_gives_nothing_away(self):
        empty = Key(kind=QuestionKind.TRUE_FALSE)
        assert scoring.credit(empty, Response(), partial_credit=True) == 0


class TestMultipleChoice:
    @pytest.mark.parametrize(
        ("chosen", "earned"),
        [
            (CHOICES[:3], Fraction(1)),
            (CHOICES[:2], Fraction(2, 3)),
            (CHOICES[:4], Fraction(2, 3)),
            (CHOICES[2:4], Fraction(0)),
            (CHOICES[:6], Fraction(0)),
            (CHOICES, Fraction(0)),
            ((), Fraction(0)),
        ],
    )
    def test_earns_right_minus_wrong_of_three_right_ones(self, chosen, earned):
        key = multiple(frozenset(CHOICES[:3]))
        assert scoring.credit(key, Response(chosen=frozenset(chosen)), partial_credit=True) == earned

    @given(right=right_sets, chosen=choice_sets)
    def test_is_never_below_none_nor_above_all(self, right, chosen):
        assert 0 <= scoring.credit(multiple(right), Response(chosen=chosen), partial_credit=True) <= 1

    @given(right=right_sets, chosen=choice_sets, partial_credit=st.booleans())
    def test_earns_everything_exactly_when_all_is_right(self, right, chosen, partial_credit):
        earned = scoring.credit(multiple(right), Response(chosen=chosen), partial_credit=partial_credit)
        assert (earned == 1) == (chosen == right)

    @given(right=right_sets, chosen=choice_sets)
    def test_without_partial_credit_is_all_or_nothing(self, right, chosen):
        assert scoring.credit(multiple(right), Response(chosen=chosen), partial_credit=False) in {0, 1}

    @given(right=right_sets, chosen=choice_sets, one=st.sampled_from(CHOICES))
    def test_a_wrong_choice_more_never_helps(self, right, chosen, one):
        without, with_it = chosen - {one}, chosen | {one}
        key = multiple(right - {one} or {CHOICES[0]} - {one} or {CHOICES[1]})
        more = scoring.credit(key, Response(chosen=with_it), partial_credit=True)
        assert more <= scoring.credit(key, Response(chosen=without), partial_credit=True)

    @given(right=right_sets, chosen=choice_sets, renaming=st.permutations(CHOICES))
    def test_the_order_of_choices_is_irrelevant(self, right, chosen, renaming):
        moved = dict(zip(CHOICES, renaming, strict=True))
        renamed = scoring.credit(
            multiple(frozenset(moved[one] for one in right)),
            Response(chosen=frozenset(moved[one] for one in chosen)),
            partial_credit=True,
        )
        assert renamed == scoring.credit(multiple(right), Response(chosen=chosen), partial_credit=True)


class TestPoints:
    def test_are_rounded_half_up_to_four_places(self):
        assert scoring.points_for(Fraction(1, 3), Decimal(1)) == Decimal("0.3333")
        assert scoring.points_for(Fraction(2, 3), Decimal(1)) == Decimal("0.6667")
        assert scoring.points_for(Fraction(1, 2), Decimal("0.01")) == Decimal("0.0050")

    @given(points=points, right=st.integers(1, 50), data=st.data())
    def test_are_full_exactly_for_full_credit(self, points, right, data):
        share = Fraction(data.draw(st.integers(0, right)), right)
        earned = scoring.points_for(share, points)
        assert 0 <= earned <= points
        assert (earned == points) == (share == 1)
        assert (earned == 0) == (share == 0)


class TestPercent:
    @pytest.mark.parametrize(
        ("earned", "possible", "shown"),
        [
            ("1", "3", "33.33"),
            ("2", "3", "66.67"),
            ("1", "8", "12.50"),
            ("0.00125", "1", "0.13"),
            ("0.00115", "1", "0.12"),
            ("3", "3", "100.00"),
            ("0", "3", "0.00"),
            ("99999.9999", "100000", "99.99"),
            ("0", "0", "0.00"),
        ],
    )
    def test_is_exact_and_rounded_half_up_once(self, earned, possible, shown):
        assert str(scoring.percent(Decimal(earned), Decimal(possible))) == shown

    @given(st.lists(st.tuples(points, st.fractions(0, 1, max_denominator=50)), min_size=1, max_size=40))
    def test_of_any_quiz_lies_between_0_and_100_and_is_full_only_for_all(self, answers):
        earned = sum((scoring.points_for(share, worth) for worth, share in answers), Decimal(0))
        score = scoring.percent(earned, sum((worth for worth, _ in answers), Decimal(0)))
        assert 0 <= score <= 100
        assert (score == 100) == all(share == 1 for _, share in answers)
        assert score == score.quantize(Decimal("0.01"))

    @given(st.permutations([(Decimal("0.3333"), Decimal(1)), (Decimal("2.5"), Decimal(3)), (Decimal(0), Decimal(7))]))
    def test_does_not_depend_on_the_order_of_questions(self, answers):
        total = scoring.percent(sum(e for e, _ in answers), sum(p for _, p in answers))
        assert total == Decimal("25.76")

    @pytest.mark.parametrize(("score", "passed"), [("59.99", False), ("60.00", True), ("100.00", True)])
    def test_passes_by_reaching_the_mark(self, score, passed):
        assert scoring.is_passed(Decimal(score), pass_percent=60) is passed


class TestTheScoreThatCounts:
    @given(st.lists(scores, min_size=1))
    def test_is_the_best_of_all_attempts(self, attempts):
        counted = None
        for score in attempts:
            counted = scoring.kept(counted, score, keep=Keep.BEST)
        assert counted == max(attempts)

    @given(st.lists(scores, min_size=1))
    def test_is_the_last_of_all_attempts(self, attempts):
        counted = None
        for score in attempts:
            counted = scoring.kept(counted, score, keep=Keep.LAST)
        assert counted == attempts[-1]


class TestTheDeadline:
    started = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    def test_is_the_limit_after_the_start_with_the_learners_extra_time(self):
        assert scoring.deadline(self.started, time_limit_s=3600) == self.started + timedelta(hours=1)
        assert scoring.deadline(self.started, time_limit_s=3600, extra_s=900) == self.started + timedelta(minutes=75)

    def test_is_absent_without_a_limit_whatever_the_extra_time(self):
        assert scoring.deadline(self.started, time_limit_s=None, extra_s=900) is None


class TestShuffling:
    @given(st.lists(st.integers(), unique=True), st.integers(0, 2**31 - 1))
    def test_keeps_every_item_and_is_decided_by_the_seed(self, items, seed):
        once = scoring.shuffled(items, seed=seed)
        assert sorted(once) == sorted(items)
        assert once == scoring.shuffled(items, seed=seed)
