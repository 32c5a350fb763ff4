"""People and their files."""

import pytest

from tests.support.people import make_person


@pytest.fixture
def instructor(db):
    return make_person(roles={"instructor"})
