"""The rules of reviews, by property."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.reviews.errors import NotLearning, TeachesTheCourse, TooEarly
from apps.reviews.rules import average, refusal, total

histograms = st.lists(st.integers(min_value=0, max_value=1_000_000), min_size=5, max_size=5)


class TestRefusal:
    def test_is_none_from_a_tenth_on(self) -> None:
        assert isinstance(refusal(teaches=False, percent=9), TooEarly)
        assert refusal(teaches=False, percent=10) is None
        assert refusal(teaches=False, percent=100) is None

    def test_names_the_first_reason(self) -> None:
        assert isinstance(refusal(teaches=True, percent=100), TeachesTheCourse)
        assert isinstance(refusal(teaches=True, percent=None), TeachesTheCourse)
        assert isinstance(refusal(teaches=False, percent=None), NotLearning)


class TestAverage:
    @given(histograms)
    def test_lies_between_the_worst_and_the_best_given(self, histogram: list[int]) -> None:
        given_stars = [stars for stars, many in enumerate(histogram, 1) if many]
        mean = average(histogram)
        assert min(given_stars) <= mean <= max(given_stars) if given_stars else mean == 0

    @given(histograms)
    def test_is_the_sum_by_the_count_to_two_places(self, histogram: list[int]) -> None:
        count = sum(histogram)
        assert abs(average(histogram) * count - total(histogram)) <= Decimal("0.005") * count

    def test_rounds_halves_up_as_the_catalogue_does(self) -> None:
        assert average([0, 0, 0, 7, 1]) == Decimal("4.13")
        assert average([0, 0, 0, 0, 0]) == Decimal("0.00")
