"""The broker goes, hangs, blocks, or can no longer be reached."""

import time
from collections.abc import Iterator

from sandbox.tcp import Manner
from tests.faults.asking import Down
from tests.faults.trial import Trial, fault

STUCK_FOR = """
select coalesce(max(extract(epoch from clock_timestamp() - state_change)), 0) from pg_stat_activity
where datname = 'hub' and state like 'idle in transaction%%' and application_name <> 'witness'
"""
MAY_WAIT_S = 10


@fault("F6", "broker stopped and started, ×3", is_quick=True)
def stopped(trial: Trial) -> Iterator[None]:
    broker = trial.fleet.servers.broker
    began = time.monotonic()
    for _ in range(trial.times(3, 1)):
        trial.fleet.stop_broker()
        trial.pass_time(5)
        broker.start_app()
        trial.pass_time(3)
    yield
    _api_goes_on(trial, since=began)


@fault("F7", "broker's connections closed every 2 s for 20 s")
def connections_closed(trial: Trial) -> Iterator[None]:
    began = time.monotonic()
    while time.monotonic() < began + trial.times(20, 6):
        trial.fleet.servers.broker.close_connections()
        trial.pass_time(1)  # and one for rabbitmqctl itself
    yield
    _api_goes_on(trial, since=began)


@fault("F8", "broker under alarm, frozen, then a black hole, 20 s each")
def alarmed_and_frozen(trial: Trial) -> Iterator[None]:
    servers = trial.fleet.servers
    began = time.monotonic()
    worst = 0.0
    seconds = trial.times(20, 8)
    servers.broker.raise_alarm()
    worst = max(worst, _longest_wait(trial, seconds))
    servers.broker.clear_alarm()
    trial.pass_time(2)
    servers.broker.freeze()
    worst = max(worst, _longest_wait(trial, seconds))
    servers.broker.thaw()
    trial.pass_time(2)
    servers.line.manner = Manner.BLACK_HOLE
    worst = max(worst, _longest_wait(trial, seconds))
    servers.line.manner = Manner.PASS
    servers.line.reset()
    yield
    trial.note(longest_wait_in_a_transaction_s=round(worst, 1))
    trial.expect(worst <= MAY_WAIT_S, f"somebody waited {worst:.1f} s for the broker inside a transaction")
    _api_goes_on(trial, since=began)


def _longest_wait(trial: Trial, seconds: float) -> float:
    """Watches for so long, and gives how long anyone held a transaction open without asking the database anything."""
    end, longest = time.monotonic() + seconds, 0.0
    while time.monotonic() < end:
        try:
            longest = max(longest, float(trial.fleet.ask(STUCK_FOR)[0][0]))
        except Down:
            continue
        trial.pass_time(0.5)
    return longest


def _api_goes_on(trial: Trial, *, since: float) -> None:
    """No request needs the broker."""
    tries = [one for one in trial.crowd.tries if one.began >= since]
    failed = [one for one in tries if not 0 < one.status < 500]
    trial.expect(not failed, f"{len(failed)} of {len(tries)} requests failed: {failed[:3]}")
