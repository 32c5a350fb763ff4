"""The checker finds every breach, tells it from all others, and finds none where all is well."""

import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from apps.certificates import clients
from config.demo import people
from config.invariants import BY_CODE, INVARIANTS
from config.invariants.checking import EXAMPLES, check
from config.invariants.invariant import Breaches, Invariant
from learninghub.outbox.models import InboxEntry, OutboxMessage
from tests.invariants.breaches import BREACHES
from tests.invariants.selling import sell
from tests.support.courses import make_course
from tests.support.http import Client


@pytest.fixture
def story(
    db: None,
    deliver_all: Callable[[], int],
    client: Client,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole demo, a shop's day, at rest, and somebody who logged in: something of everything."""
    monkeypatch.setattr(clients, "draw", lambda _: b"%PDF-1.7")  # half a second each
    call_command("load_demo")
    sell(deliver_all)
    client.post("auth/token/", {"email": people.LEARNER.email, "password": people.PASSWORD})
    deliver_all()
    # What processes of other tests have done in this database.
    InboxEntry.objects.exclude(message_id__in=OutboxMessage.objects.values("message_id")).delete()
    capsys.readouterr()


def run(*words: str) -> int:
    try:
        call_command("audit_invariants", *words)
    except SystemExit as end:
        return int(str(end.code))
    return 0


def breached() -> list[str]:
    return [one.code for one in check(INVARIANTS) if one.breaches]


@pytest.mark.out_of_order
def test_each_breach_is_found_and_nothing_else_is_called_one(story: None):
    assert breached() == []
    found = {}
    for code, breach in BREACHES.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(breach)
                assert cursor.rowcount > 0, f"{code}: the breach changes nothing"
            found[code] = breached()
            transaction.set_rollback(True)
    assert found == {code: [code] for code in BREACHES}


def test_every_invariant_has_its_breach():
    assert list(BREACHES) == list(BY_CODE)


def test_the_command_writes_json_and_ends_with_1_at_a_breach(db: None, capsys: pytest.CaptureFixture[str]):
    assert run() == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["checked"], report["breached"]) == (len(INVARIANTS) - 1, [])  # the store is asked on request

    course = make_course()
    with connection.cursor() as cursor:
        cursor.execute("update courses_course set created_at = now() - interval '1 hour', learners = 7")
    assert run("--only", "E1,E2") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["breached"] == ["E2"]
    [kept, broken] = report["invariants"]
    assert (kept["code"], kept["breaches"], kept["examples"]) == ("E1", 0, [])
    assert (broken["code"], broken["breaches"]) == ("E2", 1)
    assert broken["examples"] == [[str(course.id), "7 learners in the catalogue, 0 enrolled"]]


def test_an_unknown_code_is_named():
    with pytest.raises(CommandError, match=r"There is no X9; there are E1, "):
        call_command("audit_invariants", "--only", "E1,X9")


def test_many_breaches_are_counted_and_few_are_shown(db: None):
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learninghub_scheduledrun (name, due_at)"
            " select 'job ' || n, now() - interval '1 hour' from generate_series(1, 30) n"
        )
    [found] = check([BY_CODE["O6"]])
    assert (found.breaches, len(found.examples)) == (30, EXAMPLES)


@pytest.mark.django_db(transaction=True)
def test_all_is_seen_in_one_picture_that_cannot_be_written_to():
    seen = []

    def look() -> Breaches:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('transaction_isolation'), current_setting('transaction_read_only')")
            seen.append(cursor.fetchone())
        return ()

    check([Invariant(code="X1", promise="It is so.", look=look)])
    assert seen == [("repeatable read", "on")]
