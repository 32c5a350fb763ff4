"""Every process of a fleet, with every connection it may hold, fits into a PostgreSQL as it comes (R22)."""

from collections.abc import Sequence

import pytest

from learninghub.registry import QUEUES, SERVICES
from scripts.fleet import servers
from tests.deployment.test_compose import FILES, ours

MOST = 80  # four fifths of the 100 that PostgreSQL allows where nothing else is said


def held(commands: Sequence[Sequence[str]], *, pool: int) -> int:
    """The pools of all, and the line that relay and schedule keep beside theirs; a worker's parent holds none."""
    return sum(pool + (command[0] in {"relay", "schedule"}) for command in commands)


@pytest.mark.parametrize("file", FILES)
def test_a_fleet_in_containers_leaves_a_fifth(file: str) -> None:
    pods = [one for one in ours(file).values() if one["command"] not in (["migrate"], ["serve"])]
    [pool] = {int(one["environment"]["DATABASE_POOL"]) for one in pods}
    assert 0 < held([one["command"] for one in pods], pool=pool) <= MOST


def test_make_fleet_leaves_a_fifth() -> None:
    everyone = [["serve"]] * len(SERVICES) + [["work"]] * len(QUEUES) + [["relay"], ["schedule"]]
    assert 0 < held(everyone, pool=servers.POOL) <= MOST
