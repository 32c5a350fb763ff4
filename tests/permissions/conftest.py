"""The world in which the matrix is tried."""

import pytest

from tests.permissions.world import World, build


@pytest.fixture
def world(db: None) -> World:
    return build()
