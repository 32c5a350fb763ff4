"""Everything is asked to end under load, and what does not end in time is killed."""

from collections.abc import Iterator

from tests.faults.fleet import RELAYS
from tests.faults.trial import Trial, fault

RELAY_ENDS_WITHIN_S = 10


@fault("F24", "workers, relays and services asked to end under load; one killed at the end of its grace")
def asked_to_end(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    slowest = 0.0
    for name in (*RELAYS, *RELAYS):
        member = fleet.member(name)
        slowest = max(slowest, fleet.members.stop(member))
        fleet.members.start(member)
    trial.note(relay_ended_after_s=round(slowest, 1))
    trial.expect(slowest <= RELAY_ENDS_WITHIN_S, f"a relay took {slowest:.0f} s to end")
    for member in fleet.workers("notifications", "gamification", "certificates"):
        trial.note(**{f"{member.name}_ended_after_s": round(fleet.members.stop(member, seconds=60), 1)})
        fleet.members.start(member)
    yield
