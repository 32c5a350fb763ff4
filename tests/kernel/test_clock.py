"""A process keeps the database's time, however wrong its machine's clock is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from learninghub import clock
from learninghub.db import uuid7

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=3)


@pytest.fixture(autouse=True)
def _uncompared() -> Iterator[None]:
    clock._ahead[0] = timedelta(0)
    yield
    clock._ahead[0] = timedelta(0)


def there() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (found,) = cursor.fetchone()
    assert isinstance(found, datetime)
    return found


@pytest.mark.parametrize("off_by", [HOURS, -HOURS], ids=["fast", "slow"])
def test_a_clock_that_is_wrong_is_corrected(off_by: timedelta) -> None:
    with time_machine.travel(datetime.now(UTC) + off_by):
        assert abs(clock.now() - there()) > HOURS / 2
        clock.compare()
        assert abs(clock.now() - there()) < clock.MAY_BE_OFF


def test_once_it_is_right_again_nothing_is_corrected() -> None:
    with time_machine.travel(datetime.now(UTC) + HOURS):
        clock.compare()
    clock.compare()
    assert clock._ahead == [timedelta(0)]


def test_a_clock_that_is_right_is_left_alone() -> None:
    clock.compare()
    assert clock._ahead == [timedelta(0)]


def test_turned_back_it_goes_on_and_keys_sort_by_it() -> None:
    before = uuid7()
    with clock.turned_back(HOURS):
        assert abs(datetime.now(UTC) - HOURS - clock.now()) < clock.MAY_BE_OFF
        first, second = clock.now(), clock.now()
        assert first < second
        assert uuid7() < before
    assert abs(datetime.now(UTC) - clock.now()) < clock.MAY_BE_OFF
    with clock.turned_back(-HOURS):
        assert uuid7() > before
