"""A line that breaks again and again is rested from, longer each time, until it has been quiet."""

from learninghub.broker.breaks import Breaks
from learninghub.broker.topology import DELIVERY_LIMIT


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_break_in_a_row_is_rested_from_twice_as_long_up_to_eight_seconds():
    clock = Clock()
    breaks = Breaks(clock=clock)
    rests = []
    for _ in range(6):
        rests.append(breaks.rest())
        clock.now += rests[-1] + 2
    assert rests == [1, 2, 4, 8, 8, 8]


def test_a_quiet_minute_forgets_them():
    clock = Clock()
    breaks = Breaks(clock=clock)
    breaks.rest()
    clock.now += 59
    assert breaks.rest() == 2
    clock.now += 60
    assert breaks.rest() == 1


def test_a_line_that_is_cut_every_other_second_costs_no_message_more_than_its_deliveries():
    """As fault F7 cuts it, for twenty seconds: a message is given up with the sixth (R17)."""
    clock = Clock()
    breaks = Breaks(clock=clock)
    is_held_from, lost = clock.now, 0
    for _ in range(10):
        clock.now += 2
        if is_held_from <= clock.now:
            lost += 1
            is_held_from = clock.now + breaks.rest()
    assert lost == DELIVERY_LIMIT
