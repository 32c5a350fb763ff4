"""Dead letters: what lies there, once more to work, or away with a reason."""

import dataclasses
import getpass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from learninghub.broker.dead_letters import DeadLetter, DeadQueues, Grave, Rows, Wanted, discard, replay
from learninghub.broker.transport import AmqpTransport
from learninghub.clock import now
from learninghub.registry import QUEUES

_LINE = "{queue:<14} {id!s:<36} {target:<40} {attempts:>3} {age:>8}  {reason}"
_HEADS = {"queue": "QUEUE", "id": "ID", "target": "TARGET", "attempts": "TRY", "age": "AGE", "reason": "REASON"}


class Command(BaseCommand):
    help = "List, show, replay or discard what was given up. Replaying twice changes nothing."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        shared = CommandParser(add_help=False)
        shared.add_argument("--queue", choices=QUEUES, help="of this queue alone")
        shared.add_argument("--event-id", type=UUID, help="of this id alone, as `list` shows it")
        shared.add_argument("--limit", type=int, default=100, help="at most so many; default: 100")
        shared.add_argument("--json", action="store_true", help="one JSON object a line")
        trial = CommandParser(add_help=False)
        trial.add_argument("--dry-run", action="store_true", help="say what it would be, and do nothing")
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", parents=[shared], help="a line for each")
        verbs.add_parser("show", parents=[shared], help="with what is in them")
        verbs.add_parser("replay", parents=[shared, trial], help="back to work, with all tries before them")
        away = verbs.add_parser("discard", parents=[shared, trial], help="throw away; the audit log keeps why")
        away.add_argument("--reason", required=True, help="why, for the audit log")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        self._as_json = options["json"]
        wanted = Wanted(queue=options["queue"], id=options["event_id"], limit=options["limit"])
        if verb == "discard" and not (wanted.queue or wanted.id):
            raise CommandError("Say which: --queue or --event-id.")
        is_trial = verb in {"list", "show"} or options["dry_run"]
        transport = AmqpTransport(settings.AMQP_URL) if settings.AMQP_URL else None
        graves: list[Grave] = [Rows()]
        if transport:
            graves.append(DeadQueues(settings.AMQP_URL, transport=transport))
        try:
            for grave in graves:
                if is_trial:
                    with grave.open(wanted) as found:
                        self._tell([one.letter for one in found], in_full=verb == "show")
                elif verb == "replay":
                    self._replay(grave, wanted)
                else:
                    self._tell(discard(grave, wanted, reason=options["reason"], who=getpass.getuser()))
        finally:
            if transport:
                transport.close()

    def _replay(self, grave: Grave, wanted: Wanted) -> None:
        went, stayed = replay(grave, wanted)
        self._tell(went)
        if stayed:
            self.stderr.write("These stay, for they cannot be read or the broker did not take them:")
            self._tell(stayed)

    def _tell(self, letters: list[DeadLetter], *, in_full: bool = False) -> None:
        if letters and not self._as_json:
            self.stdout.write(_LINE.format(**_HEADS))
        for letter in letters:
            fields = {name: getattr(letter, name) for name in ("queue", "id", "target", "attempts", "reason")}
            if in_full:
                fields["content"] = dataclasses.asdict(letter.envelope) if letter.envelope else letter.body
            if self._as_json:
                self.stdout.write(orjson.dumps(fields | {"died_at": letter.died_at}).decode())
                continue
            self.stdout.write(_LINE.format(**fields, age=_age(letter.died_at)))
            if in_full:
                self.stdout.write(orjson.dumps(fields["content"], option=orjson.OPT_INDENT_2).decode())


def _age(died_at: datetime | None) -> str:
    if died_at is None:
        return "?"
    minutes = max(0, int((now() - died_at).total_seconds())) // 60
    hours, days = minutes // 60, minutes // (60 * 24)
    return f"{days} d" if days else f"{hours} h" if hours else f"{minutes} min"
