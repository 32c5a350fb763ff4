"""The desk, at which staff sit."""

import pytest
from django.test import Client

from apps.users.types import Person
from tests.support.desk import desk_of


@pytest.fixture
def desk(staff: Person) -> Client:
    return desk_of(staff)
