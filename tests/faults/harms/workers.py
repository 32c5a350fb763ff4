"""Workers that die with work in their hands."""

from collections.abc import Iterator

from tests.faults.harms.messages import copy_of_a_fact, publish
from tests.faults.trial import Trial, fault

BUSY = ("notifications", "gamification", "courses", "certificates", "enrollments")
RUNS_OF_POISON = 6  # the delivery limit, and the first


@fault("F1", "worker killed with its children, mid-work, ×10", is_quick=True)
def worker_killed(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    before = fleet.counters().redelivered
    for number in range(trial.times(10, 4)):
        member = fleet.member(f"work-{BUSY[number % len(BUSY)]}")
        trial.wait_for(lambda m=member: m.lives, "the worker is not started again")  # type: ignore[misc]
        fleet.members.freeze(member)  # so that it surely holds what it is sent meanwhile
        trial.pass_time(trial.chance.uniform(0.5, 1.5))
        fleet.members.kill(member)
    yield
    again = fleet.counters().redelivered - before
    trial.expect(again >= 1, "nothing was redelivered: no worker died with work in its hands")


@fault(
    "F2",
    "pool children killed ×10, out of memory, too heavy; a message that kills whoever takes it (6 runs, then dead)",
)
def children_die(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    poisoned = fleet.member("work-payments")  # whose queue nobody else uses
    words = "crash point deliver.before_commit"
    before = poisoned.said().count(words)
    poisoned.orders.write_text("deliver.before_commit")
    publish(fleet, "payments", copy_of_a_fact(fleet))
    killed = 0
    for number in range(trial.times(10, 3)):
        member = fleet.member(f"work-{BUSY[number % len(BUSY)]}")
        killed += fleet.members.kill_child(member, choose=trial.chance.randrange(8))
        trial.pass_time(trial.chance.uniform(0.3, 1.0))
    _run_out_of_memory(trial)
    _grow_too_heavy(trial)
    trial.wait_for(lambda: fleet.dead_letters_of("payments") == 1, "the poison does not die", seconds=120)
    poisoned.orders.write_text("")
    runs = poisoned.said().count(words) - before
    trial.note(children_killed=killed, runs_of_the_poison=runs)
    trial.expect(killed > 0, "no child was killed")
    trial.expect(runs == RUNS_OF_POISON, f"the poison ran {runs} times, not {RUNS_OF_POISON}")
    fleet.purge_dead_letters("payments")
    yield


def _run_out_of_memory(trial: Trial) -> None:
    """The children have work in their hands when they ask for more memory than there is."""
    fleet, worker = trial.fleet, trial.fleet.member("work-notifications")
    before = fleet.counters().redelivered
    fleet.members.freeze_children(worker)
    trial.wait_for(lambda: fleet.depths()["notifications"] >= 2, "the worker gets too little to do")
    dead = fleet.members.swell_children(worker, room_mb=50)
    fleet.members.thaw(worker)
    trial.wait_for(lambda: not any(child.is_running() for child in dead), "a child lives without memory")
    trial.wait_for(lambda: fleet.counters().redelivered > before, "what it had in its hands does not come again")
    trial.note(out_of_memory=len(dead))


def _grow_too_heavy(trial: Trial) -> None:
    """A child that weighs more than `worker_max_memory_per_child` ends its task and is replaced; nobody kills it."""
    fleet, worker = trial.fleet, trial.fleet.member("work-gamification")
    heavy = fleet.members.swell_children(worker)
    trial.wait_for(lambda: not all(child.is_running() for child in heavy), "a heavy child works on and on")
    trial.note(replaced_for_their_weight=sum(not child.is_running() for child in heavy))


@fault("F5", "worker killed between commit and acknowledgement, ×10", is_quick=True)
def killed_before_ack(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    before = fleet.counters().redelivered
    strikes = trial.times(10, 3)
    for number in range(strikes):
        member = fleet.member(f"work-{BUSY[number % 3]}")
        trial.wait_for(lambda m=member: m.lives, "the worker is not started again")  # type: ignore[misc]
        fleet.members.strike_child(member, "deliver.after_commit")
        if number % 2:
            fleet.members.kill(member)
    yield
    again = fleet.counters().redelivered - before
    trial.note(strikes=strikes)
    trial.expect(again >= strikes, f"{strikes} died before they acknowledged, and {again} messages came again")
