"""Relays that die with a batch in their hands, and numbers that are given before their rows are seen."""

import time
from collections.abc import Iterator

import psycopg

from tests.faults.fleet import RELAYS
from tests.faults.trial import Trial, fault

LOCKS_OF_OLD = """
select count(*) from pg_locks l join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.classid = %s and a.xact_start < %s
"""
LOCK_SPACE = 0x4C48
EARLY = """
insert into learninghub_outboxmessage
    (message_id, kind, name, aggregate_type, aggregate_id, aggregate_version, partition, payload, headers,
     occurred_at, available_at, attempts, last_error)
select gen_random_uuid(), kind, name, aggregate_type, 'held ' || gen_random_uuid(), 1, number, payload, headers,
       now(), now(), 0, ''
from generate_series(0, 15) number,
     (select * from learninghub_outboxmessage where name = 'learninghub.forget_published' order by id limit 1) job
returning message_id
"""


@fault("F3", "relay killed between confirm and mark, ×20", is_quick=True)
def killed_before_mark(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    strikes = trial.times(20, 5)
    for number in range(strikes):
        fleet.members.strike(fleet.member(RELAYS[number % len(RELAYS)]), "relay.after_send")
    yield
    trial.note(strikes=strikes, doubles_in_the_broker=trial.sent_again)
    trial.expect(trial.sent_again > 0, f"{strikes} strikes and no message sent twice")


@fault("F4", "relay killed between claim and sending, ×10")
def killed_before_send(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    slowest = 0.0
    for number in range(trial.times(10, 3)):
        fleet.members.strike(fleet.member(RELAYS[number % len(RELAYS)]), "relay.before_send")
        ((struck,),) = fleet.ask("select clock_timestamp()")
        began = time.monotonic()
        trial.wait_for(lambda at=struck: fleet.ask(LOCKS_OF_OLD, LOCK_SPACE, at) == [(0,)], "a dead relay's lock stays")  # type: ignore[misc]
        slowest = max(slowest, time.monotonic() - began)
    trial.note(locks_gone_after_s=round(slowest, 2))
    trial.expect(slowest <= 5, f"a dead relay's lock was there for {slowest:.1f} s")
    yield


@fault("F22", "a transaction of a minute holds early outbox numbers")
def early_numbers(trial: Trial) -> Iterator[None]:
    fleet = trial.fleet
    with psycopg.connect(fleet.servers.database.database("hub"), application_name="witness") as held:
        early = [row[0] for row in held.execute(EARLY)]
        trial.pass_time(trial.times(60, 10))
    yield
    ((left,),) = fleet.ask(
        "select count(*) from learninghub_outboxmessage where message_id = any(%s) and published_at is null", early
    )
    ((later,),) = fleet.ask(
        """select count(*) from learninghub_outboxmessage
        where id > (select max(id) from learninghub_outboxmessage where message_id = any(%s))""",
        early,
    )
    trial.note(held=len(early), later_ones=later)
    trial.expect(len(early) == 16 and later > 0, "nothing overtook them")
    trial.expect(left == 0, f"{left} messages that were numbered early never left")
