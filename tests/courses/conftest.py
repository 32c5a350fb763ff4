"""People around a course."""

import pytest

from tests.support.people import make_person


@pytest.fixture
def author(db):
    return make_person(roles={"instructor"}, display_name="Ada Author")


@pytest.fixture
def other_instructor(db):
    return make_person(roles={"instructor"}, display_name="Otto Other")
